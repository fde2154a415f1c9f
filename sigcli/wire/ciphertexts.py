"""The messages of a session in transit: bytes to typed values and back.

Formats: libsignal ``rust/protocol/src/protocol.rs``. A message starts with a version byte, ``message version << 4 |
current version``; a SignalMessage ends with 8 bytes of MAC over everything before. Keys stay bytes here (33 with their
type byte): this package knows nothing about curves.
"""

from __future__ import annotations

from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import (
    InvalidMessage,
    LegacyMessage,
    MalformedMessage,
    UnrecognisedMessageVersion,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import signal_messages_pb2 as pb

CURRENT_VERSION = 4
PRE_KYBER_VERSION = 3
MAC_LENGTH = 8
PLAINTEXT_CONTENT_BYTE = 0xC0
PADDING_BOUNDARY_BYTE = 0x80


@dataclass(frozen=True, slots=True)
class SignalMessage:
    """One message of a running session."""

    version: int
    ratchet_key: bytes
    counter: int
    previous_counter: int
    ciphertext: bytes = field(repr=False)
    pq_ratchet: bytes = field(repr=False)
    addresses: bytes | None
    authenticated: bytes = field(repr=False)
    """Version byte and protobuf as received: what the MAC covers."""
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreKeySignalMessage:
    """A message that also contains what is needed to start its session."""

    version: int
    registration_id: int
    prekey_id: int | None
    signed_prekey_id: int
    kyber_prekey_id: int | None
    kyber_ciphertext: bytes | None = field(repr=False)
    base_key: bytes
    identity_key: bytes
    message: SignalMessage


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """The fields of a DecryptionErrorMessage: what could not be decrypted."""

    ratchet_key: bytes | None
    timestamp_ms: int
    device_id: int


def encode_signal_message(
    version: int,
    ratchet_key: bytes,
    counter: int,
    previous_counter: int,
    ciphertext: bytes,
    pq_ratchet: bytes,
    addresses: bytes | None,
) -> bytes:
    """Version byte and protobuf, without the MAC: the caller computes and appends it."""
    return (
        _version_byte(version)
        + pb.SignalMessage(
            ratchet_key=ratchet_key,
            counter=counter,
            previous_counter=previous_counter,
            ciphertext=ciphertext,
            pq_ratchet=pq_ratchet or None,
            addresses=addresses,
        ).SerializeToString()
    )


def decode_signal_message(data: bytes) -> SignalMessage:
    """Parse a message; raises MalformedMessage, LegacyMessage, UnrecognisedMessageVersion."""
    if len(data) < MAC_LENGTH + 1:
        raise MalformedMessage("the message is too short")
    version = _version(data)
    try:
        message = pb.SignalMessage.FromString(data[1:-MAC_LENGTH])
    except DecodeError as error:
        raise MalformedMessage from error
    if not (
        message.HasField("ratchet_key")
        and message.HasField("counter")
        and message.HasField("ciphertext")
    ):
        raise MalformedMessage("the message lacks a required field")
    return SignalMessage(
        version=version,
        ratchet_key=message.ratchet_key,
        counter=message.counter,
        previous_counter=message.previous_counter,
        ciphertext=message.ciphertext,
        pq_ratchet=message.pq_ratchet,
        addresses=message.addresses if message.HasField("addresses") else None,
        authenticated=data[:-MAC_LENGTH],
        mac=data[-MAC_LENGTH:],
    )


def encode_prekey_signal_message(
    version: int,
    registration_id: int,
    prekey_id: int | None,
    signed_prekey_id: int,
    kyber_prekey_id: int | None,
    kyber_ciphertext: bytes | None,
    base_key: bytes,
    identity_key: bytes,
    message: bytes,
) -> bytes:
    """A PreKeySignalMessage around a whole SignalMessage."""
    return (
        _version_byte(version)
        + pb.PreKeySignalMessage(
            pre_key_id=prekey_id,
            base_key=base_key,
            identity_key=identity_key,
            message=message,
            registration_id=registration_id,
            signed_pre_key_id=signed_prekey_id,
            kyber_pre_key_id=kyber_prekey_id,
            kyber_ciphertext=kyber_ciphertext,
        ).SerializeToString()
    )


def decode_prekey_signal_message(data: bytes) -> PreKeySignalMessage:
    """Parse a PreKeySignalMessage and the message in it.

    Raises MalformedMessage, LegacyMessage, UnrecognisedMessageVersion, and InvalidMessage where the
    Kyber fields that its version demands are missing.
    """
    if not data:
        raise MalformedMessage("the message is empty")
    version = _version(data)
    try:
        message = pb.PreKeySignalMessage.FromString(data[1:])
    except DecodeError as error:
        raise MalformedMessage from error
    if not (
        message.HasField("base_key")
        and message.HasField("identity_key")
        and message.HasField("message")
        and message.HasField("signed_pre_key_id")
    ):
        raise MalformedMessage("the prekey message lacks a required field")
    has_kyber = message.HasField("kyber_pre_key_id")
    if has_kyber != message.HasField("kyber_ciphertext"):
        raise InvalidMessage("the prekey message has only one of the two Kyber fields")
    if not has_kyber and version > PRE_KYBER_VERSION:
        raise InvalidMessage("the prekey message has no Kyber ciphertext")
    return PreKeySignalMessage(
        version=version,
        registration_id=message.registration_id,
        prekey_id=message.pre_key_id if message.HasField("pre_key_id") else None,
        signed_prekey_id=message.signed_pre_key_id,
        kyber_prekey_id=message.kyber_pre_key_id if has_kyber else None,
        kyber_ciphertext=message.kyber_ciphertext if has_kyber else None,
        base_key=message.base_key,
        identity_key=message.identity_key,
        message=decode_signal_message(message.message),
    )


def encode_retry_request(request: RetryRequest) -> bytes:
    """A DecryptionErrorMessage."""
    return pb.DecryptionErrorMessage(
        ratchet_key=request.ratchet_key,
        timestamp=request.timestamp_ms,
        device_id=request.device_id,
    ).SerializeToString()


def decode_retry_request(data: bytes) -> RetryRequest:
    """Parse a DecryptionErrorMessage; raises MalformedMessage."""
    try:
        message = pb.DecryptionErrorMessage.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not message.HasField("timestamp"):
        raise MalformedMessage("the retry request names no timestamp")
    return RetryRequest(
        ratchet_key=message.ratchet_key if message.HasField("ratchet_key") else None,
        timestamp_ms=message.timestamp,
        device_id=message.device_id,
    )


def encode_plaintext_content(retry_request: bytes) -> bytes:
    """A serialised retry request as padded Content, to follow the 0xC0 of plaintext."""
    content = pb.DecryptionErrorContent(decryption_error_message=retry_request)
    return content.SerializeToString() + bytes([PADDING_BOUNDARY_BYTE])


def decode_plaintext_content(data: bytes) -> bytes:
    """The padded Content in it; raises MalformedMessage, UnrecognisedMessageVersion."""
    if not data:
        raise MalformedMessage("the plaintext content is empty")
    if data[0] != PLAINTEXT_CONTENT_BYTE:
        raise UnrecognisedMessageVersion
    return data[1:]


def _version_byte(version: int) -> bytes:
    return bytes([(version & 0x0F) << 4 | CURRENT_VERSION])


def _version(data: bytes) -> int:
    version = data[0] >> 4
    if version < PRE_KYBER_VERSION:
        raise LegacyMessage
    if version > CURRENT_VERSION:
        raise UnrecognisedMessageVersion
    return version
