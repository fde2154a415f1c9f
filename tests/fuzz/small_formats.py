"""Targets: formats of their own, most of them encrypted under a key that whoever wrote the bytes has."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from random import Random

from sigcli.crypto import ciphers
from sigcli.crypto.ciphers import cbc_encrypt
from sigcli.crypto.curve import KeyPair
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.errors import MalformedMessage
from sigcli.protocol import profile_fields, provisioning, storage_cipher
from sigcli.protocol.account_entropy import StorageKey
from sigcli.protocol.attachment_cipher import (
    AttachmentEncryptor,
    AttachmentKey,
    IncrementalMac,
    decrypt_attachment,
)
from sigcli.protocol.device_name import (
    decrypt_device_name,
    encrypt_device_name,
    open_created_at,
    seal_created_at,
)
from sigcli.protocol.fingerprint import SafetyNumber, safety_number
from sigcli.protocol.profile_fields import ProfileName
from sigcli.protocol.sticker_cipher import decrypt_pack_file, encrypt_pack_file
from sigcli.wire.generated import provisioning_pb2, storage_service_pb2, username_pb2
from sigcli.wire.identity_key_pair import decode_identity_key_pair, encode_identity_key_pair
from sigcli.wire.provisioning import (
    ProvisionEnvelope,
    decode_envelope,
    decode_message,
    encode_envelope,
)
from sigcli.wire.storage_manifest import (
    StorageManifest,
    decode_manifest_record,
    decode_storage_items,
    decode_storage_manifest,
    encode_storage_items,
    encode_storage_manifest,
)
from sigcli.wire.storage_records import decode_storage_record
from sigcli.wire.username_links import decode_username
from sigcli.zkgroup.usernames import create_username_link, decrypt_username_link
from tests.fuzz.contents import filled
from tests.fuzz.target import Target
from tests.support.devices import ALICE, BOB

KEY = bytes(range(32))
PAIR = KeyPair.generate(Random(11).randbytes)


def _provisioning(data: bytes) -> None:
    provisioning.decrypt_provision_message(decode_envelope(data), PAIR.private_key)


def _provisioning_seeds() -> list[bytes]:
    made = []
    for message in filled(provisioning_pb2.ProvisionMessage, 3):
        ephemeral = KeyPair.generate(Random(12).randbytes)
        secret = ephemeral.private_key.agree(PAIR.public_key)
        keys = hkdf_sha256(secret, b"TextSecure Provisioning Message", 64)
        body = b"\x01" + bytes(16) + cbc_encrypt(keys[:32], bytes(16), message)
        sealed = ProvisionEnvelope(
            public_key=ephemeral.public_key.serialize(),
            body=body + hmac_sha256(keys[32:], body),
        )
        made.append(encode_envelope(sealed))
    return made


def _device_name(data: bytes) -> None:
    decrypt_device_name(data, PAIR.private_key)


def _created_at(data: bytes) -> None:
    open_created_at(data, PAIR.private_key, 2, 4711)


@cache
def _attachment_key() -> AttachmentKey:
    return AttachmentKey(bytes(range(64)))


def _attachment(data: bytes) -> None:
    """Two bytes say how the blob arrives and which of the pointer's claims it is compared with."""
    how, claimed, blob = data[:1], data[1:2], data[2:]
    size = 1 + (how[0] if how else 0)
    chunks = [blob[start : start + size] for start in range(0, len(blob), size)]
    incremental = None
    if claimed and claimed[0] & 1:
        incremental = IncrementalMac(blob[:96], 1 + claimed[0])
    plaintext_size = claimed[0] if claimed and claimed[0] & 2 else None
    for _ in decrypt_attachment(
        chunks,
        _attachment_key(),
        digest=None,
        plaintext_size=plaintext_size,
        incremental_mac=incremental,
    ):
        pass


def _attachment_seeds() -> list[bytes]:
    made = []
    for content in (b"", b"a text", b"x" * 700):
        encryptor = AttachmentEncryptor(_attachment_key(), iv=bytes(16))
        made.append(b"\x3f\x00" + b"".join(encryptor.encrypt([content])))
    return made


def _profile_plaintext(data: bytes) -> None:
    """What a person with the profile key wrote, in each kind of field."""
    field = profile_fields.encrypt_bytes(KEY, data, Random(1).randbytes)
    profile_fields.decrypt_name(KEY, field)
    profile_fields.decrypt_text(KEY, field)
    for read in (profile_fields.decrypt_payment_address, profile_fields.decrypt_boolean):
        with suppress(MalformedMessage):
            read(KEY, field)


def _profile_field(data: bytes) -> None:
    profile_fields.decrypt_name(KEY, data)


def _name_field() -> bytes:
    return profile_fields.encrypt_name(KEY, ProfileName("Ada", "L"), Random(1).randbytes)


def _manifest(data: bytes) -> None:
    storage_cipher.decrypt_manifest(StorageKey(KEY), decode_storage_manifest(data))


def _manifest_seeds() -> list[bytes]:
    record = decode_manifest_record(filled(storage_service_pb2.ManifestRecord)[-1])
    key = storage_cipher.manifest_key(StorageKey(KEY), record.version)
    value = ciphers.gcm_seal(key, record.original, Random(1).randbytes)
    return [encode_storage_manifest(StorageManifest(version=record.version, value=value))]


def _storage_items(data: bytes) -> None:
    for item in decode_storage_items(data):
        storage_cipher.decrypt_record(StorageKey(KEY), None, item)


def _storage_item_seeds() -> list[bytes]:
    item = storage_cipher.encrypt_record(
        StorageKey(KEY), bytes(16), None, b"record", Random(1).randbytes
    )
    return [encode_storage_items([item])]


@cache
def _safety_number() -> SafetyNumber:
    other = KeyPair.generate(Random(13).randbytes)
    return safety_number(ALICE.service_id, PAIR.public_key, BOB.service_id, other.public_key)


TARGETS = (
    Target("provisioning", _provisioning, _provisioning_seeds),
    Target(
        "provision-message",
        decode_message,
        lambda: filled(provisioning_pb2.ProvisionMessage),
    ),
    Target(
        "device-name",
        _device_name,
        lambda: [encrypt_device_name("laptop", PAIR.public_key, Random(1).randbytes)],
    ),
    Target(
        "device-created-at",
        _created_at,
        lambda: [seal_created_at(1_750_000_000_000, PAIR.public_key, 2, 4711, Random(1).randbytes)],
    ),
    Target("attachment", _attachment, _attachment_seeds),
    Target("profile-field", _profile_field, lambda: [_name_field()]),
    Target("profile-plaintext", _profile_plaintext, lambda: [b"\x00"]),
    Target("storage-manifest", _manifest, _manifest_seeds),
    Target(
        "manifest-record",
        decode_manifest_record,
        lambda: filled(storage_service_pb2.ManifestRecord),
    ),
    Target("storage-items", _storage_items, _storage_item_seeds),
    Target(
        "storage-record",
        decode_storage_record,
        lambda: filled(storage_service_pb2.StorageRecord, 16),
    ),
    Target(
        "sticker-file",
        lambda data: decrypt_pack_file(KEY, data),
        lambda: [encrypt_pack_file(KEY, b"picture", Random(1).randbytes)],
    ),
    Target(
        "username-link",
        lambda data: decrypt_username_link(KEY, data),
        lambda: [create_username_link("ada.42", Random(1).randbytes, KEY)[1]],
    ),
    Target("username-data", decode_username, lambda: filled(username_pb2.UsernameData)),
    Target(
        "safety-number",
        lambda data: _safety_number().matches(data),
        lambda: [_safety_number().scannable],
    ),
    Target(
        "identity-key-pair",
        decode_identity_key_pair,
        lambda: [encode_identity_key_pair(PAIR.public_key.serialize(), PAIR.private_key.raw)],
    ),
)
