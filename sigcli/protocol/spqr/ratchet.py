"""The whole ratchet: from a state and a message to a new state and a message key.

Version 1 only: a message of version 0 (an empty one) is refused, as in libsignal since all clients support version 1;
one of a higher version has no key and leaves the state unchanged. A session older than the ratchet has no state (None):
it sends nothing and accepts everything, without keys.

Source: ``src/lib.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage, InvalidSession, MalformedMessage
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import MAX_FORWARD_JUMPS, MAX_SKIPPED_KEYS
from sigcli.protocol.spqr import chain, messages, states, validation
from sigcli.protocol.spqr.messages import MESSAGE_VERSION, SpqrMessage
from sigcli.wire.spqr_state import (
    Chain,
    Direction,
    Exchange,
    decode_spqr_state,
    encode_spqr_state,
)

if TYPE_CHECKING:
    from sigcli.protocol.limits import ChainWork


@dataclass(frozen=True, slots=True)
class SpqrState:
    """One side of the ratchet: the key exchange under way and the chains."""

    exchange: Exchange
    chain: Chain

    def serialize(self) -> bytes:
        """The stored form, never empty."""
        return encode_spqr_state(self.exchange, self.chain)

    @classmethod
    def deserialize(cls, data: bytes) -> SpqrState:
        """Read the stored form; raises InvalidSession."""
        try:
            exchange, chains = decode_spqr_state(data)
        except MalformedMessage:
            raise InvalidSession("the state of the post-quantum ratchet is damaged") from None
        validation.check(exchange, chains)
        return cls(exchange, chains)


def initial_state(
    direction: Direction,
    auth_key: bytes,
    *,
    max_jump: int = MAX_FORWARD_JUMPS,
    max_skipped_keys: int = MAX_SKIPPED_KEYS,
) -> SpqrState:
    """A new session's state; the initiator of the session is A_TO_B.

    ``auth_key`` (32 bytes) is the third key of the handshake.
    """
    return SpqrState(
        states.initial_exchange(direction, auth_key),
        chain.start(direction, auth_key, max_jump, max_skipped_keys),
    )


def send(
    state: SpqrState | None, random: RandomSource = secure_random
) -> tuple[SpqrState | None, bytes, bytes | None]:
    """The state after sending, the message to include and the key (32 bytes) of this message.

    Raises InvalidSession for an impossible state.
    """
    if state is None:
        return None, b"", None
    out = states.send(state.exchange, random)
    chains = state.chain
    if out.secret is not None:
        chains = chain.add_epoch(chains, *out.secret)
    epoch = out.exchange.epoch
    chains, index, key = chain.send_key(chains, epoch - 1)
    message = SpqrMessage(epoch, index, out.payload, out.chunk_index, out.chunk)
    return SpqrState(out.exchange, chains), messages.encode(message), key


def receive(
    state: SpqrState | None, message: bytes, work: ChainWork | None = None
) -> tuple[SpqrState | None, bytes | None]:
    """The state after receiving a message and its key (32 bytes), or None if it has none.

    ``work`` limits the steps of its chain (default: one message's share). The message is not authentic until the MAC
    made with the key was checked: keep the old state until then. Raises InvalidMessage, DuplicateMessage (key used
    before) or LimitExceeded.
    """
    version = message[0] if message else 0
    if state is None or version > MESSAGE_VERSION:
        return state, None
    if version < MESSAGE_VERSION:
        raise InvalidMessage("the message lacks the post-quantum ratchet")
    parsed = messages.decode(message)
    exchange, secret = states.receive(state.exchange, parsed)
    chains = state.chain
    if secret is not None:
        chains = chain.add_epoch(chains, *secret)
    epoch = parsed.epoch - 1
    if epoch == 0 and parsed.key_index == 0:
        # Older peers have no key until the first reply.
        return replace(state, exchange=exchange, chain=chains), None
    chains, key = chain.receive_key(chains, epoch, parsed.key_index, work)
    return SpqrState(exchange, chains), key
