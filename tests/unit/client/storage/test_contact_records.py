"""Contact records: whatever another device has written, reading it is no edit, and an edit touches what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigcli.client.storage.contact_records import (
    edited_contact,
    is_usable,
    new_contact,
    take_contact,
)
from sigcli.crypto.curve import KeyPair
from sigcli.store.identity_keys import (
    TrustLevel,
    TrustPolicy,
    find_identity,
    save_peer_identity,
    set_trust_level,
)
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import (
    find_by_number,
    find_by_service_id,
    list_recipients,
    update_recipient,
)
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from sigcli.wire.storage_records import ContactRecord, IdentityState, Nickname
from tests.unit.client.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

ACI, OTHER_ACI = ServiceId.aci(UUID(int=0xC)), ServiceId.aci(UUID(int=0xD))
PNI = ServiceId.pni(UUID(int=0xE))
NUMBER = "+15550123"
KEYS, NEW_KEYS = KeyPair.generate(), KeyPair.generate()
KEY = KEYS.public_key.serialize()
NAMES = st.sampled_from(["", "Ann", "Bö", " "])
RECORDS = st.builds(
    ContactRecord,
    aci=st.sampled_from([ACI, None]),
    pni=st.sampled_from([PNI, None]),
    number=st.sampled_from(["", NUMBER, "+1", "no number"]),
    profile_key=st.sampled_from([b"", b"k" * 32, b"short"]),
    identity_key=st.sampled_from([b"", KEY, b"no key"]),
    identity_state=st.sampled_from([*IdentityState, 9]),
    given_name=NAMES,
    family_name=NAMES,
    nickname=st.sampled_from([None, Nickname(), Nickname(given="Nick"), Nickname(family="Name")]),
    note=NAMES,
    username=st.sampled_from(["", "ann.01"]),
    blocked=st.booleans(),
    whitelisted=st.booleans(),
    archived=st.booleans(),
    hidden=st.booleans(),
    marked_unread=st.booleans(),
    muted_until_ms=st.sampled_from([0, 7, (1 << 63) - 1, (1 << 64) - 1]),
    hide_story=st.booleans(),
    unregistered_at_ms=st.sampled_from([0, 7, (1 << 64) - 1]),
    system_given_name=NAMES,
    system_family_name=NAMES,
    system_nickname=NAMES,
    pni_signature_verified=st.booleans(),
)


def take(account: Account, record: ContactRecord, last_seen: ContactRecord | None = None) -> None:
    with account.database.transaction() as transaction:
        take_contact(account, transaction, record, last_seen, NOW_MS)


def find(account: Account, record: ContactRecord) -> Recipient | None:
    for service_id in (record.aci, record.pni):
        if service_id is not None:
            return find_by_service_id(account.database, service_id)
    return find_by_number(account.database, record.number)


def person(account: Account, aci: ServiceId = ACI) -> Recipient:
    found = find_by_service_id(account.database, aci)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _linked(account: Account) -> None:
    assert not account.keys.is_primary


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(RECORDS, RECORDS)
def test_what_is_read_is_not_written(
    account: Account, record: ContactRecord, later: ContactRecord
) -> None:
    """Also with a record of the same person after another, and for what no column can hold."""
    with account.database.transaction() as database:
        database.write("DELETE FROM recipient")
        database.write("DELETE FROM identity")
    account.database.caches.clear()
    # Ids and keys that were known once stay known: they would be written again.
    stays = ("aci", "pni", "number", "username", "identity_key", "profile_key")
    later = replace(later, **{name: getattr(record, name) for name in stays})
    take(account, record)
    found = find(account, record)
    if found is None:
        # Nobody, or a number that is none.
        assert record.aci is None
        assert record.pni is None
        assert record.number != NUMBER
        return
    assert edited_contact(account, record, found) is record
    take(account, later, record)
    found = find(account, later)
    assert found is not None
    assert edited_contact(account, later, found) is later


def test_an_edit_touches_what_it_is_about(account: Account) -> None:
    record = ContactRecord(
        aci=ACI,
        number=NUMBER,
        profile_key=ProfileKeyBytes(b"short"),
        nickname=Nickname(family="Name"),
        muted_until_ms=(1 << 64) - 1,
        hide_story=True,
        system_given_name="Ann",
    )
    take(account, record)
    with account.database.transaction() as database:
        update_recipient(
            database, person(account).id, nickname_given="Nick", note="new", blocked=True
        )
    edited = edited_contact(account, record, person(account))
    expected = replace(
        record, nickname=Nickname(given="Nick", family="Name"), note="new", blocked=True
    )
    assert edited == expected
    with account.database.transaction() as database:
        update_recipient(database, person(account).id, nickname_given=None, nickname_family=None)
    assert edited_contact(account, record, person(account)).nickname is None


def test_who_is_listed_afterwards(account: Account) -> None:
    take(account, ContactRecord(aci=ACI, given_name="only a profile"))
    assert list_recipients(account.database, only_contacts=True) == []
    take(account, ContactRecord(aci=ACI, nickname=Nickname(given="Nick")), ContactRecord(aci=ACI))
    assert [one.name for one in list_recipients(account.database, only_contacts=True)] == ["Nick"]
    take(account, ContactRecord(aci=OTHER_ACI, whitelisted=True))
    accepted = person(account, OTHER_ACI)
    assert accepted.contact.request_state is RequestState.ACCEPTED
    take(
        account,
        ContactRecord(aci=OTHER_ACI),
        ContactRecord(aci=OTHER_ACI, whitelisted=True),
    )
    assert person(account, OTHER_ACI).contact.request_state is RequestState.NONE


def test_who_gets_a_record(account: Account) -> None:
    with account.database.transaction() as database:
        from sigcli.store.recipient_merging import resolve_recipient

        row = resolve_recipient(database, aci=ACI, number=NUMBER).id
    assert new_contact(account, person(account)) is None
    with account.database.transaction() as database:
        update_recipient(database, row, is_contact=True, given_name="Ann")
    new = new_contact(account, person(account))
    # A number alone does not belong to the account: it comes with its PNI.
    assert new == ContactRecord(aci=ACI, system_given_name="Ann")
    with account.database.transaction() as database:
        update_recipient(database, row, unregistered_ms=7)
    assert new_contact(account, person(account)) is None


@pytest.mark.parametrize(
    "record",
    [
        ContactRecord(note="about nobody"),
        ContactRecord(aci=ServiceId.aci(UUID(int=1))),
        ContactRecord(pni=ServiceId.pni(UUID(int=2)), aci=ACI),
        ContactRecord(number="+15550100"),
    ],
)
def test_records_about_nobody_or_the_account_itself(
    account: Account, record: ContactRecord
) -> None:
    assert not is_usable(account, record)


# --- identity keys --------------------------------------------------------------------------------


def known(account: Account, level: TrustLevel, keys: KeyPair = KEYS) -> None:
    with account.database.transaction() as database:
        save_peer_identity(database, ACI, keys.public_key, TrustPolicy.ALWAYS, NOW_MS)
        set_trust_level(database, ACI, keys.public_key, level)


def level(account: Account, keys: KeyPair = KEYS) -> TrustLevel:
    found = find_identity(account.database, ACI)
    assert found is not None
    assert found.identity_key == keys.public_key
    return found.trust_level


def claim(state: IdentityState, keys: KeyPair = KEYS) -> ContactRecord:
    return ContactRecord(aci=ACI, identity_key=keys.public_key.serialize(), identity_state=state)


def test_a_verified_key_is_verified_here_too(account: Account) -> None:
    take(account, claim(IdentityState.VERIFIED))
    assert level(account) is TrustLevel.TRUSTED_VERIFIED
    take(account, claim(IdentityState.DEFAULT), claim(IdentityState.VERIFIED))
    assert level(account) is TrustLevel.TRUSTED_UNVERIFIED


def test_a_phone_that_accepts_in_silence_does_not_make_a_key_trusted(account: Account) -> None:
    known(account, TrustLevel.UNTRUSTED)
    take(account, claim(IdentityState.DEFAULT))
    assert level(account) is TrustLevel.UNTRUSTED
    take(account, claim(IdentityState.DEFAULT, NEW_KEYS), claim(IdentityState.DEFAULT))
    assert level(account) is TrustLevel.UNTRUSTED
    # And this device's doubts are not the phone's.
    record = claim(IdentityState.DEFAULT)
    assert edited_contact(account, record, person(account)) is record


def test_another_key_is_taken_over_only_if_it_was_compared(account: Account) -> None:
    known(account, TrustLevel.TRUSTED_UNVERIFIED)
    take(account, claim(IdentityState.DEFAULT, NEW_KEYS))
    assert level(account) is TrustLevel.TRUSTED_UNVERIFIED
    take(account, claim(IdentityState.VERIFIED, NEW_KEYS), claim(IdentityState.DEFAULT, NEW_KEYS))
    assert level(account, NEW_KEYS) is TrustLevel.TRUSTED_VERIFIED


def test_a_comparison_made_here_is_told(account: Account) -> None:
    record = claim(IdentityState.DEFAULT)
    take(account, record)
    with account.database.transaction() as database:
        set_trust_level(database, ACI, KEYS.public_key, TrustLevel.TRUSTED_VERIFIED)
    assert edited_contact(account, record, person(account)) == claim(IdentityState.VERIFIED)
    # A verification of this device is not lost to a record that was written before it.
    take(account, record)
    assert level(account) is TrustLevel.TRUSTED_VERIFIED


def test_a_linked_device_does_not_replace_the_phones_key(account: Account) -> None:
    known(account, TrustLevel.TRUSTED_UNVERIFIED, NEW_KEYS)
    record = claim(IdentityState.DEFAULT)
    take(account, record)
    assert edited_contact(account, record, person(account)) is record
