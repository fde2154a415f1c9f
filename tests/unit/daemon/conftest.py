"""An account in a data directory, kept open; its messages come from peers in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.client.base.settings import Settings
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.store.accounts import DataDirectory
from sigcli.store.accounts_file import LocalAccount
from sigcli.store.inbox import mark_delivered
from tests.unit.client.world import NOW_MS, OWN_ACI, Peer, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.live.subscription import Delivery, Subscription

SOON_S = 60.0
ENOUGH_S = 0.3
"""How long nothing comes where nothing may come."""


@dataclass
class Desk:
    """A core over one account, whose envelopes a peer hands in; nothing is asked of any service."""

    folder: Path
    world: World
    core: Core
    bob: Peer
    warnings: list[str] = field(default_factory=list)

    def come(self, *texts: str) -> None:
        """Messages arrive, as through another process."""
        self.world.take(*(self.bob.sealed(text) for text in texts))


def store_taken(desk: Desk) -> None:
    """Have what was taken stored now."""
    for place in list(desk.core.handing_out._places.values()):
        place.store()


def texts_of(subscription: Subscription, count: int) -> list[str | None]:
    """The next events' texts."""
    return [text_of(subscription.next(SOON_S)) for _ in range(count)]


def text_of(delivery: Delivery | None) -> str | None:
    assert delivery is not None, "nothing came"
    content: Any = delivery.event.content
    return content.data_message.body if content and content.data_message else None


def account_in(folder: Path, name: str = "one", number: str | None = "+15550100") -> World:
    """A world whose account stands in the data directory ``folder``."""
    (folder / name).mkdir()
    world = World.create(folder / name)
    environment = str(folder / name / "environment.toml")
    DataDirectory(folder).register(LocalAccount(OWN_ACI, number, environment, name))
    return world


def begin(world: World) -> Peer:
    """Somebody with whom there is a conversation: prekeys of the world's time are too old for the real clock."""
    bob = world.peer()
    (row,) = world.take(bob.sealed("before"))
    with world.database.transaction() as database:
        mark_delivered(database, row.id, NOW_MS)
    return bob


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    world = account_in(tmp_path)
    bob = begin(world)
    warnings: list[str] = []
    core = Core(Settings(data_dir=tmp_path, warn=warnings.append), receive_mode=ReceiveMode.MANUAL)
    core.start(has_channel=True)
    with world.account:
        yield Desk(tmp_path, world, core, bob, warnings)
        core.close()
