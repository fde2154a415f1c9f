from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.people.user_status import user_status
from sigcli.client.people.contact_discovery import discover
from sigcli.client.people.recipients import NumberLookup, look_up_unknown_numbers, resolve
from sigcli.client.sending.audience import resolve_audience
from sigcli.client.sending.send_results import results_of_nobody
from sigcli.errors import DiscoveryUnavailable, NumberNotRegistered, RateLimited
from sigcli.service.enclaves import DirectorySettings
from sigcli.store import account_data
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.store.settings import read_setting, write_setting
from sigcli.wire.addresses import ServiceId
from tests.support.enclave_service import DirectoryStandIn, rate_limit
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock

ACI, PNI = ServiceId.aci(UUID(int=0xA)), ServiceId.pni(UUID(int=0xB))
BOB, CAROL, EVE = "+15550101", "+15550102", "+15550199"
CAROL_ACI, CAROL_PNI = ServiceId.aci(UUID(int=0xC)), ServiceId.pni(UUID(int=0xD))


@pytest.fixture
def stand_in() -> DirectoryStandIn:
    return DirectoryStandIn({BOB: (ACI, PNI), CAROL: (CAROL_ACI, CAROL_PNI)})


@pytest.fixture
def server(account: Account, stand_in: DirectoryStandIn) -> Iterator[LoopbackServer]:
    def respond(request: Received) -> Answer:
        if request.path == "/v2/directory/auth":
            return Answer(body=json.dumps({"username": "u", "password": "p"}).encode())
        return Answer(200 if request.method == "HEAD" else 404)

    with LoopbackServer(respond, stand_in) as server:
        lookup = DirectorySettings("cdsi", server.url, None, False)
        account.environment = server.environment(directory=lookup)
        yield server
        account.close()


@pytest.mark.usefixtures("server")
def test_a_number_is_asked_about_once_and_remembered(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    for _ in range(2):
        found = resolve(account, BOB)
        assert (found.aci, found.pni, found.number) == (None, PNI, BOB)
    assert [request.new for request in stand_in.requests] == [(BOB,)]
    with pytest.raises(NumberNotRegistered) as caught:
        resolve(account, EVE)
    assert caught.value.number == EVE


@pytest.mark.usefixtures("server")
def test_the_token_spares_earlier_numbers(account: Account, stand_in: DirectoryStandIn) -> None:
    discover(account, [BOB, EVE, BOB])
    discover(account, [CAROL, EVE])
    first, second = stand_in.requests
    assert (first.new, first.previous, first.token) == ((BOB, EVE), (), b"")
    assert (second.new, second.previous, second.token) == ((CAROL,), (BOB, EVE), b"token 1")
    assert read_setting(account.database, account_data.DIRECTORY_TOKEN) == b"token 2"


@pytest.mark.usefixtures("server")
def test_a_token_that_is_not_known_is_dropped(account: Account, stand_in: DirectoryStandIn) -> None:
    with account.database.transaction() as database:
        write_setting(database, account_data.DIRECTORY_TOKEN, b"stale")
        write_setting(database, account_data.DIRECTORY_NUMBERS, bytes(7) + b"\x01")
    assert discover(account, [BOB])[BOB] is not None
    assert [request.token for request in stand_in.requests] == [b"stale", b""]
    assert stand_in.requests[1].previous == ()
    stand_in.tokens.append(b"another")
    assert discover(account, [CAROL])[CAROL] is not None


@pytest.mark.usefixtures("server")
def test_whose_profile_key_is_known_is_found_by_aci(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI).id
        set_profile_key(database, row, bytes(range(32)))
    found = resolve(account, BOB)
    assert (found.id, found.aci, found.pni) == (row, ACI, PNI)
    ((named, access_key),) = stand_in.requests[0].access_keys
    assert named == ACI
    assert len(access_key) == 16


@pytest.mark.usefixtures("server")
def test_several_numbers_are_one_lookup(account: Account, stand_in: DirectoryStandIn) -> None:
    words = [BOB, "+1 555 0102", EVE, "+15550100", str(ACI)]
    looked_up = look_up_unknown_numbers(account, words)
    assert [number for number, entry in looked_up.entries.items() if entry is None] == [EVE]
    assert [request.new for request in stand_in.requests] == [(BOB, CAROL, EVE)]
    with pytest.raises(NumberNotRegistered):
        resolve(account, EVE, looked_up)
    assert resolve(account, CAROL).pni == CAROL_PNI
    assert len(stand_in.requests) == 1


@pytest.mark.usefixtures("server")
def test_the_status_of_numbers_needs_one_lookup(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    bob, eve = user_status(account, [BOB, EVE])
    assert (bob.uuid, bob.registered) == (str(PNI), True)
    assert (eve.uuid, eve.registered) == (None, False)
    assert [request.new for request in stand_in.requests] == [(BOB, EVE)]


@pytest.mark.usefixtures("server")
def test_a_pause_is_kept(account: Account, stand_in: DirectoryStandIn, clock: Clock) -> None:
    stand_in.refusals.append(rate_limit(60))
    for wait_s in (60, 59):
        with pytest.raises(RateLimited) as caught:
            discover(account, [BOB])
        assert caught.value.retry_after_s == wait_s
        clock.now_ms += 1000
    assert len(stand_in.requests) == 1
    clock.now_ms += 58_000
    assert discover(account, [BOB])[BOB] is not None


@pytest.mark.usefixtures("server")
def test_a_pause_that_a_wrong_clock_noted_does_not_last_for_years(account: Account) -> None:
    far_ms = account.now_ms() + 15 * 24 * 3600 * 1000
    with account.database.transaction() as database:
        write_setting(database, account_data.DIRECTORY_PAUSE_UNTIL_MS, far_ms)
    assert discover(account, [BOB])[BOB] is not None


@pytest.mark.usefixtures("server")
def test_that_nobody_has_a_number_is_believed_for_an_hour(
    account: Account, stand_in: DirectoryStandIn, clock: Clock
) -> None:
    for _ in range(3):
        with pytest.raises(NumberNotRegistered):
            resolve(account, EVE)
        assert look_up_unknown_numbers(account, [EVE]).entries == {EVE: None}
    assert len(stand_in.requests) == 1
    stand_in.people[EVE] = (CAROL_ACI, CAROL_PNI)
    clock.now_ms += 3600 * 1000
    assert resolve(account, EVE).pni == CAROL_PNI
    assert len(stand_in.requests) == 2


@pytest.mark.usefixtures("server")
def test_the_status_of_a_number_is_asked_anew(account: Account, stand_in: DirectoryStandIn) -> None:
    assert [status.registered for status in user_status(account, [EVE])] == [False]
    stand_in.people[EVE] = (CAROL_ACI, CAROL_PNI)
    assert [status.registered for status in user_status(account, [EVE])] == [True]
    assert resolve(account, EVE).pni == CAROL_PNI
    assert len(stand_in.requests) == 2


@pytest.mark.usefixtures("server")
def test_a_number_whose_owner_has_gone_is_asked_about_again(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI, pni=PNI, number=BOB).id
        update_recipient(database, row, unregistered_ms=account.now_ms())
    stand_in.people[BOB] = (CAROL_ACI, CAROL_PNI)
    # Nothing better is known while the directory does not answer.
    stand_in.refusals += [(4014, "")] * 2
    assert resolve(account, BOB, look_up_unknown_numbers(account, [BOB])).aci == ACI
    assert user_status(account, [BOB])[0].uuid == str(ACI)
    found = resolve(account, BOB)
    assert (found.pni, found.number) == (CAROL_PNI, BOB)


@pytest.mark.usefixtures("server")
def test_who_cannot_be_looked_up_keeps_nobody_else_from_a_message(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    resolve(account, BOB)
    stand_in.refusals.append(rate_limit(60))
    audience = resolve_audience(account, [BOB, CAROL, EVE])
    assert [person.number for person in audience.people] == [BOB]
    assert [one.word for one in audience.unanswered] == [CAROL, EVE]
    results = results_of_nobody(account, audience)
    assert [(one.recipient.number, one.type.value) for one in results] == [
        (CAROL, "RATE_LIMIT_FAILURE"),
        (EVE, "RATE_LIMIT_FAILURE"),
    ]
    assert results[0].retry_after_s == 60
    # They were asked about at one go, and alone there is nothing to do.
    assert len(stand_in.requests) == 2
    with pytest.raises(RateLimited):
        resolve_audience(account, [CAROL])


def test_without_a_directory_nothing_is_found(account: Account) -> None:
    with LoopbackServer() as server:
        account.environment = server.environment()
        assert look_up_unknown_numbers(account, [BOB]) == NumberLookup()
        with pytest.raises(DiscoveryUnavailable):
            discover(account, [BOB])
