"""`sigcli backup` and `restore`: an account goes on from a backup that is behind, and no message is lost in silence."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from tests.support.killing import run_until_step
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

STOPPED = "--yes-the-other-is-stopped"
STRIDE = 4


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path) as running:
        yield running


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("correct horse battery staple\n")
    return path


def empty_device(sandbox: SandboxProcess, tmp_path: Path, name: str) -> Sigcli:
    return Sigcli(tmp_path / name, sandbox.environment_file)


def talk(one: Sigcli, other: Sigcli, *words: str) -> None:
    assert one.account is not None
    assert other.account is not None
    for word in words:
        one.run("send", "-m", word, other.account)
        assert texts(other) == [word]
        other.run("send", "-m", f"re: {word}", one.account)
        assert texts(one) == [f"re: {word}"]


def test_an_account_goes_on_from_a_backup_that_is_behind(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    assert alice.account is not None
    assert bob.account is not None
    talk(alice, bob, "before")
    group = alice.run("--json", "updateGroup", "-n", "Club", "-m", bob.account).json["groupId"]
    bob.run("receive")
    bob.run("send", "-g", group, "-m", "to the group, before")
    assert texts(alice) == ["to the group, before"]
    alice.run("send", "-g", group, "-m", "answer in the group, before")
    bob.run("receive")
    file = tmp_path / "alice.age"
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    assert file.stat().st_mode & 0o777 == 0o600
    # What the first machine does after the backup, the restored account knows nothing of.
    talk(alice, bob, "after", "and once more")
    alice.run("send", "-g", group, "-m", "in the group, after")
    bob.run("receive")
    # On their way while nobody receives for Alice.
    bob.run("send", "-m", "missed one", alice.account)
    bob.run("send", "-g", group, "-m", "missed in the group")

    restored = empty_device(sandbox, tmp_path, "restored")
    restored.run("restore", str(file), "--passphrase-file", str(passphrase), STOPPED)
    first = envelopes(restored)
    printed = [
        envelope["dataMessage"]["message"] for envelope in first if envelope.get("dataMessage")
    ]
    # What was not read is asked for, and comes once Bob answers.
    bob.run("receive")
    printed += texts(restored)
    assert sorted(set(printed)) == ["missed in the group", "missed one"]
    restored.account = alice.account
    talk(restored, bob, "from the restored account")
    restored.run("send", "-g", group, "-m", "in the group again")
    assert texts(bob) == ["in the group again"]
    bob.run("send", "-g", group, "-m", "heard in the group")
    assert texts(restored) == ["heard in the group"]


def test_what_a_restored_account_sends_uses_no_key_twice(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    assert bob.account is not None
    talk(alice, bob, "before")
    file = tmp_path / "alice.age"
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    alice.run("send", "-m", "from the first machine", bob.account)
    restored = empty_device(sandbox, tmp_path, "restored")
    restored.run("restore", str(file), "--passphrase-file", str(passphrase), STOPPED, "--offline")
    restored.run("send", "-m", "from the second machine", bob.account)
    assert texts(bob) == ["from the first machine", "from the second machine"]
    (database,) = restored.data_dir.glob("*/account.db")
    connection = sqlite3.connect(database)
    (sent,) = connection.execute("SELECT count(*) FROM send_log").fetchone()
    connection.close()
    assert sent >= 1


def test_the_file_is_one_that_age_opens(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice = sandbox.account()
    file, key_file = tmp_path / "one.age", tmp_path / "key.txt"
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    words = passphrase.read_text().strip()
    assert b"manifest.json" in pyrage.passphrase.decrypt(file.read_bytes(), words)
    identity = pyrage.x25519.Identity.generate()
    key_file.write_text(f"# made by a test\n{identity}\n")
    told = alice.run("--json", "backup", str(file), "--key-file", str(key_file))
    assert told.json == {"file": str(file), "size": file.stat().st_size}
    assert b"account.db" in pyrage.decrypt(file.read_bytes(), [identity])
    restored = empty_device(sandbox, tmp_path, "restored")
    restored.run("restore", str(file), "--key-file", str(key_file), STOPPED)
    assert restored.run("--json", "listAccounts").json[0]["number"] == alice.account


def test_what_is_refused_changes_nothing(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice = sandbox.account()
    file, wrong = tmp_path / "alice.age", tmp_path / "wrong"
    wrong.write_text("something else\n")
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    whole = file.read_bytes()
    damaged, cut, other = (tmp_path / name for name in ("damaged", "cut", "other"))
    damaged.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    cut.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"PK" + whole)
    here = empty_device(sandbox, tmp_path, "here")
    for path, secret, options, code in (
        (file, passphrase, (), "otherMayRun"),
        (file, wrong, (STOPPED,), "backupNotOpened"),
        (damaged, passphrase, (STOPPED,), "backupFileInvalid"),
        (cut, passphrase, (STOPPED,), "backupFileInvalid"),
        (other, passphrase, (STOPPED,), "backupFileInvalid"),
        (tmp_path / "missing", passphrase, (STOPPED,), "noSuchFile"),
    ):
        words = ("--json", "restore", str(path), "--passphrase-file", str(secret), *options)
        assert here.run(*words, exit_code=1).json_error["code"] == code
        assert here.run("--json", "listAccounts").json == []
        assert not list(here.data_dir.glob("**/account.db"))
    words = ("--json", "restore", str(file), "--passphrase-file", str(passphrase), STOPPED)
    assert alice.run(*words, exit_code=1).json_error["code"] == "accountExists"
    assert here.run("backup", str(tmp_path / "none"), exit_code=1).stdout == ""
    assert not (tmp_path / "none").exists()


def test_a_backup_is_made_while_an_account_receives(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    assert alice.account is not None
    talk(alice, bob, "nobody's attachments are fetched before they are known")
    receiving = alice.start("--json", "receive", "-t", "-1")
    picture = tmp_path / "picture.bin"
    picture.write_bytes(bytes(range(256)) * 4096)
    bob.run("send", "-m", "with a file", "-a", str(picture), alice.account)
    envelope = receiving.read_json()["envelope"]
    while not envelope.get("dataMessage"):
        envelope = receiving.read_json()["envelope"]
    (attachment,) = envelope["dataMessage"]["attachments"]
    file = tmp_path / "alice.age"
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    receiving.terminate()
    receiving.wait()
    restored = empty_device(sandbox, tmp_path, "restored")
    restored.run("restore", str(file), "--passphrase-file", str(passphrase), STOPPED, "--offline")
    (copy,) = restored.data_dir.glob(f"*/attachments/{attachment['id']}*")
    assert copy.read_bytes() == picture.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_a_kill_leaves_all_or_nothing(
    sandbox: SandboxProcess, tmp_path: Path, passphrase: Path
) -> None:
    alice = sandbox.account()
    file = tmp_path / "alice.age"
    alice.run("backup", str(file), "--passphrase-file", str(passphrase))
    words = ("restore", str(file), "--passphrase-file", str(passphrase), STOPPED, "--offline")
    for step in itertools.count(1, STRIDE):
        here = empty_device(sandbox, tmp_path, f"killed{step}")
        is_over = not run_until_step(here, step, *words)
        accounts = here.run("--json", "listAccounts").json
        if is_over:
            assert [one["number"] for one in accounts] == [alice.account]
            break
        if not accounts:
            here.run(*words)
        assert here.run("--json", "listContacts").json == []
    assert step > STRIDE
