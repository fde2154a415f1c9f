"""Prekeys: ids, signatures, stored form."""

from __future__ import annotations

import contextlib
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.curve import KeyPair
from sigcli.errors import SigcliError
from sigcli.protocol.limits import MAX_PREKEY_ID
from sigcli.protocol.prekeys import (
    KyberPreKeyRecord,
    PreKeyRecord,
    SignedPreKeyRecord,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from tests.support.devices import NOW_MS

RANDOM = Random(3).randbytes
IDENTITY = KeyPair.generate(RANDOM)


def test_ids_follow_each_other_and_begin_again_at_1() -> None:
    assert [record.id for record in generate_prekeys(7, 3, RANDOM)] == [7, 8, 9]
    wrapped = generate_prekeys(MAX_PREKEY_ID - 1, 3, RANDOM)
    assert [record.id for record in wrapped] == [MAX_PREKEY_ID - 1, MAX_PREKEY_ID, 1]
    assert len({record.key_pair.public_key for record in wrapped}) == 3


def test_signatures_are_the_identitys() -> None:
    signed = generate_signed_prekey(IDENTITY, 5, NOW_MS, RANDOM)
    serialized = signed.key_pair.public_key.serialize()
    assert IDENTITY.public_key.verify(signed.signature, serialized)
    for kyber in generate_kyber_prekeys(IDENTITY, 1, 2, NOW_MS, RANDOM):
        assert kyber.timestamp_ms == NOW_MS
        serialized = kyber.key_pair.public_key.serialize()
        assert IDENTITY.public_key.verify(kyber.signature, serialized)


def test_records_come_back_and_still_work() -> None:
    (prekey,) = generate_prekeys(1, 1, RANDOM)
    assert PreKeyRecord.deserialize(prekey.serialize()) == prekey
    signed = generate_signed_prekey(IDENTITY, 2, NOW_MS, RANDOM)
    assert SignedPreKeyRecord.deserialize(signed.serialize()) == signed
    (kyber,) = generate_kyber_prekeys(IDENTITY, 3, 1, NOW_MS, RANDOM)
    read = KyberPreKeyRecord.deserialize(kyber.serialize())
    assert read == kyber
    secret, ciphertext = kyber.key_pair.public_key.encapsulate()
    assert read.key_pair.decapsulate(ciphertext) == secret
    for record in (prekey, signed):
        assert repr(record.key_pair.private_key.serialize())[2:-1] not in repr(record)


@given(st.binary(max_size=120))
def test_hostile_bytes_raise_only_the_projects_errors(data: bytes) -> None:
    for kind in (PreKeyRecord, SignedPreKeyRecord, KyberPreKeyRecord):
        with contextlib.suppress(SigcliError):
            kind.deserialize(data)
