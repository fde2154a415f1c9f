from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.protocol.limits import MAX_EXPIRE_TIMER_VERSION
from sigcli.store.recipient_merging import recipient_id_of, resolve_recipient
from sigcli.store.recipient_values import AccessMode, Recipient, RequestState
from sigcli.store.recipients import (
    delete_contact,
    delete_recipient,
    find_by_number,
    find_by_service_id,
    find_by_username,
    forget_username,
    list_recipients,
    load_recipient,
    replace_blocked,
    set_expire_timer,
    set_profile_key,
    update_recipient,
)
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contacts import ContactDetails, decode_contacts, encode_contacts
from sigcli.wire.key_types import ProfileKeyBytes
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database, Transaction

A, B = ServiceId.aci(UUID(int=10)), ServiceId.aci(UUID(int=11))
P, Q = ServiceId.pni(UUID(int=20)), ServiceId.pni(UUID(int=21))
M, N = "+15550101", "+15550102"


@pytest.fixture(autouse=True)
def _transaction(database: Database) -> Iterator[None]:
    with database.transaction():
        yield


def _ids(database: Database) -> list[tuple[object, ...]]:
    return [(r.id, r.aci, r.pni, r.number) for r in list_recipients(database)]


def _load(database: Database, id: int) -> Recipient:
    recipient = load_recipient(database, id)
    assert recipient is not None
    return recipient


def test_ids_of_one_person_gather_in_one_row(database: Transaction) -> None:
    first = resolve_recipient(database, number=N)
    assert first.created
    assert resolve_recipient(database, pni=P, number=N).id == first.id
    assert resolve_recipient(database, aci=A, pni=P).id == first.id
    assert resolve_recipient(database, aci=A).id == first.id
    assert recipient_id_of(database, P) == first.id
    assert _ids(database) == [(first.id, A, P, N)]


def test_rows_that_turn_out_to_be_one_person_are_merged(database: Transaction) -> None:
    person = resolve_recipient(database, aci=A).id
    other = resolve_recipient(database, pni=P, number=N).id
    update_recipient(database, person, given_name="Ann", hidden=True)
    update_recipient(database, other, given_name="A.", note="met in May", blocked=True)
    set_profile_key(database, other, ProfileKeyBytes(b"k" * 32))
    set_expire_timer(database, other, 60)
    merged = resolve_recipient(database, aci=A, pni=P)
    assert (merged.id, merged.merged) == (person, (other,))
    assert _ids(database) == [(person, A, P, N)]
    recipient = _load(database, person)
    assert (recipient.contact.given_name, recipient.contact.note) == ("Ann", "met in May")
    assert recipient.contact.blocked  # forbidden under either name
    assert not recipient.contact.hidden
    assert recipient.profile.key == b"k" * 32
    assert (recipient.contact.expire_timer_s, recipient.contact.expire_timer_version) == (60, 2)


def test_three_rows_become_one(database: Transaction) -> None:
    ids = [
        resolve_recipient(database, number=N).id,
        resolve_recipient(database, pni=P).id,
        resolve_recipient(database, aci=A).id,
    ]
    assert resolve_recipient(database, aci=A, pni=P, number=N).merged == (ids[0], ids[1])
    assert _ids(database) == [(ids[2], A, P, N)]


def test_a_number_that_moves_to_another_account_leaves_the_old_one(database: Transaction) -> None:
    old = resolve_recipient(database, aci=A, pni=P, number=N).id
    new = resolve_recipient(database, aci=B, number=N)
    assert new.created
    assert not new.merged
    assert _ids(database) == [(old, A, None, None), (new.id, B, None, N)]


def test_an_account_that_changes_its_number_keeps_its_row(database: Transaction) -> None:
    person = resolve_recipient(database, aci=A, pni=P, number=N).id
    assert resolve_recipient(database, aci=A, number=M).id == person
    assert _ids(database) == [(person, A, None, M)]  # the PNI belonged to the old number
    resolve_recipient(database, aci=A, pni=Q, number=M)
    assert _ids(database) == [(person, A, Q, M)]
    resolve_recipient(database, aci=A, pni=P)
    assert _ids(database) == [(person, A, P, None)]


def test_two_accounts_swap_a_number(database: Transaction) -> None:
    first = resolve_recipient(database, aci=A, pni=P, number=N).id
    second = resolve_recipient(database, aci=B, pni=Q, number=M).id
    resolve_recipient(database, aci=A, pni=Q, number=M)
    assert _ids(database) == [(first, A, Q, M), (second, B, None, None)]


def test_the_directory_adds_a_pni_to_the_person_with_the_number(database: Transaction) -> None:
    person = resolve_recipient(database, aci=A, number=N).id
    other = resolve_recipient(database, pni=P).id
    assert resolve_recipient(database, pni=P, number=N).merged == (other,)
    assert _ids(database) == [(person, A, P, N)]


def test_a_number_with_a_new_pni_is_somebody_elses(database: Transaction) -> None:
    person = resolve_recipient(database, aci=A, pni=P, number=N).id
    other = resolve_recipient(database, pni=Q).id
    assert resolve_recipient(database, pni=Q, number=N).id == other
    assert _ids(database) == [(person, A, None, None), (other, None, Q, N)]


def test_a_username_belongs_to_one_account(database: Transaction) -> None:
    nameless = resolve_recipient(database, username="ann.01").id
    assert resolve_recipient(database, aci=A, username="ann.01").id == nameless
    other = resolve_recipient(database, aci=B, username="ann.01").id
    assert _load(database, nameless).username is None
    assert _load(database, other).username == "ann.01"


def test_at_least_one_id_is_needed(database: Transaction) -> None:
    with pytest.raises(TypeError):
        resolve_recipient(database)


def test_columns_come_back_as_they_were_set(database: Transaction) -> None:
    id = resolve_recipient(database, aci=A).id
    update_recipient(
        database,
        id,
        profile_given_name="Ann",
        profile_family_name="Lee",
        capabilities={"spqr", "deleteSync"},
        access_mode=AccessMode.UNRESTRICTED,
        request_state=RequestState.PENDING,
        unregistered_ms=NOW_MS,
        shares_number=False,
    )
    recipient = _load(database, id)
    assert recipient.name == "Ann Lee"
    assert recipient.profile.capabilities == {"spqr", "deleteSync"}
    assert recipient.profile.access_mode is AccessMode.UNRESTRICTED
    assert recipient.profile.shares_number is False
    assert recipient.profile.discoverable is None
    assert recipient.contact.request_state is RequestState.PENDING
    assert recipient.contact.unregistered_ms == NOW_MS
    update_recipient(database, id, given_name="Annie", nickname_given="A", is_contact=True)
    assert _load(database, id).name == "A"
    with pytest.raises(TypeError):
        update_recipient(database, id, **{"id = 1 --": 1})  # type: ignore[arg-type]
    delete_contact(database, id)
    assert _load(database, id).name == "Ann Lee"
    delete_recipient(database, id)
    assert load_recipient(database, id) is None


def test_a_new_profile_key_forgets_what_hung_on_the_old_one(database: Transaction) -> None:
    id = resolve_recipient(database, aci=A).id
    assert set_profile_key(database, id, ProfileKeyBytes(b"1" * 32))
    update_recipient(database, id, access_mode=AccessMode.ENABLED, profile_fetched_ms=NOW_MS)
    assert not set_profile_key(database, id, ProfileKeyBytes(b"1" * 32))
    assert _load(database, id).profile.fetched_ms == NOW_MS
    assert set_profile_key(database, id, ProfileKeyBytes(b"2" * 32))
    profile = _load(database, id).profile
    assert (profile.access_mode, profile.fetched_ms) == (AccessMode.UNKNOWN, 0)
    assert "2222" not in repr(profile)


def test_expire_timers_obey_their_versions(database: Transaction) -> None:
    id = resolve_recipient(database, aci=A).id

    def timer() -> tuple[int, int]:
        contact = _load(database, id).contact
        return contact.expire_timer_s, contact.expire_timer_version

    assert set_expire_timer(database, id, 60)
    assert timer() == (60, 2)
    assert not set_expire_timer(database, id, 60)
    assert not set_expire_timer(database, id, 10, version=1)
    assert set_expire_timer(database, id, 10, version=5)
    assert not set_expire_timer(database, id, 10, version=5)
    assert timer() == (10, 5)


def test_people_are_found_by_each_of_their_ids(database: Transaction) -> None:
    id = resolve_recipient(database, aci=A, pni=P, number=N, username="Ann.01").id
    for found in (
        find_by_service_id(database, A),
        find_by_service_id(database, P),
        find_by_number(database, N),
        find_by_username(database, "ann.01"),
    ):
        assert found is not None
        assert found.id == id
    assert find_by_username(database, "ann.02") is None
    assert find_by_number(database, M) is None
    assert find_by_service_id(database, ServiceId.aci(P.uuid)) is None


def test_a_username_is_given_up(database: Transaction) -> None:
    id = resolve_recipient(database, aci=A, username="ann.01").id
    update_recipient(database, id, username_checked_ms=5)
    forget_username(database, id)
    found = _load(database, id)
    assert (found.aci, found.username, found.username_checked_ms) == (A, None, 0)


def test_lists_are_filtered(database: Transaction) -> None:
    known, contact, blocked, hidden = (
        resolve_recipient(database, aci=ServiceId.aci(UUID(int=i))).id for i in range(100, 104)
    )
    update_recipient(database, contact, is_contact=True, given_name="Ann")
    update_recipient(database, known, profile_given_name="Ann")
    update_recipient(database, hidden, is_contact=True, hidden=True)
    replace_blocked(database, [known])
    replace_blocked(database, [blocked])
    assert [r.id for r in list_recipients(database)] == [known, contact, blocked, hidden]
    assert [r.id for r in list_recipients(database, only_contacts=True)] == [contact, blocked]
    assert [r.id for r in list_recipients(database, blocked=True)] == [blocked]
    assert [r.id for r in list_recipients(database, name="Ann")] == [known, contact]


def test_a_timer_version_never_outgrows_its_field(database: Transaction) -> None:
    person = resolve_recipient(database, aci=A)
    assert set_expire_timer(database, person.id, 5, 2**32 - 1)
    for timer_s in (10, 20):
        assert set_expire_timer(database, person.id, timer_s)
        found = load_recipient(database, person.id)
        assert found is not None
        assert found.contact.expire_timer_s == timer_s
        assert found.contact.expire_timer_version == MAX_EXPIRE_TIMER_VERSION
    # As older releases could leave it.
    database.write("UPDATE recipient SET expire_timer_version = ?", (2**40,))
    found = load_recipient(database, person.id)
    assert found is not None
    assert found.contact.expire_timer_version == MAX_EXPIRE_TIMER_VERSION
    details = ContactDetails(
        aci=A, expire_timer_s=5, expire_timer_version=found.contact.expire_timer_version
    )
    assert list(decode_contacts(encode_contacts([details]))) == [details]
