"""The ratchet as a whole: both sides agree on a bad network, and hostile input changes nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.errors import DuplicateMessage, InvalidMessage, LimitExceeded, SigcliError
from sigcli.protocol import spqr
from sigcli.protocol.limits import MAX_FORWARD_JUMPS, MAX_FORWARD_JUMPS_TO_SELF
from sigcli.protocol.spqr import Direction, messages
from sigcli.protocol.spqr.messages import Payload, SpqrMessage
from sigcli.wire.spqr_state import Phase
from tests.unit.protocol.spqr.simulation import AUTH_KEY, Conversation


def test_alternation_reaches_an_epoch_every_88_messages() -> None:
    talk = Conversation(random.Random(1))
    talk.turns(5 * 88)
    assert 5 <= talk.states[0].exchange.epoch <= 7
    largest = max(len(state.serialize()) for state in talk.states)
    assert largest < 3000


@pytest.mark.parametrize("seed", range(6))
def test_keys_agree_despite_loss_bursts_and_reordering(seed: int) -> None:
    talk = Conversation(random.Random(seed))
    for _ in range(150):
        side = talk.rng.randrange(2)
        for _ in range(talk.rng.choice((1, 1, 1, 2, 3, 8, 40))):
            talk.post(side)
        talk.deliver_all(1 - side, loss=0.25)
    assert talk.states[0].exchange.epoch >= 3
    # Nothing can be decrypted twice.
    for side, message in talk.rng.sample(talk.delivered, 100):
        with pytest.raises((DuplicateMessage, InvalidMessage)):
            spqr.receive(talk.states[side], message)


def test_every_phase_is_passed_through() -> None:
    seen: set[Phase] = set()
    for seed in range(4):
        talk = Conversation(random.Random(seed))
        for _ in range(60):
            side = talk.rng.randrange(2)
            for _ in range(talk.rng.choice((1, 2, 10))):
                talk.post(side)
            talk.deliver_all(1 - side, loss=0.3)
        seen |= talk.phases
    assert seen == set(Phase)


def test_both_write_before_either_reads() -> None:
    talk = Conversation(random.Random(3))
    for _ in range(120):
        talk.post(0)
        talk.post(1)
        talk.deliver_all(0)
        talk.deliver_all(1)
    assert talk.states[0].exchange.epoch >= 3


def test_one_side_alone_can_write_a_long_time() -> None:
    talk = Conversation(random.Random(4))
    for _ in range(300):
        talk.post(0)
    for message, key in talk.under_way[1][::-1]:
        talk.deliver(1, message, key)
    assert len(talk.states[0].serialize()) < 600
    talk.under_way[1].clear()
    talk.turns(100)


def test_states_are_not_changed_in_place() -> None:
    talk = Conversation(random.Random(5))
    talk.turns(60)
    before = talk.states[0].serialize()
    _, message, key = spqr.send(talk.states[0])
    assert talk.states[0].serialize() == before
    before = talk.states[1].serialize()
    assert spqr.receive(talk.states[1], message)[1] == key
    assert spqr.receive(talk.states[1], message)[1] == key
    assert talk.states[1].serialize() == before


def test_a_session_without_the_ratchet_takes_everything() -> None:
    assert spqr.send(None) == (None, b"", None)
    for message in (b"", b"\0", b"\1\1\1\0", b"\2"):
        assert spqr.receive(None, message) == (None, None)


def test_versions() -> None:
    state = spqr.initial_state(Direction.B_TO_A, AUTH_KEY)
    for message in (b"", b"\0", b"\0\1\1\0"):
        with pytest.raises(InvalidMessage):
            spqr.receive(state, message)
    for message in (b"\2", b"\xff\1\1\0"):
        assert spqr.receive(state, message) == (state, None)


def test_an_older_peer_has_no_key_before_the_first_reply() -> None:
    """It sends epoch 1, index 0; from our first reply on both take keys."""
    peer = spqr.initial_state(Direction.A_TO_B, AUTH_KEY)
    state = spqr.initial_state(Direction.B_TO_A, AUTH_KEY)
    for index in range(3):
        after, message, _ = spqr.send(peer)
        assert after is not None
        peer = spqr.SpqrState(after.exchange, peer.chain)
        parsed = messages.decode(message)
        keyless = messages.encode(SpqrMessage(1, 0, Payload.HEADER, index, parsed.chunk))
        following, key = spqr.receive(state, keyless)
        assert key is None
        assert following is not None
        state = following
    assert state.exchange.phase is Phase.HEADER_RECEIVED
    _, reply, key = spqr.send(state)
    after, received = spqr.receive(peer, reply)
    assert received == key is not None
    _, message, key = spqr.send(after)
    assert spqr.receive(state, message)[1] == key is not None


def test_messages_of_epochs_to_come_are_refused() -> None:
    talk = Conversation(random.Random(6))
    talk.turns(100)
    for state in talk.states:
        epoch = state.exchange.epoch
        for ahead in (2, 3, 2**63):
            with pytest.raises(InvalidMessage):
                spqr.receive(state, messages.encode(SpqrMessage(epoch + ahead, 1, Payload.NONE)))


def test_a_jump_beyond_the_limit_is_refused() -> None:
    state = spqr.initial_state(Direction.B_TO_A, AUTH_KEY)
    far = messages.encode(SpqrMessage(1, MAX_FORWARD_JUMPS + 1, Payload.NONE))
    with pytest.raises(LimitExceeded):
        spqr.receive(state, far)
    to_oneself = spqr.initial_state(Direction.B_TO_A, AUTH_KEY, max_jump=MAX_FORWARD_JUMPS_TO_SELF)
    assert spqr.receive(to_oneself, far)[1] is not None


@pytest.mark.parametrize(
    ("payload", "phase"),
    [
        (Payload.HEADER, Phase.NO_HEADER_RECEIVED),
        (Payload.EK_AND_ACK, Phase.CT1_ACKNOWLEDGED),
        (Payload.CT2, Phase.EK_SENT_CT1_RECEIVED),
    ],
)
def test_a_forged_value_is_refused_when_complete(payload: Payload, phase: Phase) -> None:
    """A chunk is changed on the way: what it belongs to must fail as soon as it is assembled."""
    talk = Conversation(random.Random(7))
    refused = 0
    for turn in range(200):
        message, key = talk.send(turn % 2)
        side = 1 - turn % 2
        parsed = messages.decode(message)
        if parsed.payload is payload and talk.states[side].exchange.phase is phase:
            forged = messages.encode(
                SpqrMessage(
                    parsed.epoch, parsed.key_index, payload, parsed.chunk_index + 500, parsed.chunk
                )
            )
            before = talk.states[side]
            try:
                spqr.receive(before, forged)
            except InvalidMessage:
                refused += 1
        talk.deliver(side, message, key)
    assert refused >= 1


def midway(seed: int) -> Conversation:
    talk = Conversation(random.Random(seed))
    talk.turns(seed)
    return talk


CONVERSATIONS = [midway(n) for n in (0, 1, 5, 7, 30, 75, 80, 85, 88, 100)]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(CONVERSATIONS), st.integers(0, 1), st.data())
def test_hostile_messages_raise_only_project_errors(
    talk: Conversation, side: int, data: st.DataObject
) -> None:
    state = talk.states[side]
    before = state.serialize()
    crafted = st.builds(
        lambda ahead, *rest: messages.encode(
            SpqrMessage(max(1, state.exchange.epoch + ahead), *rest)
        ),
        st.integers(-2, 2),
        st.integers(0, 300),
        st.sampled_from(Payload),
        st.integers(0, 65535),
        st.binary(min_size=32, max_size=32),
    )
    message = data.draw(st.one_of(crafted, st.binary(max_size=50).map(b"\1".__add__)))
    try:
        after, _ = spqr.receive(state, message)
    except SigcliError:
        after = state
    assert state.serialize() == before
    assert after is not None
    sent, _, key = spqr.send(spqr.SpqrState.deserialize(after.serialize()))
    assert sent is not None
    assert key is not None
