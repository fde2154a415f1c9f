from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sigcli.daemon.webhooks.delivering import Patience, WebhookDelivery
from sigcli.daemon.webhooks.webhook import Webhook
from sigcli.operations.declaring import load
from tests.unit.daemon.conftest import Desk, store_taken
from tests.unit.daemon.webhooks.conftest import Handler, Posted

QUICK = Patience(first_pause_s=0.01, longest_pause_s=0.02)
NOW_MS = 1_700_000_000_500

Deliver = Callable[..., WebhookDelivery]


@pytest.fixture
def deliver(desk: Desk, handler: Handler) -> Iterator[Deliver]:
    """Begins to deliver to the handler."""
    with ExitStack() as open_ones:

        def begin(
            patience: Patience = QUICK, clock: Callable[[], int] = lambda: NOW_MS, **more: Any
        ) -> WebhookDelivery:
            webhook = Webhook(**{"url": handler.url, "consumer": "webhook-one", **more})
            delivery = WebhookDelivery(desk.core, webhook, patience=patience, clock=clock)
            open_ones.callback(delivery.close)
            delivery.start()
            return delivery

        yield begin


def test_each_is_posted_once_and_in_order(desk: Desk, handler: Handler, deliver: Deliver) -> None:
    deliver()
    desk.come("one", "two")
    desk.come("three")
    first = handler.next()
    assert handler.texts(2) == ["two", "three"]
    body = json.loads(first.body)
    assert (body["jsonrpc"], body["method"], "id" in body) == ("2.0", "receive", False)
    assert set(body["params"]) == {"account", "envelope"}
    assert first.headers["content-type"] == "application/json"
    assert "x-signature" not in first.headers


def test_it_is_signed_with_the_time(desk: Desk, handler: Handler, deliver: Deliver) -> None:
    deliver(secret=b"between us")
    desk.come("one")
    posted = handler.next()
    time_s = NOW_MS // 1000
    expected = hmac.new(
        b"between us", str(time_s).encode() + b"." + posted.body, hashlib.sha256
    ).hexdigest()
    assert posted.headers["x-signature"] == f"t={time_s},v1={expected}"


def test_what_is_refused_is_posted_again_before_all_others(
    desk: Desk, handler: Handler, deliver: Deliver
) -> None:
    answers = itertools.chain([500, 404, 302], itertools.repeat(204))
    elsewhere = handler.url.replace("/hook", "/elsewhere")
    handler.answer = lambda _: (next(answers), {"Location": elsewhere})
    deliver(secret=b"x")
    desk.come("one", "two")
    tries = [handler.next() for _ in range(4)]
    assert [one.text for one in tries] == ["one"] * 4
    assert {one.path for one in tries} == {"/hook"}  # the redirect is not followed
    assert len({one.headers["x-event-id"] for one in tries}) == 1
    last = handler.next()
    assert last.text == "two"
    assert last.headers["x-event-id"] != tries[0].headers["x-event-id"]
    assert any("answered 500" in one for one in desk.warnings)


def test_after_a_day_it_is_put_aside_and_the_next_is_posted(
    desk: Desk, handler: Handler, deliver: Deliver, tmp_path: Path
) -> None:
    handler.answer = lambda posted: (500 if posted.text == "poison" else 200, {})
    now = itertools.count(NOW_MS, 12 * 3600 * 1000)
    deliver(clock=lambda: next(now))
    desk.come("poison", "after it")
    assert handler.texts(4) == ["poison", "poison", "poison", "after it"]
    path = tmp_path / "webhooks" / "webhook-one.dead-letters.jsonl"
    (letter,) = map(json.loads, path.read_text().splitlines())
    assert letter["attempts"] == 3
    assert letter["reason"].endswith("answered 500")
    assert letter["body"]["params"]["envelope"]["dataMessage"]["message"] == "poison"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_day_goes_on_over_restarts(
    desk: Desk, handler: Handler, deliver: Deliver, tmp_path: Path
) -> None:
    handler.answer = lambda posted: (500 if posted.text == "poison" else 200, {})
    first = deliver(Patience(first_pause_s=60), clock=lambda: NOW_MS)
    desk.come("poison", "after it")
    assert handler.next().text == "poison"
    note = tmp_path / "webhooks" / "webhook-one.refused.json"
    desk_waits(lambda: note.exists() and note.read_text().endswith("}"))
    first.close()
    deliver(clock=lambda: NOW_MS + 24 * 3600 * 1000)
    assert handler.texts(2) == ["poison", "after it"]
    desk_waits(lambda: not note.exists())


def test_without_a_place_for_dead_letters_nothing_is_given_up(
    desk: Desk, handler: Handler, deliver: Deliver, tmp_path: Path
) -> None:
    (tmp_path / "webhooks").write_text("in the way")
    now = itertools.count(NOW_MS, 12 * 3600 * 1000)
    refused = threading.Event()
    handler.answer = lambda _: (200 if refused.is_set() else 500, {})
    deliver(clock=lambda: next(now))
    desk.come("one", "two")
    assert handler.texts(5) == ["one"] * 5
    refused.set()
    texts = [handler.next().text for _ in range(1)]
    while texts[-1] != "two":
        texts.append(handler.next().text)
    assert set(texts[:-1]) <= {"one"}
    assert any("cannot be recorded" in one for one in desk.warnings)


def test_what_is_not_confirmed_comes_again_after_a_restart(
    desk: Desk, handler: Handler, deliver: Deliver
) -> None:
    going_on = threading.Event()

    def hang(posted: Posted) -> tuple[int, dict[str, str]]:
        if posted.text == "two":
            going_on.wait(10)
        return 200, {}

    handler.answer = hang
    first = deliver()
    desk.come("one", "two")
    assert handler.texts(2) == ["one", "two"]
    first.close()
    going_on.set()
    store_taken(desk)
    desk.come("while nobody delivers")
    deliver()
    assert handler.texts(2) == ["two", "while nobody delivers"]


def test_a_handler_may_have_operations_done_meanwhile(
    desk: Desk, handler: Handler, deliver: Deliver
) -> None:
    done: list[Any] = []

    def ask_back(_: Posted) -> tuple[int, dict[str, str]]:
        live = desk.core.account()
        done.append(live.run(load("listContacts")()).to_json())
        with desk.core.subscribe("another", live) as other:
            done.append(other.next(0))
        return 200, {}

    handler.answer = ask_back
    deliver()
    desk.come("one", "two")
    assert handler.texts(2) == ["one", "two"]
    assert done[1] is None


def test_only_the_kinds_and_accounts_that_are_wanted(
    desk: Desk, handler: Handler, deliver: Deliver
) -> None:
    deliver(kinds=frozenset({"receipt"}))
    deliver(consumer="webhook-two", accounts=("+15550199",), url=handler.url + "/other")
    deliver(
        consumer="webhook-three",
        accounts=("+15550100",),
        kinds=frozenset({"message"}),
        url=handler.url + "/right",
    )
    desk.come("one", "two")
    assert [handler.next().path for _ in range(2)] == ["/hook/right"] * 2
    assert handler.posted.empty()


def test_one_whose_consumer_was_removed_begins_anew(
    desk: Desk, handler: Handler, deliver: Deliver
) -> None:
    deliver()
    desk.come("one")
    assert handler.next().text == "one"
    desk.core.remove_consumer("webhook-one")
    desk_waits(
        lambda: any(one.consumer == "webhook-one" for one in desk.core.handing_out.subscriptions())
    )
    desk.come("two")
    assert handler.next().text == "two"


def test_pauses_grow_to_five_minutes() -> None:
    pauses = [Patience().pause_s(attempts) for attempts in (1, 2, 3, 9, 10, 1000)]
    assert pauses == [1, 2, 4, 256, 300, 300]


def desk_waits(condition: Callable[[], bool]) -> None:
    """Until something holds that another thread brings about."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came about")
