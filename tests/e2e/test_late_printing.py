"""Messages that are deleted, expire or are opened before, or after, the command prints them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox_process import SandboxProcess, envelopes
from tests.support.sigcli_process import Sigcli


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def alice(sandbox: SandboxProcess) -> Sigcli:
    """She keeps what she receives."""
    alice = sandbox.account()
    config = alice.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('keep_messages = "30d"\nmax_attachment_size = "1K"\n')
    return alice


@pytest.fixture
def bob(sandbox: SandboxProcess, alice: Sigcli) -> Sigcli:
    bob = sandbox.account()
    befriend(alice, bob)
    return bob


def befriend(one: Sigcli, other: Sigcli) -> None:
    one.run("send", "-m", "hello", number(other))
    other.run("receive")
    other.run("send", "-m", "hello", number(one))
    one.run("receive")


def number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


def data_of(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [envelope["dataMessage"] for envelope in found if "dataMessage" in envelope]


def test_a_message_that_was_deleted_before_it_was_printed(alice: Sigcli, bob: Sigcli) -> None:
    secret = bob.run("send", "-m", "secret", number(alice)).stdout.strip()
    bob.run("send", "-m", "not secret", number(alice))
    bob.run("remoteDelete", "-t", secret, number(alice))
    deleted, other, deletion = data_of(envelopes(alice))
    assert (deleted["message"], deleted["remotelyDeleted"]) == (None, True)
    assert deleted["timestamp"] == int(secret)
    assert other["message"] == "not secret"
    assert deletion["remoteDelete"] == {"timestamp": int(secret)}


def test_a_kept_message_and_its_file_go_when_the_sender_deletes_it(
    alice: Sigcli, bob: Sigcli, tmp_path: Path
) -> None:
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_bytes(b"a" * 1000)
    large.write_bytes(b"b" * 2000)
    files = ("-a", str(small), "-a", str(large))
    sent = bob.run("send", "-m", "look", *files, "--", number(alice)).stdout.strip()
    (data,) = data_of(envelopes(alice))
    assert [one["localPath"] is None for one in data["attachments"]] == [False, True]
    path = Path(data["attachments"][0]["localPath"])
    assert path.read_bytes() == small.read_bytes()
    fetched = alice.run("--json", "getAttachment", "--id", data["attachments"][1]["id"]).json
    assert fetched["data"]
    bob.run("remoteDelete", "-t", sent, number(alice))
    alice.run("receive")
    assert not path.exists()
    assert alice.run("--json", "listAttachments").json == []
    lines = alice.run("--json", "receive", "--replay").json_lines
    replayed = data_of([line["envelope"] for line in lines])
    (deleted,) = [one for one in replayed if one["timestamp"] == int(sent)]
    assert (deleted["message"], deleted["remotelyDeleted"]) == (None, True)
    assert "attachments" not in deleted


def test_a_view_once_message_is_printed_once_and_opened_for_all_devices(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli, tmp_path: Path
) -> None:
    laptop = sandbox.linked(alice)
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")
    bob.run("receive")
    bob.run("send", "--view-once", "-a", str(picture), "--", number(alice))
    (shown,) = data_of(envelopes(alice, "--send-read-receipts"))
    assert shown["viewOnce"]
    assert shown["attachments"][0]["localPath"]
    lines = alice.run("--json", "receive", "--replay").json_lines
    again = data_of([line["envelope"] for line in lines])[-1]
    assert (again["viewOnceOpened"], "attachments" in again) == (True, False)
    found = envelopes(laptop)
    (there,) = [one for one in data_of(found) if one["viewOnce"]]
    assert (there["viewOnceOpened"], "attachments" in there) == (True, False)
    marks = [
        one["syncMessage"]["viewOnceOpen"]
        for one in found
        if "viewOnceOpen" in one.get("syncMessage", {})
    ]
    assert [mark["timestamp"] for mark in marks] == [shown["timestamp"]]
