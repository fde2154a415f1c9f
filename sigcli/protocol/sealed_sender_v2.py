"""Sealed sender, version 2: one ciphertext for many recipients, a short key packet for each.

Source: libsignal ``rust/protocol/src/sealed_sender.rs``. The sender uploads the "sent" form; the
server cuts it into a "received" form for each recipient.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import gcm_siv_decrypt, gcm_siv_encrypt
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hkdf_expand, hkdf_extract, hkdf_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    InvalidKey,
    InvalidMessage,
    InvalidServiceId,
    InvalidSession,
    MalformedMessage,
    ProtocolError,
    UnrecognisedMessageVersion,
    UnsealableRecipients,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_REGISTRATION_ID, is_registration_id
from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, identity_agreement
from sigcli.wire.addresses import FIXED_WIDTH_LENGTH, MAX_DEVICE_ID, UUID_LENGTH, ServiceId
from sigcli.wire.byte_reader import ByteReader, encode_varint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

UUID_VERSION_BYTE = 0x22
SERVICE_ID_VERSION_BYTE = 0x23
MESSAGE_KEY_LENGTH = 32
TAG_LENGTH = 16
KEY_MATERIAL_LENGTH = MESSAGE_KEY_LENGTH + TAG_LENGTH
KEY_LENGTH = 32
_MORE_DEVICES = 0x8000
_MAX_RECIPIENT_COUNT = 0xFFFFFFFF
_LABEL_EPHEMERAL = b"Sealed Sender v2: r (2023-08)"
_LABEL_CIPHER_KEY = b"Sealed Sender v2: K"
_LABEL_DH = b"Sealed Sender v2: DH"
_LABEL_DH_SENDER = b"Sealed Sender v2: DH-sender"
_ZERO_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class SealedRecipient:
    """An account to seal for: its identity key and (device id, registration id) of each session."""

    service_id: ServiceId
    identity_key: PublicKey
    devices: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SentRecipient:
    """One recipient in a sent form: (device id, registration id) pairs and its key packet.

    Both are empty for an excluded recipient.
    """

    devices: tuple[tuple[int, int], ...]
    key_material: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A parsed sent form, from which each recipient's received form is cut."""

    recipients: Mapping[ServiceId, SentRecipient]
    """In order of first appearance."""
    shared: bytes = field(repr=False)
    """The ephemeral key and the ciphertext."""

    @classmethod
    def parse(cls, data: bytes) -> SentMessage:
        """Parse a sent form; raises MalformedMessage, UnrecognisedMessageVersion."""
        return _parse_sent(data)

    def received_form(self, service_id: ServiceId) -> bytes:
        """What one recipient's devices get; raises MalformedMessage if it is not a recipient or is excluded."""
        recipient = self.recipients.get(service_id)
        if recipient is None or not recipient.devices:
            raise MalformedMessage("the sealed message is not for this recipient")
        return bytes([UUID_VERSION_BYTE]) + recipient.key_material + self.shared


def received_form(sent: bytes, service_id: ServiceId) -> bytes:
    """One recipient's received form from a sent form; raises MalformedMessage or UnrecognisedMessageVersion."""
    return SentMessage.parse(sent).received_form(service_id)


def seal_multi_recipient(
    content: UnidentifiedSenderMessageContent,
    sender: KeyPair,
    recipients: Iterable[SealedRecipient],
    excluded: Sequence[ServiceId] = (),
    random: RandomSource = secure_random,
) -> bytes:
    """Seal for all devices of many accounts; returns the sent form.

    ``excluded`` are members of the group who get nothing, listed so that a group send token covers exactly the rest.
    Raises UnsealableRecipients with the problem of each recipient: InvalidKey for an identity key of small order,
    InvalidSession for a device or registration id out of range or no devices.
    """
    message_key = random(MESSAGE_KEY_LENGTH)
    ephemeral, cipher_key = _derive(message_key)
    ephemeral_private, ephemeral_key = ephemeral.private_key, ephemeral.public_key.serialize()
    sender_private, sender_key = sender.private_key, sender.public_key.serialize()
    message_key_number = int.from_bytes(message_key, "big")

    def packet(recipient: SealedRecipient) -> tuple[bytes, ...]:
        identity = recipient.identity_key
        identity_key = identity.serialize()
        mask = hkdf_sha256(
            ephemeral_private.agree(identity) + ephemeral_key + identity_key,
            _LABEL_DH,
            MESSAGE_KEY_LENGTH,
        )
        encrypted_key = (message_key_number ^ int.from_bytes(mask, "big")).to_bytes(
            MESSAGE_KEY_LENGTH, "big"
        )
        tag = hkdf_sha256(
            identity_agreement(sender_private, identity)
            + ephemeral_key
            + encrypted_key
            + sender_key
            + identity_key,
            _LABEL_DH_SENDER,
            TAG_LENGTH,
        )
        devices = _encode_devices(recipient.devices)
        return recipient.service_id.to_fixed_width(), devices, encrypted_key, tag

    packets: list[bytes] = []
    problems: dict[str, ProtocolError] = {}
    count = 0
    for recipient in recipients:
        try:
            packets += packet(recipient)
        except (InvalidKey, InvalidSession) as problem:
            problems[str(recipient.service_id)] = problem
        count += 1
    if problems:
        raise UnsealableRecipients(problems)
    packets += (service_id.to_fixed_width() + b"\x00" for service_id in excluded)
    return b"".join(
        (
            bytes([SERVICE_ID_VERSION_BYTE]),
            encode_varint(count + len(excluded)),
            *packets,
            ephemeral.public_key.raw,
            gcm_siv_encrypt(cipher_key, _ZERO_NONCE, content.serialize()),
        )
    )


def unseal_v2(data: bytes, recipient: KeyPair) -> UnidentifiedSenderMessageContent:
    """Open a received form, version byte included; raises MalformedMessage, InvalidMessage or InvalidCertificate."""
    header_end = 1 + KEY_MATERIAL_LENGTH + KEY_LENGTH
    if len(data) < header_end:
        raise MalformedMessage("the sealed message is too short")
    encrypted_key = data[1 : 1 + MESSAGE_KEY_LENGTH]
    tag = data[1 + MESSAGE_KEY_LENGTH : 1 + KEY_MATERIAL_LENGTH]
    claimed_ephemeral = PublicKey(data[1 + KEY_MATERIAL_LENGTH : header_end])
    ephemeral_key = claimed_ephemeral.serialize()
    own_key = recipient.public_key.serialize()

    mask = hkdf_sha256(
        recipient.private_key.agree(claimed_ephemeral) + ephemeral_key + own_key,
        _LABEL_DH,
        MESSAGE_KEY_LENGTH,
    )
    ephemeral, cipher_key = _derive(_xor(encrypted_key, mask))
    if not equal(ephemeral.public_key.raw, claimed_ephemeral.raw):
        raise InvalidMessage("the ephemeral key does not belong to the sealed message")
    content = UnidentifiedSenderMessageContent.deserialize(
        gcm_siv_decrypt(cipher_key, _ZERO_NONCE, data[header_end:])
    )
    sender_key = content.sender_certificate.identity_key
    expected_tag = hkdf_sha256(
        identity_agreement(recipient.private_key, sender_key)
        + ephemeral_key
        + encrypted_key
        + sender_key.serialize()
        + own_key,
        _LABEL_DH_SENDER,
        TAG_LENGTH,
    )
    if not equal(expected_tag, tag):
        raise InvalidMessage("the sender's key is not the one in its certificate")
    return content


def _derive(message_key: bytes) -> tuple[KeyPair, bytes]:
    """The ephemeral key pair and the cipher key that are derived from a message key."""
    pseudo_random_key = hkdf_extract(message_key)
    return (
        KeyPair.from_private(hkdf_expand(pseudo_random_key, _LABEL_EPHEMERAL, 32)),
        hkdf_expand(pseudo_random_key, _LABEL_CIPHER_KEY, 32),
    )


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def _encode_devices(devices: tuple[tuple[int, int], ...]) -> bytes:
    if not devices:
        raise InvalidSession("a recipient without sessions cannot be sealed to")
    last = len(devices) - 1
    encoded = b""
    for position, (device_id, registration_id) in enumerate(devices):
        if not 1 <= device_id <= MAX_DEVICE_ID:
            raise InvalidSession("a session has a device id out of range")
        if not is_registration_id(registration_id):
            raise InvalidSession("a session has a registration id out of range")
        more = _MORE_DEVICES if position < last else 0
        encoded += bytes([device_id]) + (registration_id | more).to_bytes(2, "big")
    return encoded


def _parse_sent(data: bytes) -> SentMessage:
    reader = ByteReader(data, "the sealed message")
    version = reader.take(1)[0]
    if version not in (UUID_VERSION_BYTE, SERVICE_ID_VERSION_BYTE):
        raise UnrecognisedMessageVersion
    count = reader.varint()
    if count > _MAX_RECIPIENT_COUNT:
        raise MalformedMessage("the sealed message has too many recipients")
    recipients: dict[ServiceId, SentRecipient] = {}
    for _ in range(count):
        service_id = _read_service_id(reader, version)
        devices = _read_devices(reader)
        key_material = reader.take(KEY_MATERIAL_LENGTH) if devices else b""
        earlier = recipients.get(service_id)
        if earlier is not None:
            if not devices or not earlier.devices:
                raise MalformedMessage("a recipient is both included and excluded")
            # All of an account's devices share one key packet: the first one counts.
            devices, key_material = earlier.devices + devices, earlier.key_material
        recipients[service_id] = SentRecipient(devices, key_material)
    shared = reader.rest()
    if len(shared) < KEY_LENGTH:
        raise MalformedMessage("the sealed message is cut off")
    return SentMessage(recipients, shared)


def _read_service_id(reader: ByteReader, version: int) -> ServiceId:
    if version == UUID_VERSION_BYTE:
        return ServiceId.aci(reader.take(UUID_LENGTH))
    try:
        return ServiceId.from_fixed_width(reader.take(FIXED_WIDTH_LENGTH))
    except InvalidServiceId as error:
        raise MalformedMessage("a recipient of the sealed message is not a service id") from error


def _read_devices(reader: ByteReader) -> tuple[tuple[int, int], ...]:
    devices: list[tuple[int, int]] = []
    while True:
        device_id = reader.take(1)[0]
        if device_id == 0:
            if devices:
                raise MalformedMessage("a device id in the sealed message is zero")
            return ()
        if device_id > MAX_DEVICE_ID:
            raise MalformedMessage("a device id in the sealed message is out of range")
        registration_id = int.from_bytes(reader.take(2), "big")
        devices.append((device_id, registration_id & MAX_REGISTRATION_ID))
        if not registration_id & _MORE_DEVICES:
            return tuple(devices)
