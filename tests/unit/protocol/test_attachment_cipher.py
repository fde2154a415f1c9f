"""Attachments as streams."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidKey, InvalidMessage, ProtocolError
from sigcli.protocol.attachment_cipher import (
    AttachmentEncryptor,
    AttachmentKey,
    EncryptedAttachment,
    IncrementalMac,
    blob_size,
    decrypt_attachment,
    generate_key,
    padded_size,
)
from tests.unit.protocol.hostile_bytes import hostile

RANDOM = Random("attachments")
KEY = generate_key(RANDOM.randbytes)
TEXT = RANDOM.randbytes(3_000)
CHUNK = 64 * 1024


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def encrypt(data: bytes, piece: int = 1_000) -> tuple[bytes, EncryptedAttachment]:
    encryptor = AttachmentEncryptor(KEY, plaintext_size=len(data), iv=bytes(16))
    blob = b"".join(encryptor.encrypt(cut(data, piece)))
    return blob, encryptor.result()


BLOB, RESULT = encrypt(TEXT)


def decrypt(blob: bytes, result: EncryptedAttachment = RESULT, piece: int = 1_000) -> bytes:
    pieces = decrypt_attachment(
        cut(blob, piece),
        KEY,
        digest=result.digest,
        plaintext_size=result.plaintext_size,
        incremental_mac=result.incremental_mac,
    )
    return b"".join(pieces)


@given(st.integers(0, 2_500), st.integers(1, 600), st.integers(1, 600))
def test_any_size_in_any_pieces(size: int, piece_in: int, piece_out: int) -> None:
    blob, result = encrypt(TEXT[:size], piece_in)
    assert (blob, result) == encrypt(TEXT[:size])
    assert len(blob) == result.blob_size == blob_size(size)
    assert decrypt(blob, result, piece_out) == TEXT[:size]


@given(st.integers(0, 2**40))
def test_padding_grows_by_steps_of_five_percent(size: int) -> None:
    padded = padded_size(size)
    assert padded >= max(size, 541)
    assert padded <= max(541, size * 1.05 + 1)
    assert padded_size(padded) == padded


def test_the_padding_is_zeros_and_is_cut_off() -> None:
    blob, result = encrypt(b"text")
    pieces = decrypt_attachment([blob], KEY, digest=result.digest)
    assert b"".join(pieces) == b"text".ljust(541, b"\0")
    with pytest.raises(InvalidMessage, match="shorter"):
        list(decrypt_attachment([blob], KEY, digest=None, plaintext_size=542))


@pytest.mark.parametrize("with_incremental_mac", [True, False])
@pytest.mark.parametrize("index", [0, 20, 1_500, -33, -1])
def test_nothing_forged_is_declared_good(index: int, with_incremental_mac: bool) -> None:
    broken = bytearray(BLOB)
    broken[index] ^= 1
    result = RESULT if with_incremental_mac else replace(RESULT, incremental_mac=None)
    with pytest.raises(InvalidMessage):
        decrypt(bytes(broken), result)
    # The MAC alone finds it too.
    with pytest.raises(InvalidMessage):
        list(decrypt_attachment([bytes(broken)], KEY, digest=None))


def test_the_last_piece_waits_for_the_verdict() -> None:
    """However the blob is cut, a forgery never yields the whole plaintext."""
    broken = BLOB[:-1] + bytes([BLOB[-1] ^ 1])
    for piece in (1, 16, 700, len(BLOB)):
        got: list[bytes] = []
        parts = decrypt_attachment(
            cut(broken, piece), KEY, digest=RESULT.digest, plaintext_size=len(TEXT)
        )
        with pytest.raises(InvalidMessage):
            got.extend(parts)
        assert sum(map(len, got)) < len(TEXT)


def test_a_digest_of_something_else() -> None:
    with pytest.raises(InvalidMessage, match="digest"):
        decrypt(BLOB, replace(RESULT, digest=bytes(32)))
    with pytest.raises(InvalidMessage, match="digest"):
        decrypt(BLOB, replace(RESULT, digest=b""))


def test_an_incremental_mac_finds_a_forgery_early() -> None:
    data = bytes(10 * CHUNK)
    blob, result = encrypt(data)
    assert result.incremental_mac is not None
    assert result.incremental_mac.chunk_size == CHUNK
    broken = bytearray(blob)
    broken[CHUNK] ^= 1
    taken = 0

    def feed() -> Iterator[bytes]:
        nonlocal taken
        for piece in cut(bytes(broken), 4_096):
            taken += len(piece)
            yield piece

    with pytest.raises(InvalidMessage, match="part"):
        list(
            decrypt_attachment(
                feed(), KEY, digest=result.digest, incremental_mac=result.incremental_mac
            )
        )
    assert taken <= 2 * CHUNK + 4_096


@pytest.mark.parametrize(
    "mac",
    [
        IncrementalMac(b"", CHUNK),
        IncrementalMac(bytes(31), CHUNK),
        IncrementalMac(bytes(32), 0),
        IncrementalMac(bytes(32), -1),
        IncrementalMac(bytes(32), CHUNK),
        IncrementalMac(bytes(32), 1),
        IncrementalMac(bytes(32 * 100), CHUNK),
    ],
)
def test_bad_incremental_macs(mac: IncrementalMac) -> None:
    with pytest.raises(InvalidMessage):
        decrypt(BLOB, replace(RESULT, incremental_mac=mac))


def test_memory_does_not_grow_with_the_attachment() -> None:
    piece = bytes(CHUNK)

    def peak(pieces: int) -> int:
        encryptor = AttachmentEncryptor(KEY, plaintext_size=pieces * CHUNK)
        tracemalloc.start()
        blob = encryptor.encrypt(piece for _ in range(pieces))
        size = sum(map(len, decrypt_attachment(blob, KEY, digest=None)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size >= pieces * CHUNK
        return most

    assert peak(160) < peak(40) + 100_000


def test_misuse() -> None:
    with pytest.raises(InvalidKey):
        AttachmentEncryptor(AttachmentKey(bytes(32)))
    with pytest.raises(InvalidKey):
        list(decrypt_attachment([], AttachmentKey(b""), digest=None))
    encryptor = AttachmentEncryptor(KEY, plaintext_size=5)
    with pytest.raises(InvalidMessage, match="size"):
        list(encryptor.encrypt([b"four"]))
    with pytest.raises(InvalidMessage):
        encryptor.result()
    assert AttachmentEncryptor(KEY).iv != AttachmentEncryptor(KEY).iv


@given(hostile(BLOB), st.integers(1, 4_000))
def test_hostile_blobs(blob: bytes, piece: int) -> None:
    try:
        plain = b"".join(
            decrypt_attachment(cut(blob, piece), KEY, digest=None, plaintext_size=len(TEXT))
        )
    except ProtocolError:
        return
    assert plain == TEXT
