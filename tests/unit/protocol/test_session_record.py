"""Records: both ways, lazily, bounded, and which session may send."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidSession, NoSession
from sigcli.protocol.limits import MAX_ARCHIVED_BYTES, MAX_ARCHIVED_STATES, MAX_UNACKNOWLEDGED_AGE_S
from sigcli.protocol.session_record import ArchivedState, SessionRecord
from sigcli.protocol.session_state import SessionState
from tests.support.devices import ALICE, BOB, NOW_MS, Device

LAST_MS = NOW_MS + MAX_UNACKNOWLEDGED_AGE_S * 1000


@pytest.fixture(scope="module")
def record() -> SessionRecord:
    """A started, unanswered session with an archived one."""
    alice, bob = Device.create(ALICE), Device.create(BOB)
    for _ in range(2):
        alice.start(BOB, bob.bundle())
    alice.encrypt(BOB, b"hello")
    return alice.record(BOB)


def current(record: SessionRecord) -> SessionState:
    assert record.current is not None
    return record.current


def test_a_record_comes_back(record: SessionRecord) -> None:
    assert SessionRecord.deserialize(record.serialize()) == record
    assert SessionRecord.deserialize(SessionRecord().serialize()) == SessionRecord()
    assert record.current is not None
    assert record.current.pending is not None
    assert record.archived[0].open().pending is None


def test_archived_sessions_stay_bytes_until_needed(record: SessionRecord) -> None:
    base_key = b"another base key"
    damaged = replace(record, archived=(ArchivedState(b"\xff" + base_key, b"\xff"),))
    read = SessionRecord.deserialize(damaged.serialize())
    assert read == damaged
    assert read.promote_matching(4, current(record).base_key) == read
    assert read.promote_matching(4, b"a third base key") is None
    with pytest.raises(InvalidSession):
        read.promote_matching(4, base_key)


def test_a_base_key_finds_its_session(record: SessionRecord) -> None:
    archived = record.archived[0].open()
    assert record.promote_matching(4, b"unknown") is None
    assert record.promote_matching(3, archived.base_key) is None
    promoted = record.promote_matching(4, archived.base_key)
    assert promoted is not None
    assert current(promoted) == archived
    assert [state.open().base_key for state in promoted.archived] == [current(record).base_key]


def test_the_oldest_archived_session_is_dropped(record: SessionRecord) -> None:
    full = SessionRecord()
    for index in range(MAX_ARCHIVED_STATES + 3):
        full = full.promote(replace(current(record), local_registration_id=index))
    assert len(full.archived) == MAX_ARCHIVED_STATES
    ids = [state.open().local_registration_id for state in full.archived]
    assert ids == list(range(MAX_ARCHIVED_STATES + 1, 1, -1))
    assert SessionRecord().archive_current() == SessionRecord()


def test_archived_sessions_are_bounded_in_bytes(record: SessionRecord) -> None:
    state = current(record)
    chain = replace(
        state.ratchet.sender_chain, skipped_message_keys=(bytes(MAX_ARCHIVED_BYTES // 8),)
    )
    large = replace(state, ratchet=replace(state.ratchet, sender_chain=chain))
    full = SessionRecord()
    for _ in range(20):
        full = full.promote(large)
    assert sum(one.size for one in full.archived) <= MAX_ARCHIVED_BYTES
    assert len(full.archived) == 7
    moved = full.promote_archived(6, full.archived[6].open())
    assert sum(one.size for one in moved.archived) <= MAX_ARCHIVED_BYTES


def test_a_session_may_send_by_all_three_rules(record: SessionRecord) -> None:
    state = current(record)
    assert record.has_usable_sender_chain(LAST_MS)
    assert not record.has_usable_sender_chain(LAST_MS + 1)
    assert record.with_current(state.acknowledged()).has_usable_sender_chain(LAST_MS + 1)
    assert not record.with_current(replace(state, version=3)).has_usable_sender_chain(NOW_MS)
    assert not record.with_current(replace(state, spqr=b"")).has_usable_sender_chain(NOW_MS)
    assert not record.archive_current().has_usable_sender_chain(NOW_MS)


@pytest.mark.parametrize("turns", [False, True], ids=["same chain", "new chain"])
def test_sessions_of_a_copy_decrypt_and_never_send(turns: bool) -> None:
    """The device whose copy it is may have sent since, with the keys that the copy would use next."""
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    bob.decrypt(ALICE, alice.encrypt(BOB, b"first"))
    alice.decrypt(BOB, bob.encrypt(ALICE, b"answer"))
    copied = alice.record(BOB).without_sending()
    if turns:
        bob.decrypt(ALICE, alice.encrypt(BOB, b"after the copy"))
    late = [bob.encrypt(ALICE, b"late"), bob.encrypt(ALICE, b"later")]
    alice.store.store_session(BOB, copied)
    assert not copied.has_usable_sender_chain(NOW_MS)
    assert alice.decrypt(BOB, late[0]) == b"late"
    with pytest.raises(NoSession):
        alice.encrypt(BOB, b"nothing")
    # The next message begins a session, which stays the current one whatever else comes.
    alice.start(BOB, bob.bundle())
    assert alice.decrypt(BOB, late[1]) == b"later"
    assert bob.decrypt(ALICE, alice.encrypt(BOB, b"from here on")) == b"from here on"
    assert alice.decrypt(BOB, bob.encrypt(ALICE, b"answered")) == b"answered"


def test_a_session_that_only_receives_does_not_send_when_a_prekey_message_names_it() -> None:
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    bob.decrypt(ALICE, alice.encrypt(BOB, b"first"))
    bob.store.store_session(ALICE, bob.record(ALICE).without_sending())
    assert bob.decrypt(ALICE, alice.encrypt(BOB, b"second")) == b"second"
    assert not bob.record(ALICE).has_usable_sender_chain(NOW_MS)
    with pytest.raises(NoSession):
        bob.encrypt(ALICE, b"nothing")


def test_a_fresh_record_knows_nobody() -> None:
    for question in ("remote_registration_id", "session_version", "remote_identity_key"):
        with pytest.raises(NoSession):
            getattr(SessionRecord(), question)


def test_no_secret_shows_in_a_repr(record: SessionRecord) -> None:
    state = current(record)
    text = repr(record)
    for secret in (
        state.ratchet.root_key,
        state.ratchet.sender_chain.chain_key,
        state.ratchet.sender_chain.ratchet_private_key,
        state.spqr,
    ):
        assert repr(secret)[2:-1] not in text
        assert secret.hex() not in text


@given(st.data())
def test_damaged_records_raise_only_invalid_session(
    record: SessionRecord, data: st.DataObject
) -> None:
    stored = record.serialize()
    flipped = bytearray(stored)
    flipped[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = data.draw(st.integers(0, len(stored) - 1))
    for candidate in (bytes(flipped), stored[:cut], data.draw(st.binary(max_size=100))):
        with contextlib.suppress(InvalidSession):
            SessionRecord.deserialize(candidate)
