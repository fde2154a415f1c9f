"""An account in a data directory as a program opens it; its messages come from a peer in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

import sigcli
from tests.unit.daemon.conftest import account_in, begin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.wire.content import Content
    from tests.unit.client.world import Peer, World

SOON_S = 60.0


@dataclass
class Desk:
    """An open account, whose envelopes a peer hands in; there is no service."""

    folder: Path
    world: World
    bob: Peer
    me: sigcli.Account
    warnings: list[str] = field(default_factory=list)

    def come(self, *contents: str | Content) -> None:
        """Messages arrive, as through another process."""
        self.world.take(*(self.bob.sealed(content) for content in contents))

    def open(self) -> sigcli.Account:
        """The account, as another process opens it."""
        return sigcli.open_account(data_dir=self.folder, warn=self.warnings.append)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    world = account_in(tmp_path)
    bob = begin(world)
    warnings: list[str] = []
    me = sigcli.open_account(data_dir=tmp_path, warn=warnings.append)
    with world.account, me:
        yield Desk(tmp_path, world, bob, me, warnings)
