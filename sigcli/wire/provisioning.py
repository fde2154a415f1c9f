"""The messages of linking a device: bytes to typed values and back.

Format: Signal's ``Provisioning.proto``.
"""

from __future__ import annotations

from dataclasses import field

from google.protobuf.message import DecodeError

from sigcli.errors import InvalidServiceId, MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import FIXED_WIDTH_LENGTH, ServiceId
from sigcli.wire.generated import provisioning_pb2 as pb


@dataclass(frozen=True, slots=True)
class ProvisionEnvelope:
    """An encrypted ProvisionMessage and the ephemeral key (33 bytes) it was encrypted with."""

    public_key: bytes
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionMessage:
    """What a primary device gives to a new linked device; everything may be absent (None)."""

    aci_identity_public: bytes | None = None
    aci_identity_private: bytes | None = field(default=None, repr=False)
    pni_identity_public: bytes | None = None
    pni_identity_private: bytes | None = field(default=None, repr=False)
    aci: ServiceId | None = None
    pni: ServiceId | None = None
    number: str | None = field(default=None, repr=False)
    provisioning_code: str | None = field(default=None, repr=False)
    user_agent: str | None = None
    profile_key: bytes | None = field(default=None, repr=False)
    read_receipts: bool | None = None
    provisioning_version: int | None = None
    ephemeral_backup_key: bytes | None = field(default=None, repr=False)
    account_entropy_pool: str | None = field(default=None, repr=False)
    media_root_backup_key: bytes | None = field(default=None, repr=False)
    auth_credential_salt: bytes | None = field(default=None, repr=False)


def encode_address(address: str) -> bytes:
    """The first message on a provisioning socket: the opaque address of the new device."""
    return pb.ProvisioningAddress(address=address).SerializeToString()


def decode_address(data: bytes) -> str:
    """Parse the first message on a provisioning socket; raises MalformedMessage."""
    try:
        message = pb.ProvisioningAddress.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    address = _text(message, "address")
    if not address:
        raise MalformedMessage("the provisioning address is missing")
    return address


def encode_envelope(envelope: ProvisionEnvelope) -> bytes:
    """The second message on a provisioning socket."""
    return pb.ProvisionEnvelope(
        publicKey=envelope.public_key, body=envelope.body
    ).SerializeToString()


def decode_envelope(data: bytes) -> ProvisionEnvelope:
    """Parse the second message on a provisioning socket; raises MalformedMessage."""
    try:
        message = pb.ProvisionEnvelope.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    if not (message.HasField("publicKey") and message.HasField("body")):
        raise MalformedMessage("the provisioning message lacks a required field")
    return ProvisionEnvelope(message.publicKey, message.body)


def encode_message(message: ProvisionMessage) -> bytes:
    """The decrypted ProvisionMessage; ids are written in their binary and their text form."""
    return pb.ProvisionMessage(
        aciIdentityKeyPublic=message.aci_identity_public,
        aciIdentityKeyPrivate=message.aci_identity_private,
        pniIdentityKeyPublic=message.pni_identity_public,
        pniIdentityKeyPrivate=message.pni_identity_private,
        aci=str(message.aci.uuid) if message.aci else None,
        pni=str(message.pni.uuid) if message.pni else None,
        aciBinary=message.aci.uuid_bytes if message.aci else None,
        pniBinary=message.pni.uuid_bytes if message.pni else None,
        number=message.number,
        provisioningCode=message.provisioning_code,
        userAgent=message.user_agent,
        profileKey=message.profile_key,
        readReceipts=message.read_receipts,
        provisioningVersion=message.provisioning_version,
        ephemeralBackupKey=message.ephemeral_backup_key,
        accountEntropyPool=message.account_entropy_pool,
        mediaRootBackupKey=message.media_root_backup_key,
        authCredentialSalt=message.auth_credential_salt,
    ).SerializeToString()


def decode_message(data: bytes) -> ProvisionMessage:
    """Parse a decrypted ProvisionMessage, binary ids preferred; raises MalformedMessage."""
    try:
        message = pb.ProvisionMessage.FromString(data)
    except DecodeError as error:
        raise MalformedMessage from error
    try:
        aci = _bytes(message, "aciBinary") or _text(message, "aci")
        pni = _pni(_bytes(message, "pniBinary")) or _text(message, "pni")
        return ProvisionMessage(
            aci_identity_public=_bytes(message, "aciIdentityKeyPublic"),
            aci_identity_private=_bytes(message, "aciIdentityKeyPrivate"),
            pni_identity_public=_bytes(message, "pniIdentityKeyPublic"),
            pni_identity_private=_bytes(message, "pniIdentityKeyPrivate"),
            aci=ServiceId.aci(aci) if aci else None,
            pni=ServiceId.pni(pni) if pni else None,
            number=_text(message, "number"),
            provisioning_code=_text(message, "provisioningCode"),
            user_agent=_text(message, "userAgent"),
            profile_key=_bytes(message, "profileKey"),
            read_receipts=message.readReceipts if message.HasField("readReceipts") else None,
            provisioning_version=message.provisioningVersion
            if message.HasField("provisioningVersion")
            else None,
            ephemeral_backup_key=_bytes(message, "ephemeralBackupKey"),
            account_entropy_pool=_text(message, "accountEntropyPool"),
            media_root_backup_key=_bytes(message, "mediaRootBackupKey"),
            auth_credential_salt=_bytes(message, "authCredentialSalt"),
        )
    except InvalidServiceId as error:
        raise MalformedMessage("the provisioning message names no valid account") from error


def _pni(data: bytes | None) -> bytes | None:
    # 16 bytes are the rule here, but elsewhere a PNI has its type byte.
    if data is not None and len(data) == FIXED_WIDTH_LENGTH:
        return ServiceId.from_binary(data).uuid_bytes
    return data


def _bytes(message: pb.ProvisionMessage, name: str) -> bytes | None:
    value: bytes = getattr(message, name)
    return value or None


def _text(message: pb.ProvisionMessage | pb.ProvisioningAddress, name: str) -> str | None:
    value = getattr(message, name)
    # The runtime returns bytes if a string field is not UTF-8.
    if not isinstance(value, str):
        raise MalformedMessage("a text field is not UTF-8")
    return value or None
