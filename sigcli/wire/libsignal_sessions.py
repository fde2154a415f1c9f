"""Sessions in libsignal's storage format, read for importing the sessions of another client.

Formats: ``rust/protocol/src/proto/storage.proto`` of libsignal, and ``src/proto/pq_ratchet.proto`` of
github.com/signalapp/SparsePostQuantumRatchet for the ratchet's state inside.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import libsignal_spqr_pb2 as pb
from sigcli.wire.generated import session_storage_pb2 as storage
from sigcli.wire.session_storage import StoredRecord
from sigcli.wire.spqr_state import Chain, ChainLink, Direction, Phase

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ForeignEncoder:
    """A value being sent: 16 columns of it, or 16 polynomials, and the index of the next chunk."""

    index: int
    columns: tuple[bytes, ...] = field(repr=False)
    polynomials: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForeignDecoder:
    """A value being received: 16 columns of points, and its length in words."""

    words: int
    columns: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForeignExchange:
    """The key exchange under way. ``parts``: the values of the phase by name (dk, header, encapsulation, ek, ct1)."""

    phase: Phase
    epoch: int
    root_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    parts: Mapping[str, bytes] = field(repr=False)
    sending: ForeignEncoder | None = None
    receiving: ForeignDecoder | None = None


@dataclass(frozen=True, slots=True)
class ForeignNegotiation:
    """The inputs from which the chains will be made."""

    auth_key: bytes = field(repr=False)
    direction: Direction
    max_jump: int
    max_skipped: int


@dataclass(frozen=True, slots=True)
class ForeignState:
    """One side of the ratchet; without chains nothing was received yet. Limits of 0 are libsignal's defaults."""

    exchange: ForeignExchange
    chain: Chain | None
    negotiation: ForeignNegotiation | None


# What fields 3 to 5 of a phase are, and 2 and 3 of what is around it.
_PARTS: dict[Phase, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Phase.KEYS_UNSAMPLED: ((), ()),
    Phase.KEYS_SAMPLED: (("ek", "dk"), ("sending",)),
    Phase.HEADER_SENT: (("dk",), ("sending", "receiving")),
    Phase.CT1_RECEIVED: (("dk", "ct1"), ("sending",)),
    Phase.EK_SENT_CT1_RECEIVED: (("dk", "ct1"), ("", "receiving")),
    Phase.NO_HEADER_RECEIVED: ((), ("receiving",)),
    Phase.HEADER_RECEIVED: (("header",), ("receiving",)),
    Phase.CT1_SAMPLED: (("header", "encapsulation", "ct1"), ("sending", "receiving")),
    Phase.EK_RECEIVED_CT1_SAMPLED: (("encapsulation", "ek", "ct1"), ("sending",)),
    Phase.CT1_ACKNOWLEDGED: (("header", "encapsulation", "ct1"), ("receiving",)),
    Phase.CT2_SAMPLED: ((), ("sending",)),
}


def decode_libsignal_record(data: bytes) -> StoredRecord:
    """All sessions with one device; their ratchet states are in libsignal's format. Raises MalformedMessage."""
    try:
        record = storage.RecordStructure.FromString(data)
        current = None
        if record.HasField("current_session"):
            current = _split(record.current_session)
        previous = tuple(_split(session) for session in record.previous_sessions)
    except DecodeError as error:
        raise MalformedMessage("a stored session record does not parse") from error
    return StoredRecord(
        None if current is None else current[0], b"" if current is None else current[1], previous
    )


def _split(data: bytes) -> tuple[bytes, bytes]:
    session = storage.SessionStructure.FromString(data)
    spqr = session.pq_ratchet_state
    session.ClearField("pq_ratchet_state")
    return session.SerializeToString(), spqr


def decode_libsignal_state(data: bytes) -> ForeignState:
    """The ratchet's state; raises MalformedMessage, also for another version."""
    try:
        state = pb.RatchetState.FromString(data)
        name = state.v1.WhichOneof("inner_state")
        if name is None:
            raise MalformedMessage("the ratchet's state is of another version")
        negotiation = None
        if state.HasField("version_negotiation"):
            negotiation = _negotiation(state.version_negotiation)
        return ForeignState(
            _exchange(Phase(_NUMBERS[name]), getattr(state.v1, name)),
            _chain(state.chain) if state.HasField("chain") else None,
            negotiation,
        )
    except (DecodeError, ValueError):
        raise MalformedMessage("the ratchet's state does not parse") from None


_NUMBERS = {one.name: one.number for one in pb.LibsignalPhases.DESCRIPTOR.fields}


def _exchange(phase: Phase, chunked: pb.Chunked) -> ForeignExchange:
    unchunked = chunked.uc
    names, codes = _PARTS[phase]
    values = (unchunked.third, unchunked.fourth, unchunked.fifth)
    coded = dict(zip(codes, (chunked.second, chunked.third), strict=False))
    return ForeignExchange(
        phase,
        unchunked.epoch,
        unchunked.auth.root_key,
        unchunked.auth.mac_key,
        dict(zip(names, values, strict=False)),
        _encoder(coded["sending"]) if "sending" in coded else None,
        _decoder(coded["receiving"]) if "receiving" in coded else None,
    )


def _encoder(data: bytes) -> ForeignEncoder:
    encoder = pb.Encoder.FromString(data)
    return ForeignEncoder(encoder.idx, tuple(encoder.pts), tuple(encoder.polys))


def _decoder(data: bytes) -> ForeignDecoder:
    decoder = pb.Decoder.FromString(data)
    return ForeignDecoder(decoder.pts_needed, tuple(decoder.pts))


def _negotiation(stored: pb.VersionNegotiation) -> ForeignNegotiation:
    limits = stored.chain_params
    return ForeignNegotiation(
        stored.auth_key, Direction(stored.direction), limits.max_jump, limits.max_ooo_keys
    )


def _chain(stored: pb.LibsignalChain) -> Chain:
    links = tuple(
        ChainLink(link.send.ctr, link.send.next, link.recv.ctr, link.recv.next, link.recv.prev)
        for link in stored.links
    )
    return Chain(
        Direction(stored.direction),
        stored.current_epoch,
        stored.send_epoch,
        stored.next_root,
        links,
        stored.params.max_jump,
        stored.params.max_ooo_keys,
    )
