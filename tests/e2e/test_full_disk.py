"""A disk without room, wherever in `receive` and `send` it runs out: named, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.control import RunningSandbox
from tests.support.file_size_limit import file_size_limit
from tests.support.sandbox_process import SandboxProcess, texts
from tests.support.sigcli_process import Finished, Sigcli

# From a database that cannot be opened to a picture that does not fit.
LIMITS = (8_000, 40_000, 80_000, 120_000, 160_000, 300_000)
PICTURE = bytes(range(256)) * 2000


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path) as sandbox:
        yield sandbox


def limited(device: Sigcli, limit: int, *arguments: str) -> Finished:
    """A run in which no file grows beyond the limit: it succeeds, or says that the disk is full."""
    with file_size_limit(limit):
        running = device.start("--json", *arguments)
    finished = running.wait()
    if finished.exit_code != 0:
        assert finished.exit_code == 1, finished.stderr
        assert finished.json_error["code"] == "diskFull", finished.stderr
        assert "free some space" in finished.json_error["hint"]
    return finished


def waiting(sandbox: SandboxProcess, device: Sigcli) -> int:
    """How many messages the service still holds for a device."""
    accounts = RunningSandbox.find(sandbox.environment_file).accounts()
    (own,) = [one for one in accounts if one["number"] == device.account]
    (first,) = own["devices"]
    return int(first["queued"])


def messages(finished: Finished) -> dict[str, dict[str, Any]]:
    """By the service's id: what could not be marked as printed is printed again, and known by it."""
    envelopes = [line["envelope"] for line in finished.json_lines]
    return {one["serverGuid"]: one["dataMessage"] for one in envelopes if "dataMessage" in one}


def test_receive_keeps_or_leaves_every_message(sandbox: SandboxProcess) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    # Of strangers no attachment is fetched.
    bob.run("send", "-m", "hello", str(alice.account))
    alice.run("receive")
    picture = alice.home / "picture.png"
    picture.write_bytes(PICTURE)
    for text in ("one", "two", "three"):
        alice.run("send", "-m", text, str(bob.account))
    alice.run("send", "-m", "picture", "-a", str(picture), str(bob.account))
    printed: dict[str, dict[str, Any]] = {}
    left = waiting(sandbox, bob)
    refused = 0
    for limit in LIMITS:
        finished = limited(bob, limit, "receive")
        refused += finished.exit_code
        printed = messages(finished) | printed
        now = waiting(sandbox, bob)
        assert now <= left
        left = now
    assert refused >= 3
    printed |= messages(bob.run("--json", "receive"))
    by_text = {one["message"]: one for one in printed.values()}
    assert sorted(by_text) == ["one", "picture", "three", "two"]
    assert len(printed) == len(by_text)
    (attachment,) = by_text["picture"]["attachments"]
    assert Path(attachment["localPath"]).read_bytes() == PICTURE
    assert waiting(sandbox, bob) == 0
    assert bob.run("--json", "receive").lines == []


def test_send_leaves_nothing_that_was_not_stored(sandbox: SandboxProcess) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    bob.run("send", "-m", "before", str(alice.account))
    sent = ["before"]
    for limit in (20_000, 36_000, 50_000, 80_000):
        finished = limited(bob, limit, "send", "-m", str(limit), str(alice.account))
        if finished.exit_code == 0:
            sent.append(str(limit))
    assert len(sent) < 5
    bob.run("send", "-m", "after", str(alice.account))
    assert texts(alice) == [*sent, "after"]
