"""The Double Ratchet as a value: every step takes a state and returns the next one.

Specification: signal.org/docs/specifications/doubleratchet; libsignal
``rust/protocol/src/double_ratchet.rs`` and ``ratchet/keys.rs``. Receiver chains and skipped keys
stay encoded until one of them is needed.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.errors import DuplicateMessage, InvalidSession, LimitExceeded
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import (
    MAX_COUNTER,
    MAX_RECEIVER_CHAINS,
    MAX_SKIPPED_KEYS,
    work_for_message,
)
from sigcli.wire.session_storage import (
    Chain,
    SkippedKey,
    decode_chain,
    decode_skipped_key,
    encode_chain,
    encode_skipped_seed,
    find_skipped_key,
)

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.limits import ChainWork

_KEY_LENGTH = 32
_ROOT_INFO = b"WhisperRatchet"
_MESSAGE_KEYS_INFO = b"WhisperMessageKeys"
_MESSAGE_SEED = b"\x01"
_NEXT_CHAIN_KEY = b"\x02"


@dataclass(frozen=True, slots=True)
class RatchetState:
    """Root key, sending chain and the newest receiving chains."""

    root_key: bytes = field(repr=False)
    previous_counter: int
    sender_chain: Chain
    receiver_chains: tuple[bytes, ...] = field(repr=False)
    """Encoded Chains, oldest first."""

    @property
    def sends(self) -> bool:
        """Whether it has a sending chain; see ``without_sending``."""
        return bool(self.sender_chain.chain_key)

    def without_sending(self) -> RatchetState:
        """The state that only receives, now and after every ratchet step."""
        return replace(self, sender_chain=replace(self.sender_chain, chain_key=b""))


@dataclass(frozen=True, slots=True)
class MessageKeys:
    """The keys that encrypt and authenticate one message."""

    cipher_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


def initiator_state(
    root_key: bytes, chain_key: bytes, their_ratchet_key: PublicKey, random: RandomSource
) -> RatchetState:
    """The ratchet of the side that starts a session: it receives on the agreed chain and sends on a new one."""
    ratchet_key = KeyPair.generate(random)
    shared = ratchet_key.private_key.agree(their_ratchet_key)
    next_root_key, sending_key = _dh_ratchet_step(root_key, shared)
    receiver = Chain(their_ratchet_key.serialize(), b"", chain_key, 0)
    return RatchetState(
        next_root_key, 0, _sender_chain(ratchet_key, sending_key), (encode_chain(receiver),)
    )


def responder_state(root_key: bytes, chain_key: bytes, signed_prekey: KeyPair) -> RatchetState:
    """The ratchet of the other side: the signed prekey is its first ratchet key."""
    return RatchetState(root_key, 0, _sender_chain(signed_prekey, chain_key), ())


def sending_step(state: RatchetState) -> tuple[RatchetState, SkippedKey]:
    """The seed of the next message to send, and the state after it; raises InvalidSession if it only receives."""
    chain = state.sender_chain
    if not state.sends:
        raise InvalidSession("the session only receives")
    seed = SkippedKey(chain.index, hmac_sha256(chain.chain_key, _MESSAGE_SEED))
    advanced = replace(
        chain, chain_key=hmac_sha256(chain.chain_key, _NEXT_CHAIN_KEY), index=chain.index + 1
    )
    return replace(state, sender_chain=advanced), seed


@dataclass(frozen=True, slots=True)
class Arrival:
    """The position of a received message in the ratchet, and what is needed to step past it."""

    chain: Chain
    """The chain of the message before the step."""
    position: int | None
    """The chain's index among the receiver chains, None for a new one."""
    root_key: bytes = field(repr=False)
    """For a new chain: the root key after the receiving half of a ratchet step."""
    counter: int
    skipped_position: int | None
    """The key's index among the skipped ones, None if later messages did not overtake it."""
    walked: tuple[bytes, ...] = field(default=(), repr=False)
    """The chain keys of the skipped messages that are kept, and of the message itself."""


def locate(
    state: RatchetState,
    their_ratchet_key: PublicKey,
    counter: int,
    max_jump: int,
    work: ChainWork | None = None,
) -> tuple[SkippedKey, Arrival]:
    """The seed (or stored keys) of a received message, before it is authenticated.

    ``max_jump`` limits how far ahead the message may be, ``work`` what all attempts at it may cost (default: one
    message's share). Raises DuplicateMessage, LimitExceeded, InvalidKey, InvalidSession.
    """
    work = work or work_for_message()
    serialized = their_ratchet_key.serialize()
    root_key = state.root_key
    position = _find_receiver_chain(state, serialized)
    if position is None:
        _require_jump(counter, max_jump)
        work.take_state()
        work.take_steps(counter)
        own_key = PrivateKey.deserialize(state.sender_chain.ratchet_private_key)
        root_key, chain_key = _dh_ratchet_step(root_key, own_key.agree(their_ratchet_key))
        chain = Chain(serialized, b"", chain_key, 0)
    else:
        chain = decode_chain(state.receiver_chains[position])
    if counter < chain.index:
        skipped_position = find_skipped_key(chain, counter)
        if skipped_position is None:
            raise DuplicateMessage
        key = decode_skipped_key(chain.skipped_message_keys[skipped_position])
        return key, Arrival(chain, position, root_key, counter, skipped_position)
    if len(chain.chain_key) != _KEY_LENGTH:
        raise InvalidSession("a receiving chain is damaged")
    if position is not None:
        _require_jump(counter, max_jump, chain.index)
        work.take_steps(counter - chain.index)
    walked = _walk(chain, counter)
    key = SkippedKey(counter, hmac_sha256(walked[-1], _MESSAGE_SEED))
    return key, Arrival(chain, position, root_key, counter, None, walked)


def advance(state: RatchetState, arrival: Arrival, random: RandomSource) -> RatchetState:
    """The state after an authenticated message; a new chain advances the ratchet."""
    encoded = encode_chain(_chain_after(arrival))
    if arrival.position is not None:
        chains = list(state.receiver_chains)
        chains[arrival.position] = encoded
        return replace(state, receiver_chains=tuple(chains))
    ratchet_key = KeyPair.generate(random)
    theirs = PublicKey.deserialize(arrival.chain.ratchet_key)
    root_key, sending_key = _dh_ratchet_step(
        arrival.root_key, ratchet_key.private_key.agree(theirs)
    )
    return RatchetState(
        root_key,
        max(state.sender_chain.index - 1, 0),
        _sender_chain(ratchet_key, sending_key if state.sends else b""),
        (*state.receiver_chains, encoded)[-MAX_RECEIVER_CHAINS:],
    )


def message_keys(key: SkippedKey, spqr_key: bytes | None) -> MessageKeys:
    """Expand a seed, with the key of the post-quantum ratchet as salt; InvalidSession."""
    if key.seed:
        keys = hkdf_sha256(key.seed, _MESSAGE_KEYS_INFO, 80, spqr_key)
        return MessageKeys(keys[:32], keys[32:64], keys[64:])
    lengths = (len(key.cipher_key), len(key.mac_key), len(key.iv))
    if spqr_key is not None or lengths != (32, 32, 16):
        raise InvalidSession("a skipped message key is damaged")
    return MessageKeys(key.cipher_key, key.mac_key, key.iv)


def _require_jump(counter: int, max_jump: int, index: int = 0) -> None:
    if counter >= MAX_COUNTER or counter - index > max_jump:
        raise LimitExceeded("the message is too far in the future")


def _walk(chain: Chain, counter: int) -> tuple[bytes, ...]:
    """The chain keys up to a message's, starting with the first whose message key is kept."""
    chain_key, walked = chain.chain_key, []
    first_kept = counter - MAX_SKIPPED_KEYS
    for index in range(chain.index, counter):
        if index >= first_kept:
            walked.append(chain_key)
        chain_key = hmac_sha256(chain_key, _NEXT_CHAIN_KEY)
    return (*walked, chain_key)


def _chain_after(arrival: Arrival) -> Chain:
    chain, counter = arrival.chain, arrival.counter
    kept = chain.skipped_message_keys
    if arrival.skipped_position is not None:
        rest = kept[: arrival.skipped_position] + kept[arrival.skipped_position + 1 :]
        return replace(chain, skipped_message_keys=rest)
    *jumped, last = arrival.walked
    if jumped:
        newest_first = enumerate(reversed(jumped), start=1)
        skipped = [
            encode_skipped_seed(counter - distance, hmac_sha256(chain_key, _MESSAGE_SEED))
            for distance, chain_key in newest_first
        ]
        kept = (*skipped, *kept)[:MAX_SKIPPED_KEYS]
    next_key = hmac_sha256(last, _NEXT_CHAIN_KEY)
    return Chain(chain.ratchet_key, b"", next_key, counter + 1, kept)


def _find_receiver_chain(state: RatchetState, ratchet_key: bytes) -> int | None:
    for position in range(len(state.receiver_chains) - 1, -1, -1):
        encoded = state.receiver_chains[position]
        # The key is stored verbatim in its chain: only a likely chain is parsed.
        if ratchet_key in encoded and decode_chain(encoded).ratchet_key == ratchet_key:
            return position
    return None


def _dh_ratchet_step(root_key: bytes, shared: bytes) -> tuple[bytes, bytes]:
    """The next root key and the key of a new chain, from an agreement of ratchet keys."""
    keys = hkdf_sha256(shared, _ROOT_INFO, 64, root_key)
    return keys[:32], keys[32:]


def _sender_chain(ratchet_key: KeyPair, chain_key: bytes) -> Chain:
    return Chain(
        ratchet_key.public_key.serialize(), ratchet_key.private_key.serialize(), chain_key, 0
    )
