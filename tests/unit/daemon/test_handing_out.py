from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from sigcli.client.live.backlogs import Backlogs
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.errors import InvalidConsumerName, StoreError, UnknownConsumer
from sigcli.store import consumers
from sigcli.store.consumers import COMMAND_LINE, DEFAULT
from tests.unit.daemon.conftest import ENOUGH_S, SOON_S, Desk, store_taken, text_of, texts_of

if TYPE_CHECKING:
    from sigcli.client.live.subscription import Delivery, Subscription


def place_of(desk: Desk, name: str = DEFAULT) -> int:
    found = consumers.find_consumer(desk.world.database, name)
    assert found is not None
    return found.taken_id


def test_what_came_while_none_was_connected_goes_to_the_first(desk: Desk) -> None:
    desk.come("0", "1", "2")
    with desk.core.subscribe() as first, desk.core.subscribe() as second:
        assert texts_of(first, 3) == ["0", "1", "2"]
        assert second.next(ENOUGH_S) is None
        desk.come("3")
        assert texts_of(first, 1) == texts_of(second, 1) == ["3"]


def test_ids_grow_and_what_was_not_taken_comes_again(desk: Desk) -> None:
    desk.come("0", "1", "2")
    with desk.core.subscribe() as first:
        got = [first.next(SOON_S) for _ in range(3)]
        ids = [one.id for one in got if one]
        assert ids == sorted(set(ids))
        first.taken(ids[0])
    with desk.core.subscribe() as again:
        assert texts_of(again, 2) == ["1", "2"]


def test_a_consumer_of_another_name_has_a_place_of_its_own(desk: Desk) -> None:
    with desk.core.subscribe("bot") as bot:
        desk.come("0", "1")
        for _ in range(2):
            delivery = bot.next(SOON_S)
            assert delivery is not None
            bot.taken(delivery.id)
    store_taken(desk)
    assert len(desk.world.rows()) == 2  # default has not had them
    with desk.core.subscribe() as other:
        assert texts_of(other, 2) == ["0", "1"]
        other.taken(desk.world.rows()[-1].id)
    store_taken(desk)
    assert desk.world.rows() == []


def test_a_place_is_stored_and_survives(desk: Desk) -> None:
    with desk.core.subscribe("bot") as bot:
        desk.come("0", "1", "2")
        first = bot.next(SOON_S)
        assert first is not None
        bot.taken(first.id)
    desk.core.close()
    core = Core(desk.core.settings, receive_mode=ReceiveMode.MANUAL)
    core.start(has_channel=True)
    with core.subscribe("bot") as bot:
        assert texts_of(bot, 2) == ["1", "2"]
    core.close()


def test_a_slow_connection_misses_nothing_that_a_fast_one_takes(desk: Desk) -> None:
    with desk.core.subscribe() as fast, desk.core.subscribe() as slow:
        desk.come(*(str(n) for n in range(100)))
        last: Delivery | None = None
        for _ in range(100):
            last = fast.next(SOON_S)
            assert last is not None
            fast.taken(last.id)
        store_taken(desk)
        assert texts_of(slow, 100) == [str(n) for n in range(100)]
        # Both have read everything, and one has taken it: the consumer has.
        fast.taken(last.id if last else 0)
        store_taken(desk)
        assert desk.world.rows() == []


def test_a_connection_that_came_later_does_not_take_for_the_first(desk: Desk) -> None:
    desk.come("0", "1")
    with desk.core.subscribe() as first:
        assert texts_of(first, 1) == ["0"]
        with desk.core.subscribe() as second:
            desk.come("2")
            delivery = second.next(SOON_S)
            assert delivery is not None
            second.taken(delivery.id)
    store_taken(desk)
    with desk.core.subscribe() as next_one:
        assert texts_of(next_one, 3) == ["0", "1", "2"]


def test_what_a_connection_leaves_goes_to_another_that_is_there(desk: Desk) -> None:
    """A program that connects again before its old connection is known to be dead waits for nothing."""
    old = desk.core.subscribe("bot")
    desk.come("0", "1")
    assert texts_of(old, 2) == ["0", "1"]
    with desk.core.subscribe("bot") as new, desk.core.subscribe("bot") as third:
        assert new.next(ENOUGH_S) is None
        old.close()
        got = [new.next(SOON_S) for _ in range(2)]
        assert [text_of(one) for one in got] == ["0", "1"]
        assert third.next(ENOUGH_S) is None
        new.taken(got[1].id if got[1] else 0)
        desk.come("2")
        assert texts_of(new, 1) == texts_of(third, 1) == ["2"]
    with desk.core.subscribe("bot") as next_one:
        assert texts_of(next_one, 1) == ["2"]


def test_who_is_left_something_begins_anew_there_and_takes_nothing_by_it(desk: Desk) -> None:
    old = desk.core.subscribe("bot")
    desk.come("0", "1")
    with desk.core.subscribe("bot") as new:
        desk.come("2", "3", "4")
        own = new.next(SOON_S)
        assert text_of(own) == "2"
        new.taken(own.id if own else 0)
        old.close()
        assert texts_of(new, 5) == ["0", "1", "2", "3", "4"]
        new.taken(own.id if own else 0)
    with desk.core.subscribe("bot") as next_one:
        assert texts_of(next_one, 2) == ["3", "4"]


def test_nothing_falls_to_a_connection_that_has_chosen_where_to_begin(desk: Desk) -> None:
    old = desk.core.subscribe("bot")
    desk.come("0", "1")
    with desk.core.subscribe("bot", since_ms=1 << 50) as chosen:
        old.close()
        assert chosen.next(ENOUGH_S) is None
    with desk.core.subscribe("bot") as next_one:
        assert texts_of(next_one, 2) == ["0", "1"]


def test_resuming_after_an_id_takes_all_before_it_and_an_earlier_one_replays(desk: Desk) -> None:
    with desk.core.subscribe("bot") as bot:
        desk.come("0", "1", "2", "3")
        ids = [one.id for _ in range(4) if (one := bot.next(SOON_S))]
    with desk.core.subscribe("bot", after=ids[1]) as bot:
        assert texts_of(bot, 2) == ["2", "3"]
    store_taken(desk)
    assert place_of(desk, "bot") == ids[1]
    # Kept for the default consumer still: so it can be had again.
    with desk.core.subscribe("bot", after=ids[0]) as bot:
        assert texts_of(bot, 3) == ["1", "2", "3"]
    with desk.core.subscribe("bot", after=ids[3] + 1000) as bot:
        desk.come("4")
        assert texts_of(bot, 1) == ["4"]


def test_taking_by_name_needs_no_connection(desk: Desk) -> None:
    desk.come("0", "1")
    first, second = (row.id for row in desk.world.rows())
    live = desk.core.account()
    desk.core.take(DEFAULT, first, live)
    assert place_of(desk) == first
    with desk.core.subscribe() as one:
        assert texts_of(one, 1) == ["1"]
        desk.core.take(DEFAULT, second, live)
    assert place_of(desk) == second


def test_names_of_consumers(desk: Desk) -> None:
    for name in ("", "a b", "x" * 65, COMMAND_LINE, "ä"):
        with pytest.raises(InvalidConsumerName):
            desk.core.subscribe(name)
    with desk.core.subscribe("nextcloud.example-1_a"):
        states = {one.consumer.name: one for one in desk.core.consumers()}
        assert states["nextcloud.example-1_a"].is_connected
        assert not states[DEFAULT].is_connected
    desk.core.remove_consumer("nextcloud.example-1_a")
    with pytest.raises(UnknownConsumer):
        desk.core.remove_consumer("nextcloud.example-1_a")


def test_removing_a_consumer_ends_its_connections(desk: Desk) -> None:
    bot = desk.core.subscribe("bot")
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(bot.next(SOON_S)))
    thread.start()
    desk.core.remove_consumer("bot")
    thread.join(SOON_S)
    assert results == [None]
    assert bot.is_closed


def test_whoever_is_back_while_a_consumer_is_removed_begins_anew(desk: Desk) -> None:
    """It is cut off first; what was in its hands then does not come again, and it is known as a consumer."""
    handing_out, back = desk.core.handing_out, threading.Event()
    again: list[Subscription] = []

    def come_back() -> None:
        again.append(desk.core.subscribe("bot"))
        back.set()

    thread = threading.Thread(target=come_back)

    def left(_subscription: Subscription) -> None:
        if not again:
            thread.start()
            back.wait(0.3)  # it must not be back before the consumer is gone

    desk.come("0", "1")
    bot = desk.core.subscribe("bot", after=0)
    first = bot.next(SOON_S)
    assert first is not None
    bot.taken(first.id, first.account)
    handing_out._on_leave = left
    desk.core.remove_consumer("bot")
    thread.join(SOON_S)
    handing_out._on_leave = None
    desk.come("2")
    assert texts_of(again[0], 1) == ["2"]
    states = {one.consumer.name: one.is_connected for one in desk.core.consumers()}
    assert states["bot"]
    again[0].close()


def test_no_connection_inherits_what_another_leaves_while_their_consumer_is_removed(
    desk: Desk,
) -> None:
    handing_out, inherited = desk.core.handing_out, list[object]()
    bot = desk.core.subscribe("bot")
    desk.come("0")
    assert text_of(bot.next(SOON_S)) == "0"
    other = desk.core.subscribe("bot")  # its turn is what comes now, until that one leaves
    handing_out._on_leave = lambda _: inherited.append(other.next(0))
    desk.core.remove_consumer("bot")
    assert inherited == [None, None]
    assert bot.is_closed
    assert other.is_closed


def test_a_consumer_that_is_removed_from_one_account_keeps_its_connections_to_others(
    desk: Desk,
) -> None:
    (live,) = desk.core.all_accounts()
    desk.core.handing_out.take("bot", 0, live)
    elsewhere = desk.core.subscribe("bot", only=frozenset({"another"}))
    desk.core.remove_consumer("bot", live)
    assert not elsewhere.is_closed
    elsewhere.close()


def test_what_a_removed_consumer_took_last_does_not_bring_it_back(desk: Desk) -> None:
    bot = desk.core.subscribe("bot")
    desk.come("0")
    place = desk.core.handing_out._places[next(iter(bot._sources)), "bot"]
    delivery = bot.next(SOON_S)
    assert delivery is not None
    place.take(place._readers[0], delivery.id)
    desk.core.remove_consumer("bot")
    place.store()  # as the thread does that stores places, late
    assert "bot" not in {one.consumer.name for one in desk.core.consumers()}


def test_an_event_that_cannot_be_rendered_is_a_failure_and_stops_nothing(desk: Desk) -> None:
    def rendering(event: object, _directory: object) -> object:
        content = event.content  # type: ignore[attr-defined]
        if content is not None and content.data_message.body == "bad":
            raise ValueError("no")
        return event

    desk.come("bad", "good")
    with desk.core.subscribe(rendering=rendering) as one:
        first = one.next(SOON_S)
        assert first is not None
        assert first.event.failure is not None
        assert texts_of(one, 1) == ["good"]


def test_an_event_that_cannot_be_read_now_is_read_again(desk: Desk) -> None:
    troubles = [StoreError("busy")]

    def rendering(event: object, _directory: object) -> object:
        content = event.content  # type: ignore[attr-defined]
        if content is not None and content.data_message.body == "second" and troubles:
            raise troubles.pop()
        return event

    desk.come("first", "second", "third")
    with desk.core.subscribe(rendering=rendering) as one:
        with pytest.raises(StoreError):
            one.next(SOON_S)
        assert texts_of(one, 3) == ["first", "second", "third"]


def test_a_place_that_cannot_be_stored_is_told_of_once_and_stored_later(desk: Desk) -> None:
    database = desk.world.database
    with database.transaction() as transaction:
        transaction.write(
            "CREATE TRIGGER full BEFORE INSERT ON consumer WHEN new.name = 'default' "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )

    def told() -> list[str]:
        lines = [text.partition(":")[0] for text in desk.warnings]
        return [text for text in lines if "record" in text]

    desk.come("first", "second")
    with desk.core.subscribe() as one:
        for _ in range(2):
            delivery = one.next(SOON_S)
            assert delivery is not None
            one.taken(delivery.id)
            for _ in range(3):
                desk.core.handing_out.store_places()
        assert told() == ["it cannot be recorded which messages were taken"]
        with database.transaction() as transaction:
            transaction.write("DROP TRIGGER full")
        desk.core.handing_out.store_places()
        assert told()[1:] == ["what was taken is recorded again"]
        assert place_of(desk) == consumers.newest_id(database)


def test_a_subscription_reads_a_page_at_a_time(desk: Desk) -> None:
    desk.come(*(str(n) for n in range(200)))
    with desk.core.subscribe() as one:
        assert text_of(one.next(SOON_S)) == "0"
        assert len(one._page) < 40


def test_a_caller_bound_to_accounts_is_handed_out_nothing_of_others(desk: Desk) -> None:
    (live,) = desk.core.all_accounts()
    with desk.core.subscribe("bound", only=frozenset({"another"})) as nothing:
        assert nothing.accounts == []
        assert not nothing.follows(live)
        with desk.core.subscribe("bound", only=frozenset({str(live.entry.aci)})) as own:
            assert own.accounts == [live]
            desk.come("one")
            assert texts_of(own, 1) == ["one"]
        assert nothing.next(ENOUGH_S) is None


def test_a_place_may_be_named_for_each_account(desk: Desk) -> None:
    (live,) = desk.core.all_accounts()
    with desk.core.subscribe("home") as first:
        desk.come("one", "two", "three")
        ids = [delivery.id for _ in range(3) if (delivery := first.next(SOON_S))]
    with desk.core.subscribe("home", after={live: ids[1]}) as again:
        assert texts_of(again, 1) == ["three"]


def test_a_consumer_for_which_events_pile_up_is_told_of_once(desk: Desk) -> None:
    desk.come("long ago")
    looking = Backlogs(first_look_s=0)
    for _ in range(2):
        looking._look_at_s = 0
        looking.look(desk.core.all_accounts())
    (said,) = [one for one in desk.warnings if "default" in one]
    assert re.match("1 event waits for the consumer default, the oldest for [0-9]+ days: ", said)
