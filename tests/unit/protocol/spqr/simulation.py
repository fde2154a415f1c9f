"""Two sides of the ratchet with a bad network between them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sigcli.protocol import spqr
from sigcli.protocol.spqr import Direction, SpqrState
from sigcli.wire.spqr_state import Phase

AUTH_KEY = bytes(range(32))


@dataclass
class Conversation:
    """Both states, what is under way to each, and what was seen; every step stores and loads."""

    rng: random.Random
    states: list[SpqrState] = field(
        default_factory=lambda: [
            spqr.initial_state(Direction.A_TO_B, AUTH_KEY),
            spqr.initial_state(Direction.B_TO_A, AUTH_KEY),
        ]
    )
    under_way: tuple[list[tuple[bytes, bytes | None]], list[tuple[bytes, bytes | None]]] = field(
        default_factory=lambda: ([], [])
    )
    phases: set[Phase] = field(default_factory=set)
    delivered: list[tuple[int, bytes]] = field(default_factory=list)

    def send(self, side: int) -> tuple[bytes, bytes | None]:
        """One message from a side; returned with its key, not put under way."""
        state, message, key = spqr.send(self.states[side], self.rng.randbytes)
        assert state is not None
        self._keep(side, state)
        return message, key

    def post(self, side: int) -> None:
        """One message from a side, under way to the other."""
        self.under_way[1 - side].append(self.send(side))

    def deliver(self, side: int, message: bytes, key: bytes | None) -> None:
        """A message arrives; both must hold the same key."""
        state, received = spqr.receive(self.states[side], message)
        assert state is not None
        assert received == key
        self._keep(side, state)
        self.delivered.append((side, message))

    def deliver_all(self, side: int, loss: float = 0.0) -> None:
        """What is under way arrives in random order, or not at all."""
        self.rng.shuffle(self.under_way[side])
        for message, key in self.under_way[side]:
            if self.rng.random() >= loss:
                self.deliver(side, message, key)
        self.under_way[side].clear()

    def turns(self, count: int) -> None:
        """Strict alternation without loss."""
        for turn in range(count):
            self.deliver(1 - turn % 2, *self.send(turn % 2))

    def _keep(self, side: int, state: SpqrState) -> None:
        self.phases.add(state.exchange.phase)
        self.states[side] = SpqrState.deserialize(state.serialize())
        assert self.states[side] == state
