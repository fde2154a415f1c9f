"""Two registered accounts with a linked device each: whoever sends, everybody else reads it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox_process import SandboxProcess, envelopes
from tests.support.sigcli_process import Sigcli

NAMES = ("alice", "alice's laptop", "bob", "bob's laptop")


@pytest.fixture(scope="module", params=["https", "websocket"])
def devices(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Sigcli]]:
    folder = tmp_path_factory.mktemp("devices")
    with SandboxProcess(folder, "--requests", request.param) as sandbox:
        alice, bob = sandbox.account(), sandbox.account()
        laptops = [sandbox.linked(owner) for owner in (alice, bob)]
        made = dict(zip(NAMES, (alice, laptops[0], bob, laptops[1]), strict=True))
        # The primaries answer what the laptops asked for, and these take it.
        for device in made.values():
            device.run("receive")
        yield made


def owner(name: str) -> str:
    return name.partition("'")[0]


def read(device: Sigcli) -> list[tuple[str, str]]:
    """What a device gets: ("message", text) and ("transcript", text); failures of any kind as they are."""
    found: list[tuple[str, str]] = []
    for envelope in envelopes(device):
        sent: dict[str, Any] = envelope.get("syncMessage", {}).get("sentMessage", {})
        for kind, message in (("message", envelope.get("dataMessage", {})), ("transcript", sent)):
            if message.get("message"):
                found.append((kind, message["message"]))
    return found


@pytest.mark.parametrize("sender", NAMES)
def test_everybody_else_reads_it_once(
    devices: dict[str, Sigcli], sender: str, tmp_path: Path
) -> None:
    other = "bob" if owner(sender) == "alice" else "alice"
    number = devices[other].account
    assert number is not None
    file = tmp_path / "list.txt"
    file.write_text("bread\n" * 100)
    text = f"from {sender}"
    devices[sender].run("send", "-m", text, "-a", str(file), number)
    expected = {
        name: [("message", text)]
        if owner(name) == other
        else []
        if name == sender
        else [("transcript", text)]
        for name in NAMES
    }
    assert {name: read(device) for name, device in devices.items()} == expected
    # And it is in nobody's queue any more.
    assert {name: read(device) for name, device in devices.items()} == {name: [] for name in NAMES}


@pytest.mark.parametrize("sender", NAMES)
def test_a_note_to_self_stays_in_the_account(devices: dict[str, Sigcli], sender: str) -> None:
    devices[sender].run("send", "--note-to-self", "-m", "milk")
    got = {name: read(device) for name, device in devices.items()}
    expected = {
        name: [("transcript", "milk")] if owner(name) == owner(sender) and name != sender else []
        for name in NAMES
    }
    assert got == expected
