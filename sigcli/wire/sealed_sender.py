"""Sealed sender on the wire: server and sender certificates, the v1 envelope, the message inside.

Formats: libsignal ``rust/protocol/src/proto/sealed_sender.proto``. Keys stay bytes here (33 with
their type byte).
"""

from __future__ import annotations

import enum
from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import MAX_DEVICE_ID, UUID_LENGTH, ServiceId
from sigcli.wire.generated import sealed_sender_pb2 as pb
from sigcli.wire.key_types import GroupIdentifier


class SealedType(enum.IntEnum):
    """The kind of the inner ciphertext, by its number in the content message."""

    PREKEY_MESSAGE = 1
    MESSAGE = 2
    SENDERKEY_MESSAGE = 7
    PLAINTEXT_CONTENT = 8


class ContentHint(enum.IntEnum):
    """What a receiver should do if it cannot decrypt the content."""

    DEFAULT = 0
    """The sender will not resend: show an error at once."""
    RESENDABLE = 1
    """The sender can resend: wait before showing an error."""
    IMPLICIT = 2
    """Not worth an error: a receipt, a typing message."""


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """The outer shape of both kinds of certificate: signed bytes and 64 bytes of XEdDSA."""

    certificate: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ServerCertificateFields:
    """What the trust root signed about a server key (33 bytes)."""

    key_id: int
    key: bytes


@dataclass(frozen=True, slots=True)
class SenderCertificateFields:
    """What the server signed about a sender; ``signer`` is an embedded server certificate or an id."""

    sender: ServiceId
    sender_e164: str | None = field(repr=False)
    device_id: int
    expires_ms: int
    identity_key: bytes
    signer: bytes | int


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """The three parts of a v1 sealed message."""

    ephemeral_key: bytes
    encrypted_static: bytes
    encrypted_message: bytes


@dataclass(frozen=True, slots=True)
class SealedContent:
    """The message inside: a certificate and a ciphertext of the given type."""

    type: SealedType
    sender_certificate: bytes
    content: bytes = field(repr=False)
    content_hint: ContentHint
    group_id: GroupIdentifier | None


def encode_signed_certificate(signed: SignedCertificate) -> bytes:
    """The same fields for a server and for a sender certificate."""
    return pb.SenderCertificate(
        certificate=signed.certificate, signature=signed.signature
    ).SerializeToString()


def decode_signed_certificate(data: bytes) -> SignedCertificate:
    """Parse either kind's outer shape; raises MalformedMessage."""
    try:
        message = pb.SenderCertificate.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (message.HasField("certificate") and message.HasField("signature")):
        raise MalformedMessage("the certificate is not signed")
    return SignedCertificate(message.certificate, message.signature)


def encode_server_certificate(fields: ServerCertificateFields) -> bytes:
    """The bytes that a trust root signs."""
    return pb.ServerCertificate.Certificate(id=fields.key_id, key=fields.key).SerializeToString()


def decode_server_certificate(data: bytes) -> ServerCertificateFields:
    """Parse what a trust root signed; raises MalformedMessage."""
    try:
        message = pb.ServerCertificate.Certificate.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (message.HasField("id") and message.HasField("key")):
        raise MalformedMessage("the server certificate lacks a required field")
    return ServerCertificateFields(message.id, message.key)


def encode_sender_certificate(
    fields: SenderCertificateFields, *, uuid_as_text: bool = False
) -> bytes:
    """The bytes that a server signs; the UUID is field 7 (bytes) or, on request, field 6 (text)."""
    message = pb.SenderCertificate.Certificate(
        senderE164=fields.sender_e164,
        senderDevice=fields.device_id,
        expires=fields.expires_ms,
        identityKey=fields.identity_key,
    )
    if uuid_as_text:
        message.uuidString = str(fields.sender)
    else:
        message.uuidBytes = fields.sender.uuid_bytes
    if isinstance(fields.signer, int):
        message.id = fields.signer
    else:
        message.certificate = fields.signer
    return message.SerializeToString()


def decode_sender_certificate(data: bytes) -> SenderCertificateFields:
    """Parse what a server signed; raises MalformedMessage, and InvalidServiceId for a bad UUID."""
    try:
        message = pb.SenderCertificate.Certificate.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    signer_field = message.WhichOneof("signer")
    uuid_field = message.WhichOneof("senderUuid")
    if (
        signer_field is None
        or uuid_field is None
        or not message.HasField("expires")
        or not message.HasField("identityKey")
        or not 1 <= message.senderDevice <= MAX_DEVICE_ID
    ):
        raise MalformedMessage("the sender certificate lacks a required field")
    return SenderCertificateFields(
        sender=_sender(message, uuid_field),
        sender_e164=_text(message.senderE164) if message.HasField("senderE164") else None,
        device_id=message.senderDevice,
        expires_ms=message.expires,
        identity_key=message.identityKey,
        signer=message.id if signer_field == "id" else message.certificate,
    )


def encode_envelope(envelope: SealedEnvelope) -> bytes:
    """The protobuf of a v1 message, without its version byte."""
    return pb.UnidentifiedSenderMessage(
        ephemeralPublic=envelope.ephemeral_key,
        encryptedStatic=envelope.encrypted_static,
        encryptedMessage=envelope.encrypted_message,
    ).SerializeToString()


def decode_envelope(data: bytes) -> SealedEnvelope:
    """Parse a v1 message without its version byte; raises MalformedMessage."""
    try:
        message = pb.UnidentifiedSenderMessage.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (
        message.HasField("ephemeralPublic")
        and message.HasField("encryptedStatic")
        and message.HasField("encryptedMessage")
    ):
        raise MalformedMessage("the sealed message lacks a required field")
    return SealedEnvelope(
        message.ephemeralPublic, message.encryptedStatic, message.encryptedMessage
    )


def encode_content(content: SealedContent) -> bytes:
    """The message inside, before encryption."""
    return pb.UnidentifiedSenderMessage.Message(
        type=content.type.value,  # type: ignore[arg-type]
        senderCertificate=content.sender_certificate,
        content=content.content,
        contentHint=content.content_hint.value or None,  # type: ignore[arg-type]
        groupId=content.group_id or None,
    ).SerializeToString()


def decode_content(data: bytes) -> SealedContent:
    """Parse the decrypted message inside; raises MalformedMessage. An unknown hint is the default."""
    try:
        message = pb.UnidentifiedSenderMessage.Message.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    # An unknown type counts as absent: the enum is closed.
    if not (
        message.HasField("type")
        and message.HasField("senderCertificate")
        and message.HasField("content")
    ):
        raise MalformedMessage("the sealed content lacks a required field")
    return SealedContent(
        type=SealedType(message.type),
        sender_certificate=message.senderCertificate,
        content=message.content,
        content_hint=ContentHint(message.contentHint)
        if message.HasField("contentHint")
        else ContentHint.DEFAULT,
        group_id=GroupIdentifier(message.groupId) if message.HasField("groupId") else None,
    )


def _sender(message: pb.SenderCertificate.Certificate, uuid_field: str) -> ServiceId:
    if uuid_field == "uuidString":
        return ServiceId.aci(_text(message.uuidString))
    if len(message.uuidBytes) != UUID_LENGTH:
        raise MalformedMessage("the sender's UUID has a wrong length")
    return ServiceId.aci(message.uuidBytes)


def _text(value: str) -> str:
    # The runtime returns bytes if a string field is not UTF-8.
    if not isinstance(value, str):
        raise MalformedMessage("a text field is not UTF-8")
    return value
