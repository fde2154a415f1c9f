"""Sender keys: one encryption for a whole group, with a chain that each member has received.

Source: libsignal ``rust/protocol/src/{group_cipher,sender_keys}.rs``. Functions take a store and call its
``store_sender_key`` only when everything has been verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.crypto.ciphers import cbc_decrypt, cbc_encrypt
from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    DuplicateMessage,
    InvalidKey,
    InvalidSession,
    InvalidSignature,
    LimitExceeded,
    MalformedMessage,
    NoSession,
    UnrecognisedMessageVersion,
)
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.limits import (
    MAX_COUNTER,
    MAX_FORWARD_JUMPS,
    MAX_SENDER_KEY_STATES,
    MAX_SKIPPED_KEYS,
    work_for_message,
)
from sigcli.wire import sender_keys as wire

if TYPE_CHECKING:
    from sigcli.protocol.limits import ChainWork
    from sigcli.protocol.ports import SenderKeyStore
    from sigcli.wire.addresses import ProtocolAddress

_MESSAGE_SEED = b"\x01"
_CHAIN_SEED = b"\x02"
_INFO = b"WhisperGroup"


@dataclass(frozen=True, slots=True)
class SenderKeyRecord:
    """The known chains of one sender device for one distribution, the newest first."""

    states: tuple[wire.StoredSenderKeyState, ...] = ()

    @classmethod
    def deserialize(cls, data: bytes) -> SenderKeyRecord:
        """Read a stored record, libsignal's included; raises InvalidSession."""
        try:
            return cls(wire.decode_record(data))
        except (MalformedMessage, UnrecognisedMessageVersion) as error:
            raise InvalidSession("a stored sender key is damaged") from error

    def serialize(self) -> bytes:
        """The fields of libsignal's SenderKeyRecordStructure."""
        return wire.encode_record(self.states)

    def with_state(self, state: wire.StoredSenderKeyState) -> SenderKeyRecord:
        """Put a chain first.

        A chain that is already known keeps its position; one with the same id but another signing key is replaced;
        beyond five the oldest is dropped.
        """
        known = [s for s in self.states if s.chain_id == state.chain_id]
        first = next((s for s in known if s.signing_key == state.signing_key), state)
        others = [s for s in self.states if s.chain_id != state.chain_id]
        return SenderKeyRecord((first, *others[: MAX_SENDER_KEY_STATES - 1]))

    def _replacing(self, state: wire.StoredSenderKeyState) -> SenderKeyRecord:
        return SenderKeyRecord(
            tuple(state if s.chain_id == state.chain_id else s for s in self.states)
        )


def create_distribution(
    sender: ProtocolAddress,
    distribution_id: UUID,
    store: SenderKeyStore,
    random: RandomSource = secure_random,
) -> bytes:
    """The distribution message for this device's current chain, which is created if it is missing.

    It makes the following messages readable. Raises InvalidSession.
    """
    record = store.sender_key(sender, distribution_id)
    if record is None:
        signing = KeyPair.generate(random)
        record = SenderKeyRecord(
            (
                wire.StoredSenderKeyState(
                    # 31 bits: other clients hold it in a signed integer.
                    chain_id=int.from_bytes(random(4), "big") >> 1,
                    iteration=0,
                    chain_key=random(wire.CHAIN_KEY_LENGTH),
                    signing_key=signing.public_key.serialize(),
                    signing_private_key=signing.private_key.raw,
                ),
            )
        )
        store.store_sender_key(sender, distribution_id, record)
    state = _newest(record)
    return wire.encode_distribution(
        wire.SenderKeyDistribution(
            distribution_id=distribution_id,
            chain_id=state.chain_id,
            iteration=state.iteration,
            chain_key=state.chain_key,
            signing_key=state.signing_key,
        )
    )


def process_distribution(sender: ProtocolAddress, data: bytes, store: SenderKeyStore) -> UUID:
    """Store another device's chain; returns the distribution that it belongs to.

    Raises MalformedMessage, LegacyMessage, UnrecognisedMessageVersion, InvalidKey.
    """
    distribution = wire.decode_distribution(data)
    PublicKey.deserialize(distribution.signing_key)
    record = store.sender_key(sender, distribution.distribution_id) or SenderKeyRecord()
    state = wire.StoredSenderKeyState(
        chain_id=distribution.chain_id,
        iteration=distribution.iteration,
        chain_key=distribution.chain_key,
        signing_key=distribution.signing_key,
    )
    store.store_sender_key(sender, distribution.distribution_id, record.with_state(state))
    return distribution.distribution_id


def group_encrypt(
    sender: ProtocolAddress,
    distribution_id: UUID,
    plaintext: bytes,
    store: SenderKeyStore,
    random: RandomSource = secure_random,
) -> bytes:
    """Encrypt for everyone who has this device's chain, and advance it.

    Raises NoSession (no distribution was created yet), InvalidSession, LimitExceeded.
    """
    record = store.sender_key(sender, distribution_id)
    if record is None:
        raise NoSession("there is no sender key for this distribution")
    state = _newest(record)
    key, iv = _message_key(hmac_sha256(state.chain_key, _MESSAGE_SEED))
    unsigned = wire.encode_message(
        wire.SenderKeyMessage(
            distribution_id=distribution_id,
            chain_id=state.chain_id,
            iteration=state.iteration,
            ciphertext=cbc_encrypt(key, iv, plaintext),
        )
    )
    try:
        signing_key = PrivateKey.deserialize(state.signing_private_key)
    except InvalidKey as error:
        raise InvalidSession("the sender key belongs to another device") from error
    advanced = replace(
        state,
        chain_key=hmac_sha256(state.chain_key, _CHAIN_SEED),
        iteration=_next_iteration(state.iteration),
    )
    message = unsigned + signing_key.sign(unsigned, random=random)
    store.store_sender_key(sender, distribution_id, record._replacing(advanced))
    return message


def group_decrypt(
    sender: ProtocolAddress, data: bytes, store: SenderKeyStore, work: ChainWork | None = None
) -> bytes:
    """Decrypt a group message of another device; returns the still padded plaintext.

    ``work`` limits how far ahead it may be, in addition to 25,000 messages. Raises NoSession (chain not known: ask for
    it), DuplicateMessage, LimitExceeded (over 25,000 messages ahead), InvalidSignature, InvalidMessage, InvalidSession,
    MalformedMessage, LegacyMessage, UnrecognisedMessageVersion.
    """
    message = wire.decode_message(data)
    record = store.sender_key(sender, message.distribution_id)
    if record is None:
        raise NoSession("there is no sender key for this distribution")
    state = next((s for s in record.states if s.chain_id == message.chain_id), None)
    if state is None:
        raise NoSession("the sender key's chain is not known")
    try:
        signing_key = PublicKey.deserialize(state.signing_key)
    except InvalidKey as error:
        raise InvalidSession("a stored sender key is damaged") from error
    if not signing_key.verify(message.signature, message.signed):
        raise InvalidSignature("the group message is not signed by its sender")
    advanced, seed = _take_key(state, message.iteration, work or work_for_message())
    key, iv = _message_key(seed)
    plaintext = cbc_decrypt(key, iv, message.ciphertext)
    store.store_sender_key(sender, message.distribution_id, record._replacing(advanced))
    return plaintext


def _newest(record: SenderKeyRecord) -> wire.StoredSenderKeyState:
    if not record.states:
        raise InvalidSession("a stored sender key is empty")
    return record.states[0]


def _take_key(
    state: wire.StoredSenderKeyState, iteration: int, work: ChainWork
) -> tuple[wire.StoredSenderKeyState, bytes]:
    """The state after using the key of ``iteration``, and that key's seed."""
    if iteration < state.iteration:
        return _take_skipped_key(state, iteration)
    ahead = iteration - state.iteration
    if ahead > MAX_FORWARD_JUMPS:
        raise LimitExceeded("the group message is too far in the future")
    work.take_steps(ahead)
    chain_key = state.chain_key
    skipped: list[bytes] = []
    for passed in range(state.iteration, iteration):
        # Older ones would be dropped at once.
        if iteration - passed <= MAX_SKIPPED_KEYS:
            seed = hmac_sha256(chain_key, _MESSAGE_SEED)
            skipped.append(wire.encode_skipped_key(passed, seed))
        chain_key = hmac_sha256(chain_key, _CHAIN_SEED)
    kept = state.skipped
    if skipped:
        kept = (*kept, *skipped)[-MAX_SKIPPED_KEYS:]
    advanced = replace(
        state,
        chain_key=hmac_sha256(chain_key, _CHAIN_SEED),
        iteration=_next_iteration(iteration),
        skipped=kept,
    )
    return advanced, hmac_sha256(chain_key, _MESSAGE_SEED)


def _take_skipped_key(
    state: wire.StoredSenderKeyState, iteration: int
) -> tuple[wire.StoredSenderKeyState, bytes]:
    for position, encoded in enumerate(state.skipped):
        try:
            found, seed = wire.decode_skipped_key(encoded)
        except MalformedMessage as error:
            raise InvalidSession("a stored sender key is damaged") from error
        if found == iteration:
            rest = state.skipped[:position] + state.skipped[position + 1 :]
            return replace(state, skipped=rest), seed
    raise DuplicateMessage


def _next_iteration(iteration: int) -> int:
    if iteration >= MAX_COUNTER:
        raise LimitExceeded("the sender key's chain is at its end")
    return iteration + 1


def _message_key(seed: bytes) -> tuple[bytes, bytes]:
    """AES key and IV."""
    derived = hkdf_sha256(seed, _INFO, 48)
    return derived[16:], derived[:16]
