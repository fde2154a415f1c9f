"""Sessions and prekeys at rest: both ways, and what is damaged."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage
from sigcli.wire import session_storage as storage
from sigcli.wire.generated import session_storage_pb2 as pb
from sigcli.wire.session_storage import (
    Chain,
    PendingPreKey,
    StoredPreKey,
    StoredRecord,
    StoredSession,
)

KEYS = st.binary(min_size=32, max_size=33)
UINT32 = st.integers(0, 2**32 - 1)
CHAINS = st.builds(
    Chain, KEYS, st.binary(max_size=32), KEYS, UINT32, st.lists(st.binary(max_size=40)).map(tuple)
)
PENDING = st.builds(
    PendingPreKey, st.none() | UINT32, UINT32, KEYS, st.integers(0, 2**40), UINT32, KEYS
)
SESSIONS = st.builds(
    StoredSession,
    version=st.integers(3, 4),
    local_identity_key=KEYS,
    remote_identity_key=KEYS,
    root_key=KEYS,
    previous_counter=UINT32,
    sender_chain=st.none() | CHAINS,
    receiver_chains=st.lists(st.binary(max_size=40), max_size=5).map(tuple),
    pending=st.none() | PENDING,
    remote_registration_id=UINT32,
    local_registration_id=UINT32,
    base_key=KEYS,
)
PAIRS = st.tuples(st.binary(max_size=20), st.binary(max_size=20))
RECORDS = st.builds(
    StoredRecord, st.none() | st.binary(), st.binary(), st.lists(PAIRS, max_size=4).map(tuple)
)


@given(SESSIONS)
def test_sessions_come_back(session: StoredSession) -> None:
    assert storage.decode_session(storage.encode_session(session)) == session


@given(CHAINS)
def test_chains_come_back(chain: Chain) -> None:
    assert storage.decode_chain(storage.encode_chain(chain)) == chain


@given(RECORDS)
def test_records_come_back(record: StoredRecord) -> None:
    assert storage.decode_record(storage.encode_record(record)) == record


@given(UINT32, KEYS)
def test_prekeys_come_back(id: int, key: bytes) -> None:
    prekey = StoredPreKey(id, key, key)
    assert storage.decode_prekey(storage.encode_prekey(prekey)) == prekey
    signed = StoredPreKey(id, key, key, b"signature", 2**50)
    assert storage.decode_signed_prekey(storage.encode_signed_prekey(signed)) == signed


def test_skipped_keys_are_found_by_their_index() -> None:
    skipped = tuple(storage.encode_skipped_seed(index, b"seed %d" % index) for index in (9, 5, 0))
    chain = Chain(b"key", b"", b"chain key", 10, skipped)
    for position, index in enumerate((9, 5, 0)):
        assert storage.find_skipped_key(chain, index) == position
        found = storage.decode_skipped_key(skipped[position])
        assert (found.index, found.seed) == (index, b"seed %d" % index)
    assert storage.find_skipped_key(chain, 4) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pb.StoredSessionRecord(format=2, record=b"").SerializeToString(),
        pb.StoredSessionRecord(format=1, record=b"\xff").SerializeToString(),
        pb.StoredSessionRecord(
            format=1, record=pb.RecordStructure(previous_sessions=[b"a"]).SerializeToString()
        ).SerializeToString(),
    ],
    ids=["nothing", "a newer format", "no record", "an archived session without its SPQR entry"],
)
def test_damaged_records_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        storage.decode_record(data)


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_malformed_message(data: bytes) -> None:
    for parse in (
        storage.decode_chain,
        storage.decode_skipped_key,
        storage.decode_session,
        storage.decode_record,
        storage.decode_prekey,
        storage.decode_signed_prekey,
        lambda data: storage.find_skipped_key(Chain(b"", b"", b"", 0, (data,)), 1),
    ):
        with contextlib.suppress(MalformedMessage):
            parse(data)
