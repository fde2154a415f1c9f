"""The attributes that zkgroup hides, a service id and a profile key, and how they are encrypted.

An attribute is two group elements. A key pair (a1, a2) encrypts (M1, M2) to E1 = a1 M1 and
E2 = a2 E1 + M2; :mod:`sigcli.zkgroup.attribute_decryption` goes back. Source: libsignal
``rust/zkgroup/src/crypto/{uid,profile_key}_*.rs`` and ``rust/zkcredential/src/attributes.rs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from hashlib import sha256

from sigcli.crypto.elligator import (
    MAP_INPUT_LENGTH,
    UNIFORM_LENGTH,
    from_uniform_all,
    lizard_encode,
    map_to_point,
)
from sigcli.crypto.ristretto import POINT_LENGTH, RistrettoPoint, decode_each
from sigcli.crypto.scalars import Scalar
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.encoding import Reader
from sigcli.zkgroup.sho import Sho

PROFILE_KEY_LENGTH = 32
KEY_PAIR_LENGTH = 96
_UID_LABEL = b"Signal_ZKGroup_20200424_UID_CalcM1"
_PROFILE_KEY_LABEL = b"Signal_ZKGroup_20200424_ProfileKeyAndUid_ProfileKey_CalcM3"
# A version 7 UUID that libsignal fixed for accounts without a phone number.
_FALSE_PNI_NAMESPACE = bytes.fromhex("019faa2b7bcb70c2ac7fcd770414689a")


@dataclass(frozen=True, slots=True)
class Attribute:
    """The two elements of a plaintext, or of a ciphertext."""

    first: RistrettoPoint
    second: RistrettoPoint

    def serialize(self) -> bytes:
        """64 bytes."""
        return self.first.encode() + self.second.encode()

    @classmethod
    def read(cls, reader: Reader) -> Attribute:
        """Read 64 bytes; raises MalformedMessage."""
        return cls(*reader.points(2))


def read_attributes(data: Sequence[bytes]) -> list[Attribute | None]:
    """Attributes of 64 bytes each, faster together than one by one; None for invalid ones."""
    points = decode_each(
        [part for one in data for part in (one[:POINT_LENGTH], one[POINT_LENGTH:])]
    )
    read: list[Attribute | None] = []
    for one, first, second in zip(data, points[::2], points[1::2], strict=True):
        if first is None or second is None:
            read.append(None)
            continue
        read.append(
            Attribute(
                RistrettoPoint(coset=(*first, 1), encoding=one[:POINT_LENGTH]),
                RistrettoPoint(coset=(*second, 1), encoding=one[POINT_LENGTH:]),
            )
        )
    return read


@dataclass(frozen=True, slots=True)
class AttributeKind:
    """What keys of one kind share: the name in proofs and the generators of public keys."""

    name: str
    generator1: RistrettoPoint
    generator2: RistrettoPoint


UID_KIND = AttributeKind("Signal_ZKGroup_20230419_UidEncryption", g.UID_A1, g.UID_A2)
PROFILE_KEY_KIND = AttributeKind(
    "Signal_ZKGroup_20231011_ProfileKeyEncryption", g.PROFILE_KEY_B1, g.PROFILE_KEY_B2
)


@dataclass(frozen=True, slots=True)
class AttributeKeyPair:
    """A key that encrypts attributes of one kind, and its public element a1 G1 + a2 G2."""

    kind: AttributeKind
    a1: Scalar = field(repr=False)
    a2: Scalar = field(repr=False)
    public_key: RistrettoPoint

    @classmethod
    def derive(cls, kind: AttributeKind, sho: Sho) -> AttributeKeyPair:
        """Take both scalars from a hash object."""
        a1, a2 = sho.scalar(), sho.scalar()
        return cls(kind, a1, a2, kind.generator1 * a1 + kind.generator2 * a2)

    @classmethod
    def read(cls, kind: AttributeKind, reader: Reader) -> AttributeKeyPair:
        """Read 96 bytes; raises MalformedMessage."""
        a1, a2 = reader.scalars(2)
        return cls(kind, a1, a2, reader.points(1)[0])

    def serialize(self) -> bytes:
        """96 bytes: both scalars and the public element."""
        return self.a1 + self.a2 + self.public_key.encode()

    def encrypt(self, attribute: Attribute) -> Attribute:
        """The ciphertext of an attribute."""
        first = attribute.first * self.a1
        return Attribute(first, first * self.a2 + attribute.second)


def uid_first_points(service_ids: Sequence[ServiceId]) -> list[RistrettoPoint]:
    """M1 of each service id, faster together than one by one."""
    seed = Sho(_UID_LABEL)
    return from_uniform_all(
        [seed.derive(service_id.to_binary(), UNIFORM_LENGTH) for service_id in service_ids]
    )


def uid_attribute(service_id: ServiceId) -> Attribute:
    """The attribute of an ACI or a PNI."""
    return Attribute(uid_first_points([service_id])[0], lizard_encode(service_id.uuid_bytes))


def false_pni(aci: ServiceId, salt: bytes) -> ServiceId:
    """The PNI in an auth credential of an account without a phone number."""
    from hashlib import sha1

    # A UUID of version 5, which is defined with SHA-1; the salt was hashed with SHA-256 first.
    name = sha256(salt).digest() + aci.uuid_bytes
    digest = bytearray(sha1(_FALSE_PNI_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return ServiceId.pni(bytes(digest))


def profile_key_seed() -> Sho:
    """From a profile key and its owner's UUID: the hash object that derives the input of the map that gives M1."""
    return Sho(_PROFILE_KEY_LABEL)


def profile_key_attribute(profile_key: bytes, aci: ServiceId) -> Attribute:
    """The attribute of a profile key (32 bytes) and its owner."""
    first = map_to_point(profile_key_seed().derive(profile_key + aci.uuid_bytes, MAP_INPUT_LENGTH))
    return Attribute(first, map_to_point(_without_variable_bits(profile_key)))


def _without_variable_bits(profile_key: bytes) -> bytes:
    encoded = bytearray(profile_key)
    encoded[0] &= 0xFE
    encoded[31] &= 0x3F
    return bytes(encoded)
