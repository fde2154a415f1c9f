"""An enclave's evidence: the server's first message, and the protobuf claims of SVR2's enclaves.

Format: libsignal ``rust/attest/src/proto``.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import enclave_attestation_pb2 as pb
from sigcli.wire.raft_group import RaftGroupConfig

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HandshakeStart:
    """Evidence and Intel's endorsements; a stand-in without an enclave gives its bare public key instead."""

    evidence: bytes = field(default=b"", repr=False)
    endorsement: bytes = field(default=b"", repr=False)
    public_key: bytes = b""


def encode_handshake_start(start: HandshakeStart) -> bytes:
    """The server's first message."""
    return pb.ClientHandshakeStart(
        pubkey=start.public_key or None,
        evidence=start.evidence or None,
        endorsement=start.endorsement or None,
    ).SerializeToString()


def decode_handshake_start(data: bytes) -> HandshakeStart:
    """Parse; raises MalformedMessage."""
    try:
        message = pb.ClientHandshakeStart.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    return HandshakeStart(message.evidence, message.endorsement, message.pubkey)


def encode_raft_group_config(config: RaftGroupConfig) -> bytes:
    """The claim ``config``."""
    return pb.RaftGroupConfig(
        group_id=config.group_id,
        min_voting_replicas=config.min_voting_replicas,
        max_voting_replicas=config.max_voting_replicas,
        super_majority=config.super_majority,
        db_version=config.db_version,
        attestation_timeout=config.attestation_timeout_s,
        simulated=config.simulated,
    ).SerializeToString()


def decode_raft_group_config(data: bytes) -> RaftGroupConfig:
    """Parse; raises MalformedMessage."""
    try:
        message = pb.RaftGroupConfig.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    return RaftGroupConfig(
        message.group_id,
        message.min_voting_replicas,
        message.max_voting_replicas,
        message.super_majority,
        message.db_version,
        message.attestation_timeout,
        message.simulated,
    )


def encode_minimum_limits(limits: Mapping[str, bytes]) -> bytes:
    """The claim ``minimum_limits``."""
    return pb.MinimumLimits(lim=limits).SerializeToString(deterministic=True)


def decode_minimum_limits(data: bytes) -> dict[str, bytes]:
    """Parse; raises MalformedMessage."""
    try:
        return dict(pb.MinimumLimits.FromString(data).lim)
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage from error
