from __future__ import annotations

import hashlib
import io
from random import Random

import pyrage
import pytest

from sigcli.errors import BackupFileInvalid, BackupNotOpened
from sigcli.protocol import age_file
from sigcli.protocol.age_file import CHUNK_LENGTH, Encryptor, Identity, Passphrase, read_identity

WORDS = "correct horse battery staple"
# The file "scrypt" of the age tool's own tests (testdata/testkit), whose passphrase costs little work.
FILE_OF_AGE = (
    b"age-encryption.org/v1\n"
    b"-> scrypt rF0/NwblUHHTpgQgRpe5CQ 10\n"
    b"gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n"
    b"--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n"
) + bytes.fromhex("1b35c6e687dd00da3ac379ac9f742c21fd185a1b9e3ded739d14ac6a9a50124db866d8")
LENGTHS = [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 2 * CHUNK_LENGTH, 150_000]


@pytest.fixture(autouse=True)
def _easy_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age_file, "SCRYPT_LOG_N", 8)


def encrypted(data: bytes, opener: Passphrase | Identity) -> bytes:
    encryptor = Encryptor(opener)
    parts = [encryptor.header]
    parts += [encryptor.update(data[at : at + 70_000]) for at in range(0, len(data), 70_000)]
    return b"".join([*parts, encryptor.finish()])


def decrypted(file: bytes, opener: Passphrase | Identity) -> bytes:
    return b"".join(age_file.decrypt(io.BytesIO(file).read, opener))


@pytest.mark.parametrize("length", LENGTHS)
def test_age_opens_what_is_written_and_the_other_way_round(length: int) -> None:
    data = Random(length).randbytes(length)
    file = encrypted(data, Passphrase(WORDS))
    assert decrypted(file, Passphrase(WORDS)) == data
    assert pyrage.passphrase.decrypt(file, WORDS) == data
    theirs = pyrage.x25519.Identity.generate()
    ours = read_identity(f"# created by a test\n{theirs}\n")
    assert pyrage.decrypt(encrypted(data, ours), [theirs]) == data
    assert decrypted(pyrage.encrypt(data, [theirs.to_public()]), ours) == data


def test_a_passphrase_of_the_age_tool_opens() -> None:
    content = decrypted(FILE_OF_AGE, Passphrase("password"))
    assert hashlib.sha256(content).hexdigest() == (
        "013f54400c82da08037759ada907a8b864e97de81c088a182062c4b5622fd2ab"
    )


def test_another_passphrase_or_key_opens_nothing() -> None:
    file = encrypted(b"content", Passphrase(WORDS))
    for opener in (Passphrase("something else"), Identity(bytes(range(32)))):
        with pytest.raises(BackupNotOpened):
            decrypted(file, opener)


@pytest.mark.parametrize("place", [0, 30, 60, 120, 170, 200, -1])
def test_a_damaged_file_is_noticed(place: int) -> None:
    file = bytearray(encrypted(bytes(100), Passphrase(WORDS)))
    file[place] ^= 1
    with pytest.raises((BackupFileInvalid, BackupNotOpened)):
        decrypted(bytes(file), Passphrase(WORDS))


@pytest.mark.parametrize("missing", [1, 16, CHUNK_LENGTH // 2, CHUNK_LENGTH + 16])
def test_a_cut_file_is_noticed(missing: int) -> None:
    file = encrypted(bytes(2 * CHUNK_LENGTH), Passphrase(WORDS))
    with pytest.raises(BackupFileInvalid):
        decrypted(file[:-missing], Passphrase(WORDS))


@pytest.mark.parametrize("work", [b"0", b"25", b"1" * 5000, b"-8", b"x"])
def test_work_without_end_is_refused(work: bytes) -> None:
    file = encrypted(b"content", Passphrase(WORDS))
    line, _, rest = file.partition(b" 8\n")
    with pytest.raises(BackupFileInvalid, match="more work"):
        decrypted(line + b" " + work + b"\n" + rest, Passphrase(WORDS))


def test_a_passphrase_is_tried_once() -> None:
    file = encrypted(b"content", Passphrase(WORDS))
    start, end = file.index(b"-> "), file.index(b"---")
    twice = file[:end] + file[start:]
    with pytest.raises(BackupFileInvalid):
        decrypted(twice, Passphrase("something else"))


def test_a_header_without_end_is_refused() -> None:
    endless = b"age-encryption.org/v1\n-> " + b"x" * 1_000_000
    source = io.BytesIO(endless)
    with pytest.raises(BackupFileInvalid):
        next(age_file.decrypt(source.read, Passphrase(WORDS)))
    assert source.tell() < 100_000


@pytest.mark.parametrize("text", ["", "# nothing", "AGE-SECRET-KEY-1QQQQ", "no key", "age1xyz"])
def test_what_is_no_key_file_is_refused(text: str) -> None:
    with pytest.raises(BackupNotOpened):
        read_identity(text)


def test_secrets_are_not_printed() -> None:
    assert WORDS not in repr(Passphrase(WORDS))
    assert "1, 2" not in repr(Identity(bytes(range(32))))
