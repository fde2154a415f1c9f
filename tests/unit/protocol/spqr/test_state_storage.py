"""The stored state: hostile and impossible ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.errors import InvalidSession, SigcliError
from sigcli.protocol import spqr
from sigcli.protocol.spqr import SpqrState
from sigcli.wire.spqr_state import Exchange, Phase
from tests.unit.protocol.spqr.simulation import Conversation


def one_of_each_phase() -> dict[Phase, SpqrState]:
    found: dict[Phase, SpqrState] = {}
    talk = Conversation(random.Random(1))
    while len(found) < len(Phase):
        side = talk.rng.randrange(2)
        for _ in range(talk.rng.choice((1, 1, 4))):
            talk.post(side)
            found.setdefault(talk.states[side].exchange.phase, talk.states[side])
        talk.deliver_all(1 - side, loss=0.2)
        found.setdefault(talk.states[1 - side].exchange.phase, talk.states[1 - side])
    return found


STATES = one_of_each_phase()


@pytest.mark.parametrize("phase", Phase)
def test_each_phase_both_ways_without_secrets_in_its_repr(phase: Phase) -> None:
    state = STATES[phase]
    assert SpqrState.deserialize(state.serialize()) == state
    for secret in (state.exchange.root_key, state.chain.next_root, state.exchange.seed):
        assert not secret or repr(secret) not in repr(state)


@pytest.mark.parametrize("phase", Phase)
def test_a_state_labelled_with_another_phase_is_refused(phase: Phase) -> None:
    for other in set(Phase) - {phase}:
        labelled = SpqrState(replace(STATES[phase].exchange, phase=other), STATES[phase].chain)
        if {phase, other} == {Phase.KEYS_UNSAMPLED, Phase.NO_HEADER_RECEIVED}:
            continue  # both hold nothing yet: the two cannot be told apart
        with pytest.raises(InvalidSession):
            SpqrState.deserialize(labelled.serialize())


def test_impossible_states_are_refused() -> None:
    state = STATES[Phase.CT1_SAMPLED]
    exchange, chain = state.exchange, state.chain
    link = chain.links[-1]
    changed: list[SpqrState] = [
        SpqrState(replace(exchange, epoch=exchange.epoch + 1), chain),
        SpqrState(replace(exchange, epoch=0), chain),
        SpqrState(replace(exchange, root_key=b""), chain),
        SpqrState(replace(exchange, received=bytes(33)), chain),
        SpqrState(replace(exchange, received=bytes(34 * 36)), chain),
        SpqrState(exchange, replace(chain, links=())),
        SpqrState(exchange, replace(chain, links=chain.links * 9)),
        SpqrState(exchange, replace(chain, send_epoch=chain.current_epoch)),
        SpqrState(exchange, replace(chain, next_root=bytes(31))),
        SpqrState(exchange, replace(chain, links=(*chain.links[:-1], replace(link, skipped=b"x")))),
        SpqrState(
            exchange, replace(chain, links=(*chain.links[:-1], replace(link, send_next=b"x")))
        ),
    ]
    for impossible in changed:
        with pytest.raises(InvalidSession):
            SpqrState.deserialize(impossible.serialize())


@pytest.mark.parametrize("data", [b"", b"\x08\x01", b"\x08\x02", b"\xff"])
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidSession):
        SpqrState.deserialize(data)


@settings(deadline=None)
@given(st.sampled_from(Phase), st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_damaged_states_raise_only_project_errors(phase: Phase, at: int, damage: bytes) -> None:
    data = bytearray(STATES[phase].serialize())
    at %= len(data)
    data[at : at + len(damage)] = damage
    try:
        state = SpqrState.deserialize(bytes(data))
        _, message, _ = spqr.send(state)
        spqr.receive(state, message)
    except SigcliError:
        return
    assert isinstance(state.exchange, Exchange)
