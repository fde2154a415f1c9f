"""One message of one session: Double Ratchet, post-quantum ratchet, MAC and cipher together.

Source: libsignal ``rust/protocol/src/triple_ratchet.rs``. The key of the post-quantum ratchet is the salt from which
the message keys are expanded. A step returns a new state, which may be kept because MAC and padding were checked first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import cbc_decrypt, cbc_encrypt
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import PublicKey
from sigcli.crypto.kdf import hmac_sha256
from sigcli.errors import DuplicateMessage, InvalidMessage, InvalidSession, MalformedMessage
from sigcli.lazy_dataclass import replace
from sigcli.protocol import ratchet, spqr
from sigcli.protocol.spqr import SpqrState
from sigcli.wire.ciphertexts import MAC_LENGTH, SignalMessage, encode_signal_message

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.limits import ChainWork
    from sigcli.protocol.session_state import SessionState
    from sigcli.wire.addresses import ProtocolAddress


def address_bytes(sender: ProtocolAddress, recipient: ProtocolAddress) -> bytes:
    """Sender and recipient in the form that the MAC covers: 36 bytes."""
    return b"".join(
        (
            sender.service_id.to_fixed_width(),
            bytes([sender.device_id]),
            recipient.service_id.to_fixed_width(),
            bytes([recipient.device_id]),
        )
    )


def encrypt(
    state: SessionState, plaintext: bytes, addresses: bytes | None, random: RandomSource
) -> tuple[SessionState, bytes]:
    """Encrypt with a session: the state after it and the whole SignalMessage.

    ``addresses`` is included in the message if given. Raises InvalidSession.
    """
    pq_state, pq_message, pq_key = _spqr_send(state.spqr, random)
    advanced, seed = ratchet.sending_step(state.ratchet)
    keys = ratchet.message_keys(seed, pq_key)
    authenticated = encode_signal_message(
        version=state.version,
        ratchet_key=state.ratchet.sender_chain.ratchet_key,
        counter=seed.index,
        previous_counter=state.ratchet.previous_counter,
        ciphertext=cbc_encrypt(keys.cipher_key, keys.iv, plaintext),
        pq_ratchet=pq_message,
        addresses=addresses,
    )
    mac = _mac(keys.mac_key, state.local_identity_key, state.remote_identity_key, authenticated)
    return replace(state, ratchet=advanced, spqr=pq_state), authenticated + mac


def decrypt(
    state: SessionState,
    message: SignalMessage,
    addresses: bytes,
    max_jump: int,
    work: ChainWork,
    random: RandomSource,
) -> tuple[SessionState, bytes]:
    """Decrypt with a session: the state after it, and the plaintext, still padded.

    ``work`` limits what is computed before the MAC is verified. ``addresses`` must equal those in the message, if it
    has any. Raises DuplicateMessage for a message read before, and InvalidMessage, LimitExceeded, InvalidKey,
    InvalidSession.
    """
    ratchet_key = PublicKey.deserialize(message.ratchet_key)
    try:
        seed, arrival = ratchet.locate(state.ratchet, ratchet_key, message.counter, max_jump, work)
    except MalformedMessage as error:
        raise InvalidSession from error
    pq_state, pq_key = _spqr_receive(state.spqr, message.pq_ratchet, work)
    keys = ratchet.message_keys(seed, pq_key)
    expected = _mac(
        keys.mac_key, state.remote_identity_key, state.local_identity_key, message.authenticated
    )
    if not equal(expected, message.mac):
        raise InvalidMessage("the MAC of the message is wrong")
    if message.addresses is not None and not equal(message.addresses, addresses):
        raise InvalidMessage("the message was meant for other addresses")
    plaintext = cbc_decrypt(keys.cipher_key, keys.iv, message.ciphertext)
    advanced = ratchet.advance(state.ratchet, arrival, random)
    return replace(state, ratchet=advanced, spqr=pq_state, pending=None), plaintext


def _spqr_send(encoded: bytes, random: RandomSource) -> tuple[bytes, bytes, bytes | None]:
    state, message, key = spqr.send(_spqr_state(encoded), random)
    return _encoded(state), message, key


def _spqr_receive(encoded: bytes, message: bytes, work: ChainWork) -> tuple[bytes, bytes | None]:
    try:
        state, key = spqr.receive(_spqr_state(encoded), message, work)
    except DuplicateMessage as error:
        # The Double Ratchet decides what is a duplicate: for it this message was new.
        raise InvalidMessage("the post-quantum ratchet refuses the message") from error
    return _encoded(state), key


class _Encoded(bytes):
    """A stored form that was made here, cached with its state for the session's next message."""

    state: SpqrState


def _encoded(state: SpqrState | None) -> bytes:
    if state is None:
        return b""
    encoded = _Encoded(state.serialize())
    encoded.state = state
    return encoded


def _spqr_state(encoded: bytes) -> SpqrState | None:
    """None in a session from before the post-quantum ratchet."""
    if isinstance(encoded, _Encoded):
        return encoded.state
    return SpqrState.deserialize(encoded) if encoded else None


def _mac(key: bytes, sender_identity: bytes, receiver_identity: bytes, message: bytes) -> bytes:
    return hmac_sha256(key, sender_identity, receiver_identity, message)[:MAC_LENGTH]
