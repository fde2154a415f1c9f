"""What people run into: odd words, pipes, names of new people, other people's directories, scripts for signal-cli."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sigcli.sandbox.server import Sandbox
from tests.support.shell import shell
from tests.support.sigcli_process import Sigcli

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Register = Callable[..., Sigcli]


@pytest.fixture
def alice(register: Register) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Register) -> Sigcli:
    return register("bob")


def number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


def received(device: Sigcli) -> list[dict[str, object]]:
    return [line["envelope"] for line in device.run("--json", "receive").json_lines]


def test_attachments_from_pipes(alice: Sigcli, bob: Sigcli, tmp_path: Path) -> None:
    bob.run("send", "-m", "hello", number(alice))  # who is no stranger then
    alice.run("receive")
    (tmp_path / "log").write_text("line\n" * 1000)
    for line in (
        f"cat {tmp_path}/log | sigcli send {number(bob)} -m x -a -",
        f"sigcli send {number(bob)} -m x -a /dev/stdin < {tmp_path}/log",
        f"bash -c 'sigcli send {number(bob)} -m x -a <(cat {tmp_path}/log)'",
    ):
        finished = shell(alice, line)
        assert (finished.returncode, finished.stderr) == (0, ""), line
    bob.run("receive")
    assert [one["size"] for one in bob.run("--json", "listAttachments").json] == [5000] * 3
    assert not list(alice.data_dir.rglob(".new-*"))
    empty = shell(alice, f": | sigcli send {number(bob)} -a -")
    assert (empty.returncode, "gives nothing" in empty.stderr) == (1, True)
    both = shell(alice, f"echo x | sigcli send {number(bob)} -a - --message-from-stdin")
    assert (both.returncode, "not both" in both.stderr) == (1, True)


def test_words_are_read_as_people_write_them(alice: Sigcli, bob: Sigcli) -> None:
    digits = number(bob).removeprefix("+")
    for word in (f"tel:+{digits}", f"\u202a+{digits[:4]} {digits[4:]}\u202c"):
        alice.run("send", "-m", "x", word)
    for words, hint in (
        ((f"00{digits}",), f"+{digits}"),
        ((digits,), f"+{digits}"),
        (("name.42",), "u:name.42"),
        (("-g", "A" * 43 + "=", number(bob)), "listGroups"),
        (("A" * 43 + "=",), "-g"),
        (("-u", number(alice), number(bob)), "--account"),
        (("-a", number(alice), number(bob)), "--account"),
    ):
        refused = alice.run("send", "-m", "x", *words, exit_code=1)
        assert hint in refused.stderr, words
        assert refused.stdout == ""


def test_pictures_are_data_uris_too_and_may_be_too_large(alice: Sigcli, tmp_path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode().rstrip("=")
    alice.run("updateProfile", "--given-name", "Alice", "--avatar", uri)
    assert base64.b64decode(alice.run("getAvatar", "-p", number(alice)).stdout) == PNG
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    for words in (
        ("updateProfile", "--avatar", str(large)),
        ("updateGroup", "-n", "Team", "-a", str(large)),
    ):
        refused = alice.run("--json", *words, exit_code=1)
        assert refused.json_error["code"] == "pictureTooLarge"
    broken = alice.run("updateProfile", "--avatar", uri + "?" * 100_000, exit_code=1)
    assert len(broken.stderr) < 1000


def test_a_new_person_has_a_name_at_once(alice: Sigcli, bob: Sigcli) -> None:
    alice.run("updateProfile", "--given-name", "Alice", "--family-name", "Adams")
    alice.run("send", "-m", "hello", number(bob))
    (envelope,) = [one for one in received(bob) if "dataMessage" in one]
    assert envelope["sourceName"] == "Alice Adams"


def test_what_comes_right_after_forgetting_is_read(alice: Sigcli, bob: Sigcli) -> None:
    for sender, receiver in ((alice, bob), (bob, alice), (alice, bob)):
        sender.run("send", "-m", "known", number(receiver))
        receiver.run("receive")
    bob.run("removeContact", "--forget", number(alice))
    alice.run("send", "-m", "still there?", number(bob))
    lines = bob.run("--json", "receive").json_lines
    assert not any("exception" in line for line in lines)
    assert "still there?" in [
        line["envelope"].get("dataMessage", {}).get("message") for line in lines
    ]


def test_sentences_and_codes_that_scripts_know(
    alice: Sigcli, bob: Sigcli, in_sandbox: Callable[[str], Sigcli]
) -> None:
    nobody = "+15559999"
    unknown = alice.run("-a", nobody, "send", "-m", "x", number(bob), exit_code=1)
    assert f"User {nobody} is not registered." in unknown.stderr
    sent = alice.run("--json", "send", "-m", "x", nobody, exit_code=1)
    assert (
        f'Unregistered user "{nobody}"' in alice.run("send", "-m", "x", nobody, exit_code=1).stderr
    )
    assert [one["type"] for one in sent.json["results"]] == ["UNREGISTERED_FAILURE"]
    new = in_sandbox("new")
    new.account = "+15558800"
    assert "Captcha required for verification" in new.run("register", exit_code=1).stderr
    again = alice.run("--json", "verify", "123456", exit_code=3)
    assert again.json_error["code"] == "alreadyVerified"
    alice.run("--acc", number(alice), "--out", "json", "receive", "--max-messages", "0")
    assert alice.run("listContacts", "--blocked", "anything").exit_code == 0
    made = alice.run("--json", "updateGroup", "--n", "Team").json
    unchanged = alice.run("--json", "updateGroup", "-g", made["groupId"], "-n", "Team").json
    assert unchanged["results"] == []


def test_a_changed_key_is_trusted_as_the_hint_says(
    alice: Sigcli, bob: Sigcli, register: Register
) -> None:
    alice.run("send", "-m", "before", number(bob))
    again = register("bob's new phone", number(bob))
    refused = alice.run("send", "-m", "after", number(bob), exit_code=4)
    assert "sigcli trust RECIPIENT -v 'SAFETY NUMBER'" in refused.stderr
    assert f'Untrusted Identity for "{number(bob)}"' in refused.stderr
    (listed,) = alice.run("--json", "listIdentities", "-n", number(bob)).json
    alice.run("trust", number(bob), "-v", listed["safetyNumber"])
    alice.run("send", "-m", "after", number(bob))
    assert again.account == number(bob)


def test_a_directory_that_others_write_to_is_refused_by_all(alice: Sigcli, bob: Sigcli) -> None:
    alice.data_dir.chmod(0o777)
    sent = alice.run("--json", "send", "-m", "x", number(bob), exit_code=1)
    assert sent.json_error["code"] == "dataDirectoryUnsafe"
    checks = {one["name"]: one for one in alice.run("--json", "doctor", exit_code=1).json["checks"]}
    assert checks["account"]["status"] == "failed"
    assert checks["account"]["hint"] == sent.json_error["hint"]
    alice.data_dir.chmod(0o700)
    alice.run("send", "-m", "x", number(bob))


def test_a_directory_that_cannot_be_made_is_judged_alike(
    in_sandbox: Callable[[str], Sigcli],
) -> None:
    sigcli = in_sandbox("nowhere")
    sigcli.environment["SIGCLI_DATA_DIR"] = "/dev/null/data"
    linking = sigcli.run("--json", "send", "-m", "x", "--note-to-self", exit_code=1)
    checks = {
        one["name"]: one for one in sigcli.run("--json", "doctor", exit_code=1).json["checks"]
    }
    assert checks["dataDirectory"]["status"] == "failed"
    assert checks["dataDirectory"]["hint"] == linking.json_error["hint"]


def test_an_expired_text_leaves_the_disk_while_a_receiver_runs(
    alice: Sigcli, bob: Sigcli, sandbox: Sandbox
) -> None:
    del sandbox
    for sender, receiver in ((alice, bob), (bob, alice), (alice, bob)):
        sender.run("send", "-m", "known", number(receiver))
        receiver.run("receive")
    config = bob.home / ".config" / "sigcli"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('keep_messages = "7d"\n')
    alice.run("updateContact", "-e", "2", number(bob))
    running = bob.start("--json", "receive", "-t", "-1")
    alice.run("send", "-m", "the word is xyzzy", number(bob))
    while "xyzzy" not in running.read_line():
        pass
    (database,) = bob.data_dir.glob("*/account.db")
    files = [database, Path(f"{database}-wal")]
    assert any(b"xyzzy" in file.read_bytes() for file in files)
    deadline = os.times().elapsed + 60
    while any(b"xyzzy" in file.read_bytes() for file in files):
        assert os.times().elapsed < deadline
        alice.run("send", "-m", "tick", number(bob))
    running.terminate()
    running.wait().expect(0)


def test_an_expired_text_that_was_sent_leaves_the_disk_before_it_has_arrived(
    alice: Sigcli, bob: Sigcli
) -> None:
    for sender, receiver in ((alice, bob), (bob, alice)):
        sender.run("send", "-m", "known", number(receiver))
        receiver.run("receive")
    alice.run("updateContact", "-e", "1", number(bob))
    alice.run("updateGroup", "-n", "Team", "-m", number(bob), "-e", "1")
    alice.run("send", "-m", "the word is xyzzy", number(bob), "-g", "Team")
    (database,) = alice.data_dir.glob("*/account.db")
    files = [database, Path(f"{database}-wal")]
    deadline = os.times().elapsed + 60
    while any(b"xyzzy" in file.read_bytes() for file in files if file.exists()):
        assert os.times().elapsed < deadline
        alice.run("receive")
