"""The sparse post-quantum ratchet's state as values, and in its stored form.

These are plain values: which fields belong to which phase, and all rules, are in :mod:`sigcli.protocol.spqr`.
"""

from __future__ import annotations

import enum
from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import spqr_state_pb2 as pb

STATE_VERSION = 1


class Direction(enum.IntEnum):
    """Which of the two chains of an epoch is our sending chain."""

    A_TO_B = 0
    B_TO_A = 1


class Phase(enum.IntEnum):
    """How far the key exchange of an epoch has come."""

    KEYS_UNSAMPLED = 1
    KEYS_SAMPLED = 2
    HEADER_SENT = 3
    CT1_RECEIVED = 4
    EK_SENT_CT1_RECEIVED = 5
    NO_HEADER_RECEIVED = 6
    HEADER_RECEIVED = 7
    CT1_SAMPLED = 8
    EK_RECEIVED_CT1_SAMPLED = 9
    CT1_ACKNOWLEDGED = 10
    CT2_SAMPLED = 11


@dataclass(frozen=True, slots=True)
class Exchange:
    """The key exchange of one epoch; fields that a phase does not use are empty.

    ``received`` holds chunks as they came: index (big-endian, 2 bytes) and 32 bytes each. ``seed`` is the expanded key
    (2,400 bytes) if another client has made it.
    """

    phase: Phase
    epoch: int
    root_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    sending: bytes = field(default=b"", repr=False)
    sending_index: int = 0
    received: bytes = field(default=b"", repr=False)
    seed: bytes = field(default=b"", repr=False)
    header: bytes = field(default=b"", repr=False)
    encapsulation: bytes = field(default=b"", repr=False)
    ct1: bytes = field(default=b"", repr=False)
    ct2: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """The two chains of one epoch; ``skipped`` holds index (big-endian, 4 bytes) and key each."""

    send_counter: int
    send_next: bytes = field(repr=False)
    receive_counter: int
    receive_next: bytes = field(repr=False)
    skipped: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """The chains of the latest epochs; the last link is that of ``current_epoch``."""

    direction: Direction
    current_epoch: int
    send_epoch: int
    next_root: bytes = field(repr=False)
    links: tuple[ChainLink, ...]
    max_jump: int
    max_skipped: int


def encode_spqr_state(exchange: Exchange, chain: Chain) -> bytes:
    """The stored form, version 1."""
    return pb.SpqrState(
        version=STATE_VERSION,
        exchange=pb.Exchange(
            phase=exchange.phase,
            epoch=exchange.epoch,
            root_key=exchange.root_key,
            mac_key=exchange.mac_key,
            sending=exchange.sending or None,
            sending_index=exchange.sending_index or None,
            received=exchange.received or None,
            seed=exchange.seed or None,
            header=exchange.header or None,
            encapsulation=exchange.encapsulation or None,
            ct1=exchange.ct1 or None,
            ct2=exchange.ct2 or None,
        ),
        chain=pb.Chain(
            direction=chain.direction,
            current_epoch=chain.current_epoch,
            send_epoch=chain.send_epoch,
            next_root=chain.next_root,
            links=[
                pb.ChainLink(
                    send_counter=link.send_counter,
                    send_next=link.send_next or None,
                    receive_counter=link.receive_counter,
                    receive_next=link.receive_next,
                    skipped=link.skipped or None,
                )
                for link in chain.links
            ],
            max_jump=chain.max_jump,
            max_skipped=chain.max_skipped,
        ),
    ).SerializeToString()


def decode_spqr_state(data: bytes) -> tuple[Exchange, Chain]:
    """Read the stored form; raises MalformedMessage if it is invalid or has another version."""
    message = pb.SpqrState()
    try:
        message.ParseFromString(data)
        if message.version != STATE_VERSION:
            raise MalformedMessage("the stored ratchet state has an unknown version")
        return _exchange(message.exchange), _chain(message.chain)
    except (DecodeError, ValueError):
        raise MalformedMessage("the stored ratchet state does not parse") from None


def _exchange(stored: pb.Exchange) -> Exchange:
    return Exchange(
        Phase(stored.phase),
        stored.epoch,
        stored.root_key,
        stored.mac_key,
        stored.sending,
        stored.sending_index,
        stored.received,
        stored.seed,
        stored.header,
        stored.encapsulation,
        stored.ct1,
        stored.ct2,
    )


def _chain(stored: pb.Chain) -> Chain:
    links = tuple(
        ChainLink(
            link.send_counter,
            link.send_next,
            link.receive_counter,
            link.receive_next,
            link.skipped,
        )
        for link in stored.links
    )
    return Chain(
        Direction(stored.direction),
        stored.current_epoch,
        stored.send_epoch,
        stored.next_root,
        links,
        stored.max_jump,
        stored.max_skipped,
    )
