"""Converting libsignal's state of the ratchet, so that a session begun by another client can continue here.

Every phase of the key exchange can be converted. libsignal stores some things in another form: a value being sent as
columns or polynomials, received chunks as columns of points, expanded private keys, and for an encapsulation the
computed vectors instead of the coins behind them.

Source: ``src/v1`` and ``src/encoding/polynomial.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from hashlib import sha3_512
from typing import TYPE_CHECKING

from sigcli.crypto import mlkem768
from sigcli.errors import InvalidMessage, InvalidSession, MalformedMessage
from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import MAX_FORWARD_JUMPS, MAX_FORWARD_JUMPS_TO_SELF, MAX_SKIPPED_KEYS
from sigcli.protocol.spqr import authenticator, chain, erasure, gf16, validation
from sigcli.protocol.spqr.ratchet import SpqrState
from sigcli.wire.libsignal_sessions import decode_libsignal_state
from sigcli.wire.spqr_state import Chain, Exchange, Phase

if TYPE_CHECKING:
    from sigcli.wire.libsignal_sessions import (
        ForeignDecoder,
        ForeignEncoder,
        ForeignExchange,
        ForeignState,
    )

_COLUMNS = erasure.CHUNK_LENGTH // 2
_MESSAGE_LENGTH = 32


def convert(data: bytes) -> SpqrState:
    """The state that continues libsignal's; raises InvalidSession for one that is damaged or unknown."""
    try:
        foreign = decode_libsignal_state(data)
        exchange, chains = _exchange(foreign.exchange), _chains(foreign)
    except (InvalidMessage, MalformedMessage):
        raise InvalidSession("the state of the post-quantum ratchet cannot be taken over") from None
    validation.check(exchange, chains)
    return SpqrState(exchange, chains)


def _exchange(foreign: ForeignExchange) -> Exchange:
    phase, parts = foreign.phase, foreign.parts
    exchange = Exchange(
        phase,
        foreign.epoch,
        foreign.root_key,
        foreign.mac_key,
        sending=b"" if foreign.sending is None else _value(foreign.sending),
        sending_index=0 if foreign.sending is None else foreign.sending.index,
        received=b"" if foreign.receiving is None else _chunks(foreign.receiving),
        seed=parts.get("dk", b""),
        header=parts.get("header", b""),
    )
    if phase in (Phase.CT1_RECEIVED, Phase.EK_SENT_CT1_RECEIVED, Phase.CT1_ACKNOWLEDGED):
        exchange = replace(exchange, ct1=parts["ct1"])
    if phase in (Phase.CT1_SAMPLED, Phase.CT1_ACKNOWLEDGED):
        exchange = replace(exchange, encapsulation=_encapsulation(foreign))
    if phase is Phase.EK_RECEIVED_CT1_SAMPLED:
        exchange = replace(exchange, ct2=_second_ciphertext(foreign))
    return exchange


def _encapsulation(foreign: ForeignExchange) -> bytes:
    """Coins and message: the message is at the end of libsignal's state, and the coins follow from it."""
    message = foreign.parts["encapsulation"][-_MESSAGE_LENGTH:]
    key_hash = foreign.parts["header"][-_MESSAGE_LENGTH:]
    return sha3_512(message + key_hash).digest()[32:] + message


def _second_ciphertext(foreign: ForeignExchange) -> bytes:
    """ct2 with its MAC, which libsignal computes only when it is sent."""
    parts = foreign.parts
    ct2 = mlkem768.finish_foreign(parts["encapsulation"], parts["ek"])
    return ct2 + authenticator.ciphertext_mac(foreign.mac_key, foreign.epoch, parts["ct1"] + ct2)


def _value(encoder: ForeignEncoder) -> bytes:
    """The whole value from its columns, or the values of its polynomials at 0, 1, 2 …"""
    columns = encoder.columns or tuple(map(_evaluated, encoder.polynomials))
    length = len(columns[0]) if columns else 0
    if len(columns) != _COLUMNS or any(len(column) != length for column in columns):
        raise MalformedMessage
    return b"".join(column[at : at + 2] for at in range(0, length, 2) for column in columns)


def _evaluated(polynomial: bytes) -> bytes:
    coefficients = [
        int.from_bytes(polynomial[at : at + 2], "big") for at in range(0, len(polynomial), 2)
    ]
    points = b""
    for x in range(len(coefficients)):
        y = 0
        for coefficient in reversed(coefficients):
            y = gf16.scale(y, x, 1) ^ coefficient
        points += y.to_bytes(2, "big")
    return points


def _chunks(decoder: ForeignDecoder) -> bytes:
    """The received chunks: all columns have points at the same positions."""
    columns = decoder.columns
    length = len(columns[0]) if columns else 0
    if len(columns) != _COLUMNS or any(len(column) != length for column in columns):
        raise MalformedMessage
    records = b""
    for at in range(0, length, 4):
        if any(column[at : at + 2] != columns[0][at : at + 2] for column in columns):
            raise MalformedMessage
        words = b"".join(column[at + 2 : at + 4] for column in columns)
        records += columns[0][at : at + 2] + words
    return records


def _chains(foreign: ForeignState) -> Chain:
    negotiation = foreign.negotiation
    if foreign.chain is None:
        if negotiation is None:
            raise MalformedMessage
        started = chain.start(negotiation.direction, negotiation.auth_key, 0, 0)
        found = replace(started, max_jump=negotiation.max_jump, max_skipped=negotiation.max_skipped)
        if foreign.exchange.phase in validation.SECRET_KNOWN:
            raise MalformedMessage
    else:
        found = foreign.chain
    max_jump = min(found.max_jump or MAX_FORWARD_JUMPS, MAX_FORWARD_JUMPS_TO_SELF)
    max_skipped = min(found.max_skipped or MAX_SKIPPED_KEYS, MAX_SKIPPED_KEYS)
    links = tuple(
        replace(link, skipped=_in_order(link.skipped, link.receive_counter - max_skipped))
        for link in found.links
    )
    return replace(found, links=links, max_jump=max_jump, max_skipped=max_skipped)


def _in_order(skipped: bytes, oldest: int) -> bytes:
    """Keys in ascending order of index, without those that are too old."""
    size = chain.SKIPPED_RECORD_LENGTH
    if len(skipped) % size:
        raise MalformedMessage
    records = sorted(skipped[at : at + size] for at in range(0, len(skipped), size))
    return b"".join(
        record
        for record in records
        if int.from_bytes(record[: chain.INDEX_LENGTH], "big") >= oldest
    )
