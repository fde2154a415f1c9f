"""Sender keys, both ways, against the official libsignal."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import DuplicateMessage, InvalidSignature, LimitExceeded, NoSession
from sigcli.protocol import sender_keys
from sigcli.protocol.limits import work_for_message
from sigcli.protocol.sender_keys import SenderKeyRecord
from tests.interop.oracle import Oracle, OracleError
from tests.support.devices import ALICE, BOB
from tests.support.memory_store import InMemoryProtocolStore

DISTRIBUTION = UUID("d1d1d1d1-7000-11eb-b32a-33b8a8a487a6")
_SCOPE = """
    const store = (state.store ??= new stores.SenderKeyStore());
    const sender = lib.ProtocolAddress.new(id, device);
"""
CREATE = _SCOPE + "return lib.SenderKeyDistributionMessage.create(sender, distribution, store);"
PROCESS = (
    _SCOPE
    + """
    await lib.processSenderKeyDistributionMessage(
        sender, lib.SenderKeyDistributionMessage.deserialize(message), store);
"""
)
ENCRYPT = (
    _SCOPE
    + """
    const made = [];
    for (const text of texts)
        made.push((await lib.groupEncrypt(sender, distribution, store, text)).serialize());
    return made;
"""
)
DECRYPT = (
    _SCOPE
    + """
    const outcomes = [];
    for (const message of messages) {
        try {
            outcomes.push(await lib.groupDecrypt(sender, store, message));
        } catch (error) {
            outcomes.push(error.name);
        }
    }
    return outcomes;
"""
)
RECORD = _SCOPE + "return (await store.getSenderKey(sender, distribution));"
LOAD = (
    _SCOPE
    + "await store.saveSenderKey(sender, distribution, lib.SenderKeyRecord.deserialize(record));"
)


class Group:
    """A store of ours; ALICE sends with sigcli, BOB with libsignal."""

    def __init__(self, oracle: Oracle) -> None:
        random = Random("group").randbytes
        self.oracle = oracle
        self.store = InMemoryProtocolStore(KeyPair.generate(random), 1)

    def theirs(self, body: str, *, sender: Any = BOB, **arguments: Any) -> Any:
        return self.oracle.call(
            body,
            id=str(sender.service_id),
            device=sender.device_id,
            distribution=str(DISTRIBUTION),
            **arguments,
        )

    def encrypt(self, *texts: bytes) -> list[bytes]:
        return [sender_keys.group_encrypt(ALICE, DISTRIBUTION, t, self.store) for t in texts]

    def decrypt(self, messages: Sequence[bytes]) -> list[bytes]:
        return [sender_keys.group_decrypt(BOB, message, self.store) for message in messages]

    def give_ours(self) -> bytes:
        message = sender_keys.create_distribution(ALICE, DISTRIBUTION, self.store)
        self.theirs(PROCESS, sender=ALICE, message=message)
        return message

    def take_theirs(self) -> bytes:
        message: bytes = self.theirs(CREATE)
        assert sender_keys.process_distribution(BOB, message, self.store) == DISTRIBUTION
        return message


@pytest.fixture
def group(oracle: Oracle) -> Group:
    return Group(oracle)


def test_libsignal_reads_ours_in_any_order(group: Group) -> None:
    texts = [bytes([n]) * n for n in range(60)]
    group.give_ours()
    messages = group.encrypt(*texts)
    order = list(range(60))
    Random(1).shuffle(order)
    outcomes = group.theirs(DECRYPT, sender=ALICE, messages=[messages[n] for n in order])
    assert outcomes == [texts[n] for n in order]
    assert group.theirs(DECRYPT, sender=ALICE, messages=messages[:1]) == ["DuplicatedMessage"]


def test_we_read_libsignals_in_any_order(group: Group) -> None:
    texts = [bytes([n]) * n for n in range(60)]
    group.take_theirs()
    messages = group.theirs(ENCRYPT, texts=texts)
    order = list(range(60))
    Random(2).shuffle(order)
    assert group.decrypt([messages[n] for n in order]) == [texts[n] for n in order]
    with pytest.raises(DuplicateMessage):
        group.decrypt([messages[30]])


def test_a_later_distribution_starts_where_the_chain_is(group: Group) -> None:
    early = group.give_ours()
    (first,) = group.encrypt(b"one")
    late = sender_keys.create_distribution(ALICE, DISTRIBUTION, group.store)
    assert early != late
    group.theirs("delete state.store;" + PROCESS, sender=ALICE, message=late)
    (second,) = group.encrypt(b"two")
    outcomes = group.theirs(DECRYPT, sender=ALICE, messages=[first, second])
    assert outcomes == ["DuplicatedMessage", b"two"]


@pytest.mark.parametrize(("jump", "readable"), [(25_000, True), (25_001, False)])
def test_the_forward_limit_is_libsignals(group: Group, jump: int, readable: bool) -> None:
    group.give_ours()
    record = group.store.sender_keys[(ALICE, DISTRIBUTION)]
    state, _ = sender_keys._take_key(record.states[0], 20_000, work_for_message())
    state, _ = (
        sender_keys._take_key(state, jump - 1, work_for_message())
        if jump - 1 > 20_000
        else (state, b"")
    )
    own = SenderKeyRecord((state,))
    assert own.states[0].iteration == jump
    group.store.sender_keys[(ALICE, DISTRIBUTION)] = own
    (message,) = group.encrypt(b"far ahead")
    (outcome,) = group.theirs(DECRYPT, sender=ALICE, messages=[message])
    # The same bytes for a device of ours that has the chain from its start.
    other = InMemoryProtocolStore(KeyPair.generate(), 1)
    other.store_sender_key(ALICE, DISTRIBUTION, record)
    if readable:
        assert outcome == sender_keys.group_decrypt(ALICE, message, other) == b"far ahead"
        assert len(other.sender_keys[(ALICE, DISTRIBUTION)].states[0].skipped) == 2_000
    else:
        assert isinstance(outcome, str)
        with pytest.raises(LimitExceeded):
            sender_keys.group_decrypt(ALICE, message, other)


def test_records_move_between_the_implementations(group: Group) -> None:
    group.take_theirs()
    messages = group.theirs(ENCRYPT, texts=[b"0", b"1", b"2"])
    assert group.decrypt(messages[2:]) == [b"2"]
    # Ours into libsignal: the skipped keys go along.
    ours = group.store.sender_keys[(BOB, DISTRIBUTION)].serialize()
    group.theirs("delete state.store;" + LOAD, record=ours)
    assert group.theirs(RECORD) == ours
    assert group.theirs(DECRYPT, messages=messages) == [b"0", b"1", "DuplicatedMessage"]
    # And back.
    theirs = group.theirs(RECORD)
    record = SenderKeyRecord.deserialize(theirs)
    assert record.serialize() == theirs
    assert record.states[0].skipped == ()


def test_a_sending_chain_moves_to_libsignal(group: Group) -> None:
    group.give_ours()
    own = group.store.sender_keys[(ALICE, DISTRIBUTION)]
    group.theirs(LOAD, sender=ALICE, record=own.serialize())
    (message,) = group.theirs(ENCRYPT, sender=ALICE, texts=[b"theirs now"])
    assert sender_keys.group_decrypt(ALICE, message, group.store) == b"theirs now"


def test_new_chains_displace_the_oldest_as_in_libsignal(group: Group) -> None:
    chains = []
    for _ in range(7):
        group.theirs("delete state.store;" + CREATE)
        message = group.take_theirs()
        chains.append((message, group.theirs(ENCRYPT, texts=[b"text"])[0]))
    group.theirs("delete state.store;" + _SCOPE)
    for message, _ in chains:
        group.theirs(PROCESS, message=message)
    # An old one given again becomes the newest.
    sender_keys.process_distribution(BOB, chains[3][0], group.store)
    group.theirs(PROCESS, message=chains[3][0])
    assert group.store.sender_keys[(BOB, DISTRIBUTION)].serialize() == group.theirs(RECORD)
    messages = [text for _, text in chains]
    outcomes = group.theirs(DECRYPT, messages=messages)
    assert [o == b"text" for o in outcomes] == [False, False] + [True] * 5
    for text in messages[:2]:
        with pytest.raises(NoSession):
            group.decrypt([text])
    assert group.decrypt(messages[2:]) == [b"text"] * 5


def test_both_refuse_a_forged_signature(group: Group) -> None:
    group.give_ours()
    group.take_theirs()
    (ours,) = group.encrypt(b"text")
    (theirs,) = group.theirs(ENCRYPT, texts=[b"text"])
    forged = bytearray(theirs)
    forged[-64] ^= 1
    before = group.store.sender_keys[(BOB, DISTRIBUTION)]
    with pytest.raises(InvalidSignature):
        group.decrypt([bytes(forged)])
    assert group.store.sender_keys[(BOB, DISTRIBUTION)] == before
    assert group.decrypt([theirs]) == [b"text"]
    broken = bytearray(ours)
    broken[-1] ^= 1
    (outcome,) = group.theirs(DECRYPT, sender=ALICE, messages=[bytes(broken)])
    assert isinstance(outcome, str)


def test_without_a_sender_key(group: Group) -> None:
    with pytest.raises(NoSession):
        group.encrypt(b"text")
    with pytest.raises(OracleError):
        group.theirs(ENCRYPT, texts=[b"text"])
