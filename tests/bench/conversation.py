"""`sigcli` in conversation with a mock primary, for whole-process measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli


@dataclass(frozen=True, slots=True)
class Conversation:
    """`sigcli` linked to Alice at a mock server, in a running sealed conversation with Bob."""

    server: MockServer
    sigcli: Sigcli
    device: MockDevice
    bob: MockPrimary


@contextmanager
def conversation(folder: Path) -> Iterator[Conversation]:
    """Link, and let both sides write until their session needs no prekey messages."""
    with MockServer() as server:
        sigcli = Sigcli(folder / "sigcli", server.environment_file(folder / "mock.toml"))
        try:
            device = link_device(server, sigcli, server.create_primary("Alice"))
            bob = server.create_primary("Bob")
            for _ in range(2):
                server.send_text(bob, device, "hello", sealed=True, with_profile_key=True)
                sigcli.run("receive", "--json")
                sigcli.run("send", "-m", "hello", bob.aci)
                server.received(bob, kind="dataMessage")
            # Delivery receipts and whatever else the first messages left behind.
            sigcli.run("receive", "--json")
            yield Conversation(server, sigcli, device, bob)
        finally:
            sigcli.dispose()
