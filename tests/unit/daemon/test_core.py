from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.base.settings import Settings
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.errors import NoLocalAccount, SeveralLocalAccounts, UnknownEvent, UnknownLocalAccount
from sigcli.store.accounts import DataDirectory
from sigcli.store.accounts_file import LocalAccount
from sigcli.store.consumers import DEFAULT
from sigcli.wire.addresses import ServiceId
from tests.unit.client.world import OWN_ACI, Peer, World
from tests.unit.daemon.conftest import SOON_S, Desk, account_in, begin, store_taken, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sigcli.client.base.account import Account

OTHER_ACI = ServiceId.aci(UUID(int=0xAA))


class WhoIsIt:
    def run(self, account: Account) -> str | None:
        return account.number


def add_second(folder: Path) -> tuple[World, Peer]:
    """Another account appears in the data directory."""
    (folder / "two").mkdir()
    world = World.create(folder / "two")
    bob = begin(world)
    environment = str(folder / "two" / "environment.toml")
    DataDirectory(folder).register(LocalAccount(OTHER_ACI, "+15550101", environment, "two"))
    return world, bob


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_an_account_is_found_by_number_and_aci_or_as_the_only_one(desk: Desk) -> None:
    live = desk.core.account()
    assert desk.core.account("+15550100") is live
    assert desk.core.account(str(OWN_ACI)) is live
    assert desk.core.accounts() == {"+15550100": live, str(OWN_ACI): live}
    with pytest.raises(UnknownLocalAccount):
        desk.core.account("+15550199")
    assert live.run(WhoIsIt()) == "+15550100"


def test_accounts_come_and_go_while_it_runs(desk: Desk, tmp_path: Path) -> None:
    with desk.core.subscribe() as everything:
        second, bob = add_second(tmp_path)
        wait_for(lambda: len(desk.core.all_accounts()) == 2, "the second account")
        with pytest.raises(SeveralLocalAccounts):
            desk.core.account()
        two = desk.core.account(str(OTHER_ACI))
        # It has the default consumer at once, and is part of what is subscribed to already.
        wait_for(lambda: [one.consumer.name for one in desk.core.consumers(two)] == [DEFAULT], "it")
        second.take(bob.sealed("on the second"))
        delivery = everything.next(SOON_S)
        assert delivery is not None
        assert delivery.account is two
        desk.come("on the first")
        assert texts_of(everything, 1) == ["on the first"]
        second.account.close()
        DataDirectory(tmp_path).remove(two.entry)
        wait_for(lambda: len(desk.core.all_accounts()) == 1, "its removal")
        desk.come("still here")
        assert texts_of(everything, 1) == ["still here"]


def test_ids_of_several_accounts_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    second, bob = add_second(tmp_path)
    two = desk.core.account("+15550101")
    one = desk.core.account("+15550100")
    with desk.core.subscribe() as everything:
        desk.come("a")
        first = everything.next(SOON_S)
        second.take(bob.sealed("b"))
        other = everything.next(SOON_S)
        assert first is not None
        assert other is not None
        assert first.id == other.id
        everything.taken(first.id)  # the earliest of that id
        assert one_waits(desk, one) == 0
        assert one_waits(desk, two) == 1
        everything.taken(other.id)
        assert one_waits(desk, two) == 0
        with pytest.raises(UnknownEvent):
            everything.taken(12345)
    with pytest.raises(UnknownEvent):
        desk.core.subscribe(after=3)
    second.account.close()


def one_waits(desk: Desk, live: object) -> int:
    store_taken(desk)
    (state,) = [one for one in desk.core.consumers() if one.account is live]
    return state.waiting


def test_started_for_one_account_the_name_does_not_matter(tmp_path: Path) -> None:
    world = account_in(tmp_path)
    second, _ = add_second(tmp_path)
    settings = Settings(data_dir=tmp_path, warn=lambda _: None, account="+15550101")
    core = Core(settings, receive_mode=ReceiveMode.MANUAL)
    core.start()
    assert core.is_single
    assert core.account("+15550100").entry.number == "+15550101"
    assert core.consumers() == []  # no channel: nothing is kept for anybody
    core.close()
    world.account.close()
    second.account.close()


def test_without_an_account_it_waits_for_one(tmp_path: Path) -> None:
    core = Core(Settings(data_dir=tmp_path, warn=lambda _: None), receive_mode=ReceiveMode.MANUAL)
    core.start(has_channel=True)
    with pytest.raises(NoLocalAccount):
        core.account()
    world = account_in(tmp_path)
    wait_for(core.all_accounts, "the account")
    core.close()
    world.account.close()


def test_a_damaged_account_does_not_stop_the_others(tmp_path: Path) -> None:
    world = account_in(tmp_path)
    second, _ = add_second(tmp_path)
    second.account.close()
    (tmp_path / "two" / "account.db").write_bytes(b"not a database at all" * 100)
    warnings: list[str] = []
    core = Core(Settings(data_dir=tmp_path, warn=warnings.append), receive_mode=ReceiveMode.MANUAL)
    core.start()
    assert [live.entry.folder for live in core.all_accounts()] == ["one"]
    assert any("0101" in text and "+15550101" not in text for text in warnings)
    core.close()
    world.account.close()


def test_it_ends_within_a_second(desk: Desk) -> None:
    one = desk.core.subscribe()
    began = time.monotonic()
    desk.core.close()
    assert time.monotonic() - began < 1
    assert one.is_closed
    assert one.next(SOON_S) is None


def test_an_account_meets_what_others_have_changed(desk: Desk) -> None:
    live = desk.core.account()
    assert live.run(WhoIsIt()) == "+15550100"
    from sigcli.store.account_data import store_account_keys

    with desk.world.database.transaction() as database:
        store_account_keys(database, replace(desk.world.account.keys, number="+15550122"))
    assert live.run(WhoIsIt()) == "+15550122"


def test_in_manual_mode_it_receives_for_as_long_as_somebody_wants_it(desk: Desk) -> None:
    live = desk.core.account()
    assert not live.is_receiving
    with desk.core.subscribe() as one, desk.core.subscribe("bot", live):
        assert live.is_receiving
        one.close()
        assert live.is_receiving
    assert not live.is_receiving
    desk.core.start_receiving(live)
    with desk.core.subscribe():
        pass
    assert live.is_receiving
    desk.core.stop_receiving(live)
    assert not live.is_receiving


def test_on_connection_it_receives_from_the_first_subscription_on(tmp_path: Path) -> None:
    world = account_in(tmp_path)
    settings = Settings(data_dir=tmp_path, warn=lambda _: None)
    core = Core(settings, receive_mode=ReceiveMode.ON_CONNECTION)
    core.start(has_channel=True)
    assert not core.account().is_receiving
    core.subscribe().close()
    assert core.account().is_receiving
    core.close()
    world.account.close()
