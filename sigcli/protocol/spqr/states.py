"""The key exchange as a table: what each phase sends, and which payloads move it on.

One side sends an encapsulation key (header, then vector), the other the ciphertext to it in two
parts; then the roles change and the next epoch begins. A payload that does not fit the phase is
ignored.

    sends the key:         KEYS_UNSAMPLED → KEYS_SAMPLED → HEADER_SENT → CT1_RECEIVED
                           → EK_SENT_CT1_RECEIVED → NO_HEADER_RECEIVED of the next epoch
    sends the ciphertext:  NO_HEADER_RECEIVED → HEADER_RECEIVED → CT1_SAMPLED
                           → EK_RECEIVED_CT1_SAMPLED or CT1_ACKNOWLEDGED
                           → CT2_SAMPLED → KEYS_UNSAMPLED of the next epoch

Source: ``src/v1`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sigcli.crypto import mlkem768
from sigcli.crypto.constant_time import equal
from sigcli.crypto.randomness import RandomSource
from sigcli.errors import InvalidMessage
from sigcli.lazy_dataclass import replace
from sigcli.protocol.spqr import authenticator, erasure
from sigcli.protocol.spqr.authenticator import MAC_LENGTH
from sigcli.protocol.spqr.messages import WITHOUT_CHUNK, Payload, SpqrMessage
from sigcli.wire.spqr_state import Direction, Exchange, Phase

HEADER_VALUE_LENGTH = mlkem768.HEADER_LENGTH + MAC_LENGTH
EK_VALUE_LENGTH = mlkem768.VECTOR_LENGTH
CT1_VALUE_LENGTH = mlkem768.CIPHERTEXT1_LENGTH
CT2_VALUE_LENGTH = mlkem768.CIPHERTEXT2_LENGTH + MAC_LENGTH
_U32 = 0xFFFFFFFF


class EpochSecret(NamedTuple):
    """The secret that an epoch adds to the chains."""

    epoch: int
    secret: bytes


class Outgoing(NamedTuple):
    """What a phase sends: the exchange after it, the payload, and a new epoch's secret."""

    exchange: Exchange
    payload: Payload
    chunk_index: int = 0
    chunk: bytes = b""
    secret: EpochSecret | None = None


Received = tuple[Exchange, EpochSecret | None]


def initial_exchange(direction: Direction, auth_key: bytes) -> Exchange:
    """The side that initiated the session sends the first key."""
    keys = authenticator.initial_keys(auth_key)
    first = Phase.KEYS_UNSAMPLED if direction is Direction.A_TO_B else Phase.NO_HEADER_RECEIVED
    return Exchange(first, 1, keys.root_key, keys.mac_key)


def send(exchange: Exchange, random: RandomSource) -> Outgoing:
    """The next payload of this side."""
    if exchange.phase is Phase.KEYS_UNSAMPLED:
        return _next_chunk(_sample_keys(exchange, random), Payload.HEADER)
    if exchange.phase is Phase.HEADER_RECEIVED:
        exchange, secret = _sample_ciphertext(exchange, random)
        return _next_chunk(exchange, Payload.CT1)._replace(secret=secret)
    payload = _PAYLOADS_TO_SEND[exchange.phase]
    if payload in WITHOUT_CHUNK:
        return Outgoing(exchange, payload)
    return _next_chunk(exchange, payload)


def receive(exchange: Exchange, message: SpqrMessage) -> Received:
    """The exchange after a message of the other side, and the secret of an epoch that it completed.

    Raises InvalidMessage for an epoch that is not possible yet, a wrong MAC, or a key that does not fit its header.
    """
    if message.epoch > exchange.epoch:
        if exchange.phase is Phase.CT2_SAMPLED and message.epoch == exchange.epoch + 1:
            return _next_epoch(exchange, Phase.KEYS_UNSAMPLED), None
        raise InvalidMessage("the ratchet message is from an epoch that has not begun")
    if message.epoch < exchange.epoch:
        return exchange, None
    step = _STEPS.get((exchange.phase, message.payload))
    return step(exchange, message) if step else (exchange, None)


def _next_chunk(exchange: Exchange, payload: Payload) -> Outgoing:
    index = exchange.sending_index & erasure.MAX_CHUNK_INDEX
    chunk = erasure.chunk_at(exchange.sending, index)
    following = exchange.sending_index + 1 & _U32
    return Outgoing(replace(exchange, sending_index=following), payload, index, chunk)


def _collect(exchange: Exchange, message: SpqrMessage, length: int) -> tuple[bytes, bytes | None]:
    """The chunks received so far including this one, and the value once they suffice."""
    received = erasure.add_chunk(exchange.received, message.chunk_index, message.chunk)
    return received, erasure.assemble(received, length)


def _begin(exchange: Exchange, message: SpqrMessage, phase: Phase, *, sending: bytes) -> Exchange:
    """The exchange in a phase that receives a new value, with the first chunk of it."""
    received = erasure.add_chunk(b"", message.chunk_index, message.chunk)
    return replace(exchange, phase=phase, sending=sending, sending_index=0, received=received)


def _next_epoch(exchange: Exchange, phase: Phase) -> Exchange:
    return Exchange(phase, exchange.epoch + 1, exchange.root_key, exchange.mac_key)


# --- the side that sends the key ----------------------------------------------------------------


def _sample_keys(exchange: Exchange, random: RandomSource) -> Exchange:
    keys = mlkem768.generate(random)
    mac = authenticator.header_mac(exchange.mac_key, exchange.epoch, keys.header)
    return replace(exchange, phase=Phase.KEYS_SAMPLED, seed=keys.seed, sending=keys.header + mac)


def _begin_ct1(exchange: Exchange, message: SpqrMessage) -> Received:
    # The vector is computed again from the seed: most states wait long before they need it.
    vector = mlkem768.vector_of(exchange.seed)
    return _begin(exchange, message, Phase.HEADER_SENT, sending=vector), None


def _continue_ct1(exchange: Exchange, message: SpqrMessage) -> Received:
    received, ct1 = _collect(exchange, message, CT1_VALUE_LENGTH)
    if ct1 is None:
        return replace(exchange, received=received), None
    return replace(exchange, phase=Phase.CT1_RECEIVED, received=b"", ct1=ct1), None


def _begin_ct2(exchange: Exchange, message: SpqrMessage) -> Received:
    return _begin(exchange, message, Phase.EK_SENT_CT1_RECEIVED, sending=b""), None


def _continue_ct2(exchange: Exchange, message: SpqrMessage) -> Received:
    received, value = _collect(exchange, message, CT2_VALUE_LENGTH)
    if value is None:
        return replace(exchange, received=received), None
    ct2, mac = value[:-MAC_LENGTH], value[-MAC_LENGTH:]
    shared = mlkem768.decaps(exchange.seed, exchange.ct1, ct2)
    secret = authenticator.epoch_secret(exchange.epoch, shared)
    keys = authenticator.update(exchange.root_key, exchange.epoch, secret)
    expected = authenticator.ciphertext_mac(keys.mac_key, exchange.epoch, exchange.ct1 + ct2)
    if not equal(mac, expected):
        raise InvalidMessage("the ratchet's ciphertext does not authenticate")
    following = Exchange(Phase.NO_HEADER_RECEIVED, exchange.epoch + 1, keys.root_key, keys.mac_key)
    return following, EpochSecret(exchange.epoch, secret)


# --- the side that sends the ciphertext ---------------------------------------------------------


def _continue_header(exchange: Exchange, message: SpqrMessage) -> Received:
    received, value = _collect(exchange, message, HEADER_VALUE_LENGTH)
    if value is None:
        return replace(exchange, received=received), None
    header, mac = value[:-MAC_LENGTH], value[-MAC_LENGTH:]
    if not equal(mac, authenticator.header_mac(exchange.mac_key, exchange.epoch, header)):
        raise InvalidMessage("the ratchet's key header does not authenticate")
    return replace(exchange, phase=Phase.HEADER_RECEIVED, received=b"", header=header), None


def _sample_ciphertext(exchange: Exchange, random: RandomSource) -> tuple[Exchange, EpochSecret]:
    encapsulation, ct1, shared = mlkem768.encaps1(exchange.header, random)
    secret = authenticator.epoch_secret(exchange.epoch, shared)
    keys = authenticator.update(exchange.root_key, exchange.epoch, secret)
    following = Exchange(
        Phase.CT1_SAMPLED,
        exchange.epoch,
        keys.root_key,
        keys.mac_key,
        sending=ct1,
        header=exchange.header,
        encapsulation=encapsulation,
    )
    return following, EpochSecret(exchange.epoch, secret)


def _continue_ek(exchange: Exchange, message: SpqrMessage) -> Received:
    """In CT1_SAMPLED and CT1_ACKNOWLEDGED: chunks of the key, perhaps with the acknowledgement."""
    waiting = exchange.phase is Phase.CT1_ACKNOWLEDGED
    acknowledged = waiting or message.payload is Payload.EK_AND_ACK
    received, vector = _collect(exchange, message, EK_VALUE_LENGTH)
    if vector is None:
        following = replace(exchange, received=received)
        if acknowledged and not waiting:
            following = replace(
                following,
                phase=Phase.CT1_ACKNOWLEDGED,
                sending=b"",
                sending_index=0,
                ct1=exchange.sending,
            )
        return following, None
    if not mlkem768.ek_matches_header(exchange.header, vector):
        raise InvalidMessage("the ratchet's key does not fit its header")
    ct1 = exchange.ct1 if waiting else exchange.sending
    ct2 = mlkem768.encaps2(exchange.encapsulation, vector)
    ct2 += authenticator.ciphertext_mac(exchange.mac_key, exchange.epoch, ct1 + ct2)
    following = Exchange(
        Phase.EK_RECEIVED_CT1_SAMPLED,
        exchange.epoch,
        exchange.root_key,
        exchange.mac_key,
        sending=ct1,
        sending_index=exchange.sending_index,
        ct2=ct2,
    )
    return _begin_sending_ct2(following, message) if acknowledged else (following, None)


def _begin_sending_ct2(exchange: Exchange, message: SpqrMessage) -> Received:
    following = Exchange(
        Phase.CT2_SAMPLED,
        exchange.epoch,
        exchange.root_key,
        exchange.mac_key,
        sending=exchange.ct2,
    )
    return following, None


# --- the tables ---------------------------------------------------------------------------------

_PAYLOADS_TO_SEND = {
    Phase.KEYS_SAMPLED: Payload.HEADER,
    Phase.HEADER_SENT: Payload.EK,
    Phase.CT1_RECEIVED: Payload.EK_AND_ACK,
    Phase.EK_SENT_CT1_RECEIVED: Payload.ACK,
    Phase.NO_HEADER_RECEIVED: Payload.NONE,
    Phase.CT1_SAMPLED: Payload.CT1,
    Phase.EK_RECEIVED_CT1_SAMPLED: Payload.CT1,
    Phase.CT1_ACKNOWLEDGED: Payload.NONE,
    Phase.CT2_SAMPLED: Payload.CT2,
}

_STEPS: dict[tuple[Phase, Payload], Callable[[Exchange, SpqrMessage], Received]] = {
    (Phase.KEYS_SAMPLED, Payload.CT1): _begin_ct1,
    (Phase.HEADER_SENT, Payload.CT1): _continue_ct1,
    (Phase.CT1_RECEIVED, Payload.CT2): _begin_ct2,
    (Phase.EK_SENT_CT1_RECEIVED, Payload.CT2): _continue_ct2,
    (Phase.NO_HEADER_RECEIVED, Payload.HEADER): _continue_header,
    (Phase.CT1_SAMPLED, Payload.EK): _continue_ek,
    (Phase.CT1_SAMPLED, Payload.EK_AND_ACK): _continue_ek,
    # Chunks arrive out of order: one without the acknowledgement may come after one with it.
    (Phase.CT1_ACKNOWLEDGED, Payload.EK): _continue_ek,
    (Phase.CT1_ACKNOWLEDGED, Payload.EK_AND_ACK): _continue_ek,
    (Phase.EK_RECEIVED_CT1_SAMPLED, Payload.EK_AND_ACK): _begin_sending_ct2,
    (Phase.EK_RECEIVED_CT1_SAMPLED, Payload.ACK): _begin_sending_ct2,
}
