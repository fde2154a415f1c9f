"""Server-sent events as signal-cli's clients read them, and what of them counts as taken."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.daemon.http import events
from sigcli.daemon.http.events import position_text, positions
from tests.unit.daemon.conftest import SOON_S, store_taken
from tests.unit.daemon.http.conftest import serving

if TYPE_CHECKING:
    from tests.unit.daemon.conftest import Desk
    from tests.unit.daemon.http.conftest import Site


def _taken(site: Site, consumer: str, id: int) -> bool:
    """Whether a consumer's place comes to an id soon."""
    deadline_s = time.monotonic() + SOON_S
    while time.monotonic() < deadline_s:
        states = {one.consumer.name: one.consumer for one in site.desk.core.consumers()}
        if consumer in states and states[consumer].taken_id >= id:
            return True
        store_taken(site.desk)
        time.sleep(0.02)
    return False


def test_events_look_as_clients_read_them(site: Site) -> None:
    with site.events() as stream:
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.line() == ":"
        site.desk.come("hello")
        id, data = stream.next()
        assert int(id) > 0
        assert data["account"] == "+15550100"
        assert data["envelope"]["dataMessage"]["message"] == "hello"


def test_an_account_is_named_by_number_with_its_plus(site: Site) -> None:
    for query in ("?account=+15550100", "?account=%2B15550100", "?account=" + _aci(site)):
        with site.events(query) as stream:
            assert stream.status == 200
    answer = site.ask("GET", "/api/v1/events?account=+19")
    assert (answer.status, answer.body) == (400, b"")


def test_a_client_continues_after_the_last_id(site: Site) -> None:
    site.desk.come("one", "two", "three")
    with site.events() as stream:
        ids = [stream.next()[0] for _ in range(3)]
    with site.events(Last_Event_ID=ids[0]) as stream:
        assert stream.texts(2) == ["two", "three"]
    assert _taken(site, "bot", int(ids[0]))
    with site.events(Last_Event_ID=ids[2]) as stream:
        site.desk.come("four")
        assert stream.texts(1) == ["four"]


def test_a_consumer_in_the_query_takes_nothing_by_being_sent_it(desk: Desk) -> None:
    from sigcli.daemon.access.access import AccessOptions

    with serving(desk, AccessOptions(no_auth=True)) as site:
        site.token = ""
        desk.come("one", "two")
        for _ in range(2):
            with site.events("?consumer=home") as stream:
                assert stream.texts(2) == ["one", "two"]


def test_a_client_that_says_nothing_gets_nothing_twice(site: Site, noticed: _Noticed) -> None:
    site.desk.come("one", "two")
    with site.events() as stream:
        assert stream.texts(2) == ["one", "two"]
        noticed.wait_for(arrived=2)
    noticed.wait_for(arrived=2, ended=1)
    site.desk.come("three")
    with site.events() as stream:
        assert stream.texts(1) == ["three"]


def test_what_was_sent_counts_at_the_end_of_the_daemon(desk: Desk, noticed: _Noticed) -> None:
    with serving(desk) as site:
        desk.come("one")
        stream = site.open_events()
        id, _ = stream.next()
        noticed.wait_for(arrived=1)
    stream.close()
    assert _taken(site, "bot", int(id))


def test_old_events_count_while_the_client_is_connected(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_RESUMABLE_S", 0.1)
    monkeypatch.setattr(events, "BEAT_S", 0.2)
    site.desk.come("one")
    with site.events() as stream:
        id, _ = stream.next()
        assert _taken(site, "bot", int(id))


def test_a_stream_ends_with_its_client(site: Site) -> None:
    with site.events() as stream:
        stream.line()
        assert site.desk.core.handing_out.subscriptions()
    deadline_s = time.monotonic() + SOON_S
    while site.desk.core.handing_out.subscriptions() and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not site.desk.core.handing_out.subscriptions()


def test_comments_keep_a_quiet_stream_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BEAT_S", 0.1)
    with site.events() as stream:
        assert [stream.line() for _ in range(4)] == [":"] * 4


def test_the_server_ends_streams_at_once(desk: Desk) -> None:
    with serving(desk) as site:
        stream = site.open_events()
        stream.line()
        began_s = time.monotonic()
    assert time.monotonic() - began_s < 2
    stream.close()


def test_ids_of_several_accounts_tell_how_far_each_has_come(desk: Desk) -> None:
    (live,) = desk.core.all_accounts()
    text = position_text({live: 17})
    assert positions(text, [live]) == {live: 17}
    assert positions("17", [live]) == {live: 17}
    assert positions(f"nobody-3_{text}", [live]) == {live: 17}
    for nonsense in ("", "x", "-", "_", "1-2-3", "9" * 30, "٣"):
        assert positions(nonsense, [live]) == {}


def _aci(site: Site) -> str:
    return str(site.desk.core.all_accounts()[0].entry.aci)


class _Noticed:
    """What the server has noticed: how many events the client's machine has got, how many streams have ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arrived = self.ended = 0
        drained, note = events.Taking.drained, events.Drained.note

        def counting_drained(taking: events.Taking) -> None:
            count = len(taking._written)
            drained(taking)
            self.arrived += count

        def counting_note(*arguments: Any) -> None:
            note(*arguments)
            self.ended += 1

        monkeypatch.setattr(events.Taking, "drained", counting_drained)
        monkeypatch.setattr(events.Drained, "note", counting_note)

    def wait_for(self, *, arrived: int, ended: int = 0) -> None:
        deadline_s = time.monotonic() + SOON_S
        while (self.arrived, self.ended) != (arrived, ended):
            assert time.monotonic() < deadline_s, (self.arrived, self.ended)
            time.sleep(0.02)


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> _Noticed:
    return _Noticed(monkeypatch)


def test_a_token_names_no_other_consumer(site: Site) -> None:
    answer = site.ask("GET", "/api/v1/events?consumer=home")
    assert answer.status == 403
    assert "the token is the consumer bot" in answer.json()["error"]
    with site.events("?consumer=bot") as stream:
        assert stream.status == 200
    for said in (
        site.call("receive", consumer="home"),
        site.call("ackReceive", consumer="home", id=1),
    ):
        assert "the token is the consumer bot" in said["error"]["message"]
