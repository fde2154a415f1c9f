"""Sender keys on the wire and at rest: group messages, distribution messages, stored records.

Formats: libsignal ``rust/protocol/src/protocol.rs`` (messages: version byte 0x33, protobuf; a group
message ends with 64 bytes of signature) and ``storage.proto`` (records). Keys stay bytes here.
"""

from __future__ import annotations

from dataclasses import field
from uuid import UUID

from google.protobuf.message import DecodeError

from sigcli.errors import LegacyMessage, MalformedMessage, UnrecognisedMessageVersion
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import UUID_LENGTH
from sigcli.wire.generated import sender_keys_pb2 as pb

CURRENT_VERSION = 3
VERSION_BYTE = bytes([CURRENT_VERSION << 4 | CURRENT_VERSION])
SIGNATURE_LENGTH = 64
CHAIN_KEY_LENGTH = 32
SIGNING_KEY_LENGTH = 33


@dataclass(frozen=True, slots=True)
class SenderKeyMessage:
    """One group message."""

    distribution_id: UUID
    chain_id: int
    iteration: int
    ciphertext: bytes = field(repr=False)
    signed: bytes = field(default=b"", repr=False)
    """Version byte and protobuf as received: what the signature covers."""
    signature: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SenderKeyDistribution:
    """What a sender gives each member of a group: its chain from a certain iteration on."""

    distribution_id: UUID
    chain_id: int
    iteration: int
    chain_key: bytes = field(repr=False)
    signing_key: bytes


@dataclass(frozen=True, slots=True)
class StoredSenderKeyState:
    """One chain of a sender as stored; the private key is empty for other senders' chains."""

    chain_id: int
    iteration: int
    chain_key: bytes = field(repr=False)
    signing_key: bytes
    signing_private_key: bytes = field(default=b"", repr=False)
    skipped: tuple[bytes, ...] = field(default=(), repr=False)
    """Encoded message keys, oldest first."""


def encode_message(message: SenderKeyMessage) -> bytes:
    """Version byte and protobuf, without the signature: the caller signs and appends it."""
    return (
        VERSION_BYTE
        + pb.SenderKeyMessage(
            distribution_uuid=message.distribution_id.bytes,
            chain_id=message.chain_id,
            iteration=message.iteration,
            ciphertext=message.ciphertext,
        ).SerializeToString()
    )


def decode_message(data: bytes) -> SenderKeyMessage:
    """Parse a group message; raises MalformedMessage, LegacyMessage, UnrecognisedMessageVersion."""
    if len(data) < 1 + SIGNATURE_LENGTH:
        raise MalformedMessage("the group message is too short")
    _check_version(data)
    signed = data[:-SIGNATURE_LENGTH]
    try:
        message = pb.SenderKeyMessage.FromString(signed[1:])
    except DecodeError as error:
        raise MalformedMessage from error
    if not (
        message.HasField("chain_id")
        and message.HasField("iteration")
        and message.HasField("ciphertext")
    ):
        raise MalformedMessage("the group message lacks a required field")
    return SenderKeyMessage(
        distribution_id=_distribution_id(message.distribution_uuid),
        chain_id=message.chain_id,
        iteration=message.iteration,
        ciphertext=message.ciphertext,
        signed=signed,
        signature=data[-SIGNATURE_LENGTH:],
    )


def encode_distribution(distribution: SenderKeyDistribution) -> bytes:
    """A distribution message, version byte first."""
    return (
        VERSION_BYTE
        + pb.SenderKeyDistributionMessage(
            distribution_uuid=distribution.distribution_id.bytes,
            chain_id=distribution.chain_id,
            iteration=distribution.iteration,
            chain_key=distribution.chain_key,
            signing_key=distribution.signing_key,
        ).SerializeToString()
    )


def decode_distribution(data: bytes) -> SenderKeyDistribution:
    """Parse a distribution message; raises MalformedMessage, LegacyMessage, UnrecognisedMessageVersion."""
    if len(data) < 1 + CHAIN_KEY_LENGTH + SIGNING_KEY_LENGTH:
        raise MalformedMessage("the sender key distribution is too short")
    _check_version(data)
    try:
        message = pb.SenderKeyDistributionMessage.FromString(data[1:])
    except DecodeError as error:
        raise MalformedMessage from error
    if (
        not message.HasField("chain_id")
        or not message.HasField("iteration")
        or len(message.chain_key) != CHAIN_KEY_LENGTH
        or len(message.signing_key) != SIGNING_KEY_LENGTH
    ):
        raise MalformedMessage("the sender key distribution lacks a required field")
    return SenderKeyDistribution(
        distribution_id=_distribution_id(message.distribution_uuid),
        chain_id=message.chain_id,
        iteration=message.iteration,
        chain_key=message.chain_key,
        signing_key=message.signing_key,
    )


def encode_skipped_key(iteration: int, seed: bytes) -> bytes:
    """A message key that is kept for a later message."""
    return pb.SenderKeyStateStructure.SenderMessageKey(
        iteration=iteration or None, seed=seed
    ).SerializeToString()


def decode_skipped_key(data: bytes) -> tuple[int, bytes]:
    """Iteration and seed of a kept message key; raises MalformedMessage."""
    try:
        key = pb.SenderKeyStateStructure.SenderMessageKey.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    return key.iteration, key.seed


def encode_record(states: tuple[StoredSenderKeyState, ...]) -> bytes:
    """A stored record, the newest state first; zeros are left out, as libsignal does."""
    record = pb.SenderKeyRecordStructure()
    for state in states:
        record.sender_key_states.add(
            message_version=CURRENT_VERSION,
            chain_id=state.chain_id or None,
            sender_chain_key=pb.SenderKeyStateStructure.SenderChainKey(
                iteration=state.iteration or None, seed=state.chain_key
            ),
            sender_signing_key=pb.SenderKeyStateStructure.SenderSigningKey(
                public=state.signing_key, private=state.signing_private_key or None
            ),
            sender_message_keys=state.skipped,
        )
    return record.SerializeToString()


def decode_record(data: bytes) -> tuple[StoredSenderKeyState, ...]:
    """Parse a stored record; raises MalformedMessage, and UnrecognisedMessageVersion for a newer one."""
    try:
        record = pb.SenderKeyRecordStructure.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    return tuple(_state(state) for state in record.sender_key_states)


def _state(state: pb.SenderKeyStateStructure) -> StoredSenderKeyState:
    # Records older than the field have the first version, which is still the current one.
    if state.message_version not in (0, CURRENT_VERSION):
        raise UnrecognisedMessageVersion
    if not (state.HasField("sender_chain_key") and state.HasField("sender_signing_key")):
        raise MalformedMessage("the sender key record lacks a required field")
    return StoredSenderKeyState(
        chain_id=state.chain_id,
        iteration=state.sender_chain_key.iteration,
        chain_key=state.sender_chain_key.seed,
        signing_key=state.sender_signing_key.public,
        signing_private_key=state.sender_signing_key.private,
        skipped=tuple(state.sender_message_keys),
    )


def _check_version(data: bytes) -> None:
    version = data[0] >> 4
    if version < CURRENT_VERSION:
        raise LegacyMessage
    if version > CURRENT_VERSION:
        raise UnrecognisedMessageVersion


def _distribution_id(data: bytes) -> UUID:
    if len(data) != UUID_LENGTH:
        raise MalformedMessage("the distribution id is not a UUID")
    return UUID(bytes=data)
