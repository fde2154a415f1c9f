"""Alice, who uses the command, and the account of a bot, which a daemon serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.acquaintance import talk
from tests.support.sigcli_process import Sigcli

SOON_S = 60


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    alice = register("alice")
    alice.run("updateProfile", "--given-name", "Alice")
    return alice


@pytest.fixture
def bot(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """They have talked to each other."""
    bot = register("bot")
    bot.run("updateProfile", "--given-name", "Bot")
    talk(bot, alice)
    return bot


@pytest.fixture
def signald_socket(bot: Sigcli, tmp_path: Path) -> Iterator[str]:
    """Where the bot's daemon serves signald's protocol."""
    path = tmp_path / "signald" / "signald.sock"
    running = bot.start("daemon", "--signald", str(path))
    running.wait_for_complaint("the daemon is ready")
    yield str(path)
    running.terminate()
    running.wait().expect(0)


def data_messages(sigcli: Sigcli, count: int) -> list[dict[str, Any]]:
    """The next data messages that a command prints."""
    found: list[dict[str, Any]] = []
    until = time.monotonic() + SOON_S
    while len(found) < count and time.monotonic() < until:
        for line in sigcli.run("--json", "receive", "-t", "2").json_lines:
            message = line["envelope"].get("dataMessage")
            if message is not None:
                found.append(message)
    assert len(found) == count, found
    return found


def wait_for_texts(sigcli: Sigcli, *wanted: str) -> None:
    """Until a command has printed these texts, among others."""
    missing = set(wanted)
    until = time.monotonic() + SOON_S
    while missing and time.monotonic() < until:
        for line in sigcli.run("--json", "receive", "-t", "2").json_lines:
            missing.discard((line["envelope"].get("dataMessage") or {}).get("message") or "")
    assert not missing, missing
