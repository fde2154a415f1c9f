from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import sigcli
from sigcli import events
from sigcli.client.base.events import Person as ClientPerson
from sigcli.client.base.outcomes import ResultType, SendOutcome, SendResult
from sigcli.errors import (
    AccountClosed,
    InvalidConsumerName,
    NoLocalAccount,
    SendUntrusted,
    ServiceError,
    UnknownGroup,
    UnknownRecipient,
    UsageError,
)
from sigcli.library.session import raise_failure
from sigcli.operations.shapes.sent import Sent
from sigcli.wire.content import Content, DataMessage, EditMessage
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI
from tests.unit.library.conftest import SOON_S, Desk

if TYPE_CHECKING:
    from pathlib import Path


def next_text(stream: events.Event | object) -> str | None:
    found = next(stream)  # type: ignore[call-overload]
    assert isinstance(found, sigcli.Message)
    return found.text


def test_a_message_is_taken_when_the_next_one_is_asked_for(desk: Desk) -> None:
    desk.come("one", "two")
    for message in desk.me.messages(SOON_S):
        assert message.text == "one"
        break
    with desk.me.messages(SOON_S) as stream:
        assert next_text(stream) == "one"
        assert next_text(stream) == "two"
    desk.me.close()
    with desk.open() as again:
        assert next_text(again.messages(SOON_S)) == "two"


def test_a_loop_that_fails_keeps_its_message(desk: Desk) -> None:
    desk.come("one")

    def fail() -> None:
        for _ in desk.me.messages(SOON_S):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert next_text(desk.me.messages(SOON_S)) == "one"


def test_it_ends_when_nothing_comes_for_so_long(desk: Desk) -> None:
    began = time.monotonic()
    assert list(desk.me.messages(0.2)) == []
    assert time.monotonic() - began >= 0.2
    assert list(desk.me.messages(0.0)) == []


def test_consumers_of_different_names_each_get_everything(desk: Desk) -> None:
    first = desk.me.messages(SOON_S, consumer="first")
    second = desk.me.messages(SOON_S, consumer="second")
    desk.come("one")
    assert (next_text(first), next_text(second)) == ("one", "one")
    with pytest.raises(InvalidConsumerName):
        desk.me.messages(consumer="no such name!")


def test_without_a_service_a_run_until_empty_says_what_is_wrong(desk: Desk) -> None:
    desk.come("one")
    stream = desk.me.messages(until_empty=True)
    assert next_text(stream) == "one"
    with pytest.raises(ServiceError) as caught:
        next(stream)
    assert caught.value.hint


def test_closing_ends_the_loop_of_another_thread(desk: Desk) -> None:
    caught: list[BaseException] = []
    waits = threading.Event()

    def wait() -> None:
        stream = desk.me.messages()
        waits.set()
        try:
            next(stream)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert waits.wait(SOON_S)
    began = time.monotonic()
    desk.me.close()
    thread.join(SOON_S)
    assert isinstance(caught[0], AccountClosed)
    assert time.monotonic() - began < 5
    with pytest.raises(AccountClosed):
        desk.me.messages()
    with pytest.raises(AccountClosed):
        desk.me.send("+15550101", "too late")
    desk.me.close()


def test_a_stream_may_be_closed_from_elsewhere(desk: Desk) -> None:
    stream = desk.me.events()
    threading.Timer(0.2, stream.close).start()
    assert list(stream) == []


def test_events_are_everything(desk: Desk) -> None:
    desk.come("one")
    found = next(desk.me.events(SOON_S))
    assert isinstance(found, sigcli.Message)
    assert found.to_json()["envelope"]["dataMessage"]["message"] == "one"


def test_a_message_is_found_by_author_and_timestamp(desk: Desk) -> None:
    written = DataMessage(timestamp_ms=NOW_MS + 1, body="better")
    edit = EditMessage(target_timestamp_ms=NOW_MS, data_message=written)
    desk.come("draft")
    draft = next(desk.me.messages(SOON_S, consumer="other"))
    desk.world.take(
        desk.bob.sealed(
            Content(edit_message=replace(edit, target_timestamp_ms=draft.timestamp_ms)),
            timestamp_ms=draft.timestamp_ms + 1,
        )
    )
    found = desk.me.find_message(draft.sender, draft.timestamp_ms)
    assert found is not None
    assert (found.text, found.edits_ms) == ("better", draft.timestamp_ms)
    assert desk.me.find_message(str(PEER_ACI), 5) is None


def test_what_was_taken_is_found_if_messages_are_kept(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('keep_messages = "1d"\n')
    desk.me.close()  # it knows nothing of that, and would clean up what is kept
    desk.come("one")
    desk.world.take(desk.bob.sealed("two", timestamp_ms=NOW_MS + 1))
    with desk.open() as me:
        stream = me.messages(SOON_S)
        one = next(stream)
        assert next(stream).text == "two"
    with desk.open() as me:
        found = me.find_message(one.sender, one.timestamp_ms)
        assert found is not None
        assert found.text == "one"
        assert next_text(me.messages(SOON_S)) == "two"


def test_who_and_what_is_known(desk: Desk) -> None:
    assert desk.me.aci == str(OWN_ACI)
    assert desk.me.number == "+15550100"
    assert desk.me.own.is_own
    bob = desk.me.person(str(PEER_ACI))
    assert bob == desk.me.person(str(PEER_ACI).upper())
    assert bob.address == str(PEER_ACI)
    assert bob.name == str(PEER_ACI)
    assert desk.me.groups() == []
    with pytest.raises(UnknownRecipient):
        desk.me.person("nobody in particular")
    with pytest.raises(UnknownGroup):
        desk.me.group("YLcuXCGFnkbF7wmDAN389BxNgJjekBCN2y0uNkUCEII=")


def test_operations_run_on_the_account_or_the_settings(desk: Desk) -> None:
    assert desk.me.run(sigcli.operations.ListGroups()).to_json() == []
    accounts = desk.me.run(sigcli.operations.ListAccounts()).to_json()
    assert [one["number"] for one in accounts] == ["+15550100"]
    assert sigcli.run(sigcli.operations.ListAccounts(), data_dir=desk.folder).to_json() == accounts
    with pytest.raises(UsageError):
        sigcli.run(sigcli.operations.ListGroups(), data_dir=desk.folder)


def test_a_failure_as_a_whole_carries_its_result() -> None:
    failed = SendResult(
        ClientPerson(number="+15550101"), ResultType.RATE_LIMIT_FAILURE, retry_after_s=30
    )
    result = Sent(SendOutcome(NOW_MS, (failed,)))
    with pytest.raises(sigcli.errors.SendRateLimited) as caught:
        raise_failure(result, result)
    assert caught.value.retry_after_s == 30
    assert caught.value.result is result
    untrusted = SendResult(ClientPerson(number="+15550101"), ResultType.IDENTITY_FAILURE)
    with pytest.raises(SendUntrusted):
        raise_failure(Sent(SendOutcome(NOW_MS, (untrusted,))), None)


def test_settings_are_those_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGCLI_DATA_DIR", str(tmp_path))
    with pytest.raises(NoLocalAccount):
        sigcli.open_account()
    with pytest.raises(UsageError):
        sigcli.open_account(trust_new_identities="whatever")


def test_warnings_go_to_a_logger_without_control_characters(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from sigcli.library.opening import _log

    with caplog.at_level(logging.WARNING, "sigcli"):
        _log("a name: \x1b[31m\u202eevil")
    assert caplog.messages == ["a name: \\u001b[31m\\u202eevil"]
