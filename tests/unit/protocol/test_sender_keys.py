"""Sender keys: chains, limits, stored records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidSession,
    LegacyMessage,
    LimitExceeded,
    MalformedMessage,
    NoSession,
    ProtocolError,
    UnrecognisedMessageVersion,
)
from sigcli.protocol.sender_keys import (
    SenderKeyRecord,
    create_distribution,
    group_decrypt,
    group_encrypt,
    process_distribution,
)
from sigcli.wire import sender_keys as wire
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from tests.support.memory_store import InMemoryProtocolStore
from tests.unit.protocol.hostile_bytes import hostile

SENDER = ProtocolAddress(ServiceId.aci("9d0652a3-dcc3-4d11-975f-74d61598733f"), 1)
GROUP = UUID("d1d1d1d1-7000-11eb-b32a-33b8a8a487a6")
RANDOM = Random("sender keys").randbytes


def new_store() -> InMemoryProtocolStore:
    return InMemoryProtocolStore(KeyPair.generate(RANDOM), 1)


def pair() -> tuple[InMemoryProtocolStore, InMemoryProtocolStore]:
    own, other = new_store(), new_store()
    process_distribution(SENDER, create_distribution(SENDER, GROUP, own, RANDOM), other)
    return own, other


OWN, OTHER = pair()
DISTRIBUTION = create_distribution(SENDER, GROUP, OWN)
MESSAGE = group_encrypt(SENDER, GROUP, b"text", OWN, RANDOM)
RECORD = OWN.sender_keys[(SENDER, GROUP)]


def chain(store: InMemoryProtocolStore) -> wire.StoredSenderKeyState:
    return store.sender_keys[(SENDER, GROUP)].states[0]


def at(store: InMemoryProtocolStore, iteration: int) -> InMemoryProtocolStore:
    """The same chain key, said to be at another iteration."""
    moved = new_store()
    state = replace(chain(store), iteration=iteration)
    moved.store_sender_key(SENDER, GROUP, SenderKeyRecord((state,)))
    return moved


def test_a_message_and_its_repetition() -> None:
    own, other = pair()
    first, second = (group_encrypt(SENDER, GROUP, text, own) for text in (b"one", b"two"))
    assert group_decrypt(SENDER, second, other) == b"two"
    assert group_decrypt(SENDER, first, other) == b"one"
    for message in (first, second):
        with pytest.raises(DuplicateMessage):
            group_decrypt(SENDER, message, other)


def test_the_chain_moves_before_the_message_leaves() -> None:
    own, _ = pair()
    before = chain(own)
    group_encrypt(SENDER, GROUP, b"text", own)
    after = chain(own)
    assert after.iteration == before.iteration + 1
    assert after.chain_key != before.chain_key


def test_a_distribution_is_stable_until_something_is_sent() -> None:
    own, _ = pair()
    assert create_distribution(SENDER, GROUP, own) == create_distribution(SENDER, GROUP, own)
    read = wire.decode_distribution(create_distribution(SENDER, GROUP, own))
    assert read.chain_id < 2**31


def test_limits() -> None:
    own, other = pair()
    # The chain keys differ from here on, but the limit is checked before any of them is used.
    far = group_encrypt(SENDER, GROUP, b"text", at(own, 25_001))
    with pytest.raises(LimitExceeded):
        group_decrypt(SENDER, far, other)
    last = at(own, 0xFFFFFFFF)
    with pytest.raises(LimitExceeded):
        group_encrypt(SENDER, GROUP, b"text", last)


def test_nothing_is_stored_for_what_does_not_decrypt() -> None:
    own, other = pair()
    before = chain(other)
    # Signed by the right key, encrypted with a wrong one: the padding does not fit.
    wrong = group_encrypt(SENDER, GROUP, b"text", at(own, 7), RANDOM)
    with pytest.raises(InvalidMessage):
        group_decrypt(SENDER, wrong, other)
    assert chain(other) == before


def test_skipped_keys_are_bounded() -> None:
    own, other = pair()
    messages = [group_encrypt(SENDER, GROUP, b"%d" % n, own) for n in range(2_003)]
    assert group_decrypt(SENDER, messages[-1], other) == b"2002"
    assert len(chain(other).skipped) == 2_000
    assert group_decrypt(SENDER, messages[2], other) == b"2"
    for lost in messages[:2]:
        with pytest.raises(DuplicateMessage):
            group_decrypt(SENDER, lost, other)


def test_who_has_no_chain() -> None:
    _, other = pair()
    with pytest.raises(NoSession):
        group_decrypt(SENDER, MESSAGE, new_store())
    with pytest.raises(NoSession, match="chain"):
        group_decrypt(SENDER, MESSAGE, other)
    with pytest.raises(NoSession):
        group_encrypt(SENDER, GROUP, b"text", new_store())
    # Somebody else's chain cannot be used for sending.
    with pytest.raises(InvalidSession):
        group_encrypt(SENDER, GROUP, b"text", other)


def test_versions() -> None:
    for byte, error in ((0x23, LegacyMessage), (0x43, UnrecognisedMessageVersion)):
        with pytest.raises(error):
            group_decrypt(SENDER, bytes([byte]) + MESSAGE[1:], OTHER)
        with pytest.raises(error):
            process_distribution(SENDER, bytes([byte]) + DISTRIBUTION[1:], OTHER)


def test_stored_records() -> None:
    assert SenderKeyRecord.deserialize(RECORD.serialize()) == RECORD
    with pytest.raises(InvalidSession):
        SenderKeyRecord.deserialize(b"\xff")
    empty = new_store()
    empty.store_sender_key(SENDER, GROUP, SenderKeyRecord())
    with pytest.raises(InvalidSession):
        group_encrypt(SENDER, GROUP, b"text", empty)
    assert chain(OWN).chain_key.hex() not in repr(RECORD)
    assert repr(chain(OWN).signing_private_key) not in repr(RECORD)


@given(hostile(MESSAGE))
def test_hostile_messages(data: bytes) -> None:
    store = new_store()
    process_distribution(SENDER, DISTRIBUTION, store)
    try:
        plaintext = group_decrypt(SENDER, data, store)
    except ProtocolError:
        return
    assert plaintext == b"text"


@given(hostile(DISTRIBUTION))
def test_hostile_distributions(data: bytes) -> None:
    store = new_store()
    try:
        process_distribution(SENDER, data, store)
    except ProtocolError:
        assert not store.sender_keys


@given(hostile(RECORD.serialize()))
def test_hostile_records(data: bytes) -> None:
    try:
        record = SenderKeyRecord.deserialize(data)
    except ProtocolError:
        return
    store = new_store()
    store.store_sender_key(SENDER, GROUP, record)
    uses: tuple[Callable[[], bytes], ...] = (
        lambda: group_decrypt(SENDER, MESSAGE, store),
        lambda: group_encrypt(SENDER, GROUP, b"text", store),
        lambda: create_distribution(SENDER, GROUP, store),
    )
    for use in uses:
        try:
            use()
        except ProtocolError:
            continue


@given(hostile())
def test_hostile_skipped_keys(data: bytes) -> None:
    try:
        wire.decode_skipped_key(data)
    except MalformedMessage:
        return
