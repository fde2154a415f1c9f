from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.people.blocking import set_blocked
from sigcli.client.account.people.contact_changes import (
    ContactChange,
    remove_contact,
    update_contact,
)
from sigcli.client.account.people.identities import trust_identity
from sigcli.client.account.people.request_responses import respond_to_requests
from sigcli.client.account.people.user_status import user_status
from sigcli.client.people.contact_discovery import discover
from sigcli.client.people.recipients import (
    NUMBER_FRESH_MS,
    NUMBER_RETRY_MS,
    NumberLookup,
    look_up_numbers,
    resolve,
    resolve_known,
)
from sigcli.client.receiving.number_checks import check_numbers
from sigcli.client.sending.audience import resolve_audience
from sigcli.client.sending.send_results import results_of_nobody
from sigcli.errors import (
    AddressMoved,
    DiscoveryUnavailable,
    NumberNotRegistered,
    RateLimited,
    UnknownRecipient,
)
from sigcli.service.enclaves import DirectorySettings
from sigcli.store import account_data
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import find_by_service_id, set_profile_key, update_recipient
from sigcli.store.settings import read_setting, write_setting
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.enclave_service import DirectoryStandIn, rate_limit
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings

ACI, PNI = ServiceId.aci(UUID(int=0xA)), ServiceId.pni(UUID(int=0xB))
BOB, CAROL, EVE = "+15550101", "+15550102", "+15550199"
CAROL_ACI, CAROL_PNI = ServiceId.aci(UUID(int=0xC)), ServiceId.pni(UUID(int=0xD))


@pytest.fixture
def stand_in() -> DirectoryStandIn:
    return DirectoryStandIn({BOB: (ACI, PNI), CAROL: (CAROL_ACI, CAROL_PNI)})


@pytest.fixture
def profiles() -> dict[str, int]:
    """How the service answers those who ask for a profile with an access key, by ACI."""
    return {}


@pytest.fixture
def server(
    account: Account, stand_in: DirectoryStandIn, profiles: dict[str, int]
) -> Iterator[LoopbackServer]:
    def respond(request: Received) -> Answer:
        if request.path.startswith("/v1/profile/"):
            status = profiles.get(request.path.split("/")[3], 404)
            return Answer(status, body=b"{}")
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
        set_profile_key(database, row, ProfileKeyBytes(bytes(range(32))))
    found = resolve(account, BOB)
    assert (found.id, found.aci, found.pni) == (row, ACI, PNI)
    ((named, access_key),) = stand_in.requests[0].access_keys
    assert named == ACI
    assert len(access_key) == 16


@pytest.mark.usefixtures("server")
def test_several_numbers_are_one_lookup(account: Account, stand_in: DirectoryStandIn) -> None:
    words = [BOB, "+1 555 0102", EVE, "+15550100", str(ACI)]
    looked_up = look_up_numbers(account, words)
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
        assert look_up_numbers(account, [EVE]).entries == {EVE: None}
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
    account: Account, stand_in: DirectoryStandIn, clock: Clock
) -> None:
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI, pni=PNI, number=BOB).id
        update_recipient(database, row, unregistered_ms=account.now_ms())
    stand_in.people[BOB] = (CAROL_ACI, CAROL_PNI)
    # Nothing better is known while the directory does not answer.
    stand_in.refusals += [(4014, "")] * 2
    assert resolve(account, BOB, look_up_numbers(account, [BOB])).aci == ACI
    assert user_status(account, [BOB])[0].uuid == str(ACI)
    # Somebody else has it: that is for the user to accept.
    clock.now_ms += NUMBER_RETRY_MS
    with pytest.raises(AddressMoved) as caught:
        resolve(account, BOB)
    assert caught.value.number == BOB
    trust_identity(account, BOB)
    found = resolve(account, BOB)
    assert (found.aci, found.pni, found.number) == (None, CAROL_PNI, BOB)
    former = find_by_service_id(account.database, ACI)
    assert former is not None
    assert (former.pni, former.number) == (None, None)


@pytest.mark.usefixtures("server")
def test_answers_of_the_directory_age(
    account: Account, stand_in: DirectoryStandIn, clock: Clock, warnings: Warnings
) -> None:
    assert resolve(account, BOB).pni == PNI
    clock.now_ms += NUMBER_FRESH_MS - 1
    resolve(account, BOB)
    assert len(stand_in.requests) == 1
    clock.now_ms += 1
    assert resolve(account, BOB).pni == PNI
    again = stand_in.requests[1]
    assert (again.new, again.previous) == ((), (BOB,))  # which costs no quota
    clock.now_ms += NUMBER_FRESH_MS
    stand_in.refusals.append((4014, ""))
    assert resolve(account, BOB).pni == PNI
    assert len(warnings.texts) == 1
    # For an hour it is not tried again.
    assert resolve(account, BOB).pni == PNI
    assert len(stand_in.requests) == 3
    clock.now_ms += NUMBER_RETRY_MS
    stand_in.people[BOB] = (CAROL_ACI, CAROL_PNI)
    with pytest.raises(AddressMoved):
        resolve(account, BOB)


@pytest.mark.usefixtures("server")
def test_a_number_that_somebody_else_registered_has_the_same_pni(
    account: Account, stand_in: DirectoryStandIn, profiles: dict[str, int], clock: Clock
) -> None:
    """An ACI is named to those who know its access key: one not named, though the key is right, has lost the number."""
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI, pni=PNI, number=BOB).id
        set_profile_key(database, row, ProfileKeyBytes(bytes(range(32))))
    assert resolve(account, BOB).aci == ACI
    stand_in.people[BOB] = (CAROL_ACI, PNI)
    clock.now_ms += NUMBER_FRESH_MS
    # The key may have changed as well.
    profiles[str(ACI)] = 401
    assert resolve(account, BOB).aci == ACI
    clock.now_ms += NUMBER_FRESH_MS
    profiles[str(ACI)] = 200
    with pytest.raises(AddressMoved):
        resolve(account, BOB)
    (status,) = user_status(account, [BOB])
    assert (status.uuid, status.registered) == (str(PNI), True)
    trust_identity(account, BOB)
    found = resolve(account, BOB)
    assert (found.aci, found.pni) == (None, PNI)


@pytest.mark.usefixtures("server")
def test_who_hides_in_the_directory_keeps_the_number(
    account: Account, stand_in: DirectoryStandIn, clock: Clock
) -> None:
    with account.database.transaction() as database:
        resolve_recipient(database, aci=ACI, pni=PNI, number=BOB)
    del stand_in.people[BOB]
    assert resolve(account, BOB).aci == ACI
    clock.now_ms += NUMBER_FRESH_MS
    assert resolve(account, BOB).aci == ACI


@pytest.mark.usefixtures("server")
def test_first_messages_that_cross_meet_once_the_access_key_is_known(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    by_number = resolve(account, BOB)
    assert by_number.aci is None
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI).id
        set_profile_key(database, row, ProfileKeyBytes(bytes(range(32))))
    found = resolve(account, BOB)
    assert (found.aci, found.pni, found.number) == (ACI, PNI, BOB)
    assert len(stand_in.requests) == 2
    resolve(account, BOB)
    assert len(stand_in.requests) == 2


@pytest.mark.usefixtures("server")
def test_what_changes_only_what_is_noted_asks_nobody(
    account: Account, stand_in: DirectoryStandIn
) -> None:
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI, number=BOB).id
        update_recipient(database, row, unregistered_ms=account.now_ms())
    del stand_in.people[BOB]
    with pytest.raises(NumberNotRegistered):
        resolve(account, BOB)
    asked = len(stand_in.requests)
    assert resolve_known(account, BOB).aci == ACI
    set_blocked(account, [BOB], [], blocked=True)
    update_contact(account, BOB, ContactChange(given_name="Bob"))
    set_blocked(account, [BOB], [], blocked=False)
    remove_contact(account, BOB, forget=True)
    assert find_by_service_id(account.database, ACI) is None
    assert len(stand_in.requests) == asked


@pytest.mark.usefixtures("server")
def test_receive_asks_about_the_numbers_of_contacts(
    account: Account, stand_in: DirectoryStandIn, clock: Clock, warnings: Warnings
) -> None:
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=ACI, pni=PNI, number=BOB).id
        resolve_recipient(database, aci=CAROL_ACI, pni=CAROL_PNI, number=CAROL)
        update_recipient(database, row, is_contact=True)
    check_numbers(account)
    check_numbers(account)
    assert [request.new for request in stand_in.requests] == [(BOB,)]
    resolve(account, BOB)
    assert len(stand_in.requests) == 1
    clock.now_ms += NUMBER_FRESH_MS
    stand_in.people[BOB] = (CAROL_ACI, CAROL_PNI)
    check_numbers(account)
    assert len(warnings.texts) == 1
    with pytest.raises(AddressMoved):
        resolve(account, BOB)


def test_nobody_accepts_a_request_that_nobody_sent(account: Account) -> None:
    with account.database.transaction() as database:
        resolve_recipient(database, pni=PNI, number=BOB)
    with LoopbackServer() as server:
        account.environment = server.environment()
        with pytest.raises(UnknownRecipient):
            respond_to_requests(account, [BOB], [], accept=True)


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
        assert look_up_numbers(account, [BOB]) == NumberLookup()
        with pytest.raises(DiscoveryUnavailable):
            discover(account, [BOB])
