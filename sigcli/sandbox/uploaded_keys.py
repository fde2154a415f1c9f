"""Reading the attributes and keys that devices send at registration and linking."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.curve import PublicKey
from sigcli.crypto.kem import KyberPublicKey
from sigcli.errors import InvalidKey
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import (
    MAX_ENCRYPTED_NAME_BYTES,
    MAX_KEY_ID,
    MAX_REGISTRATION_ID,
)
from sigcli.sandbox.capabilities import known
from sigcli.sandbox.fields import invalid
from sigcli.sandbox.prekeys import Kind, PublicKeyEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.sandbox.fields import Fields
    from sigcli.sandbox.prekeys import PreKeys
    from sigcli.wire.addresses import ServiceId

_IDENTITY_LENGTH = range(33, 34)
_CURVE_LENGTH = range(33, 34)
_KYBER_LENGTH = range(1569, 1570)
_SIGNATURE_LENGTH = range(64, 65)


@dataclass(frozen=True, slots=True)
class RepeatedUseKeys:
    """The two keys of an identity that are used for many sessions."""

    signed: PublicKeyEntry
    last_resort: PublicKeyEntry

    def store(self, prekeys: PreKeys, owner: ServiceId, device_id: int) -> None:
        """Store them in place of older ones."""
        prekeys.replace(owner, device_id, Kind.SIGNED, [self.signed])
        prekeys.replace(owner, device_id, Kind.LAST_RESORT, [self.last_resort])


@dataclass(frozen=True, slots=True)
class DeviceAttributes:
    """A device's description of itself; ``capabilities`` None if it does not mention any."""

    fetches_messages: bool
    registration_id: int
    pni_registration_id: int | None
    name: bytes | None = field(repr=False)
    capabilities: frozenset[str] | None


def read_identity_key(fields: Fields, name: str) -> bytes:
    """A public identity key, 33 bytes; raises Refused (422)."""
    return _curve(fields.data(name, _IDENTITY_LENGTH))


def read_optional_identity_key(fields: Fields, name: str) -> bytes | None:
    """A public identity key if one is given; raises Refused (422)."""
    return read_identity_key(fields, name) if fields.has(name) else None


def read_curve_key(fields: Fields, *, signed: bool) -> PublicKeyEntry:
    """A curve prekey; raises Refused (422)."""
    return PublicKeyEntry(
        fields.integer("keyId", 0, MAX_KEY_ID),
        _curve(fields.data("publicKey", _CURVE_LENGTH)),
        fields.data("signature", _SIGNATURE_LENGTH) if signed else None,
    )


def read_kyber_key(fields: Fields) -> PublicKeyEntry:
    """A Kyber prekey; raises Refused (422)."""
    public_key = fields.data("publicKey", _KYBER_LENGTH)
    try:
        KyberPublicKey.deserialize(public_key)
    except InvalidKey:
        raise invalid() from None
    return PublicKeyEntry(
        fields.integer("keyId", 0, MAX_KEY_ID),
        public_key,
        fields.data("signature", _SIGNATURE_LENGTH),
    )


def read_repeated_use_keys(fields: Fields, identity: str) -> RepeatedUseKeys | None:
    """``aciSignedPreKey`` and ``aciPqLastResortPreKey``, or the PNI's; None if both are absent."""
    signed = fields.optional_fields(f"{identity}SignedPreKey")
    last_resort = fields.optional_fields(f"{identity}PqLastResortPreKey")
    if signed is None and last_resort is None:
        return None
    if signed is None or last_resort is None:
        raise invalid()
    return RepeatedUseKeys(read_curve_key(signed, signed=True), read_kyber_key(last_resort))


def read_device_attributes(fields: Fields) -> DeviceAttributes:
    """The device's part of account attributes; raises Refused (422)."""
    capabilities = fields.optional_fields("capabilities")
    return DeviceAttributes(
        fetches_messages=fields.flag("fetchesMessages"),
        registration_id=fields.integer("registrationId", 1, MAX_REGISTRATION_ID),
        pni_registration_id=fields.optional_integer("pniRegistrationId", 1, MAX_REGISTRATION_ID),
        name=fields.optional_data("name", range(MAX_ENCRYPTED_NAME_BYTES + 1)) or None,
        capabilities=None if capabilities is None else known(capabilities.flags()),
    )


def require_one_delivery_channel(fields: Fields, attributes: DeviceAttributes) -> None:
    """Refused (422) unless the device fetches its messages or has exactly one push token."""
    tokens = [fields.optional_fields(name) for name in ("apnToken", "gcmToken")]
    given = sum(token is not None for token in tokens)
    if given != (0 if attributes.fetches_messages else 1):
        raise invalid()


def require_signatures(identity_key: bytes, keys: Iterable[PublicKeyEntry]) -> None:
    """Refused (422) unless the identity key has signed every key."""
    identity = PublicKey.deserialize(identity_key)
    for key in keys:
        if not identity.verify(key.signature or b"", key.public_key):
            raise invalid()


def _curve(data: bytes) -> bytes:
    try:
        PublicKey.deserialize(data)
    except InvalidKey:
        raise invalid() from None
    return data
