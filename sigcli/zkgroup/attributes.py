"""The attributes that zkgroup hides, a service id and a profile key, and how they are encrypted.

An attribute is two group elements. A key pair (a1, a2) encrypts (M1, M2) to E1 = a1 M1 and
E2 = a2 E1 + M2; decryption finds the plaintext from M2 and checks M1. Source: libsignal
``rust/zkgroup/src/crypto/{uid,profile_key}_*.rs`` and ``rust/zkcredential/src/attributes.rs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from hashlib import sha256

from sigcli.crypto import scalars
from sigcli.crypto.elligator import (
    from_uniform_all,
    jacobi_squares,
    lizard_decode,
    lizard_encode,
    map_to_point,
    maps_onto,
    preimages,
)
from sigcli.crypto.ristretto import BASE_POINT, RistrettoPoint
from sigcli.crypto.scalars import Scalar
from sigcli.errors import ZkProofFailed
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

    def decrypt_second(self, ciphertext: Attribute) -> RistrettoPoint:
        """M2; it means nothing before M1 is checked. Raises ZkProofFailed where a1 hides nothing."""
        if ciphertext.first == BASE_POINT:
            raise ZkProofFailed
        return ciphertext.second - ciphertext.first.times_in_eight_form(self.a2)


def uid_first_points(service_ids: Sequence[ServiceId]) -> list[RistrettoPoint]:
    """M1 of each service id, together cheaper than one by one."""
    seed = Sho(_UID_LABEL)
    uniform = []
    for service_id in service_ids:
        sho = seed.copy()
        sho.absorb_and_ratchet(service_id.to_binary())
        uniform.append(sho.squeeze(64))
    return from_uniform_all(uniform)


def uid_attribute(service_id: ServiceId) -> Attribute:
    """The attribute of an ACI or a PNI."""
    return Attribute(uid_first_points([service_id])[0], lizard_encode(service_id.uuid_bytes))


def false_pni(aci: ServiceId, salt: bytes) -> ServiceId:
    """The PNI that stands in an auth credential of an account without a phone number."""
    from hashlib import sha1

    # A UUID of version 5, which is defined with SHA-1; the salt was hashed with SHA-256 first.
    name = sha256(salt).digest() + aci.uuid_bytes
    digest = bytearray(sha1(_FALSE_PNI_NAMESPACE + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return ServiceId.pni(bytes(digest))


def decrypt_uid(key_pair: AttributeKeyPair, ciphertext: Attribute) -> ServiceId:
    """The service id in a ciphertext; raises ZkProofFailed if this key did not encrypt it."""
    uuid = lizard_decode(key_pair.decrypt_second(ciphertext))
    if uuid is not None:
        for service_id in (ServiceId.aci(uuid), ServiceId.pni(uuid)):
            if uid_first_points([service_id])[0] * key_pair.a1 == ciphertext.first:
                return service_id
    raise ZkProofFailed


def profile_key_attribute(profile_key: bytes, aci: ServiceId) -> Attribute:
    """The attribute of a profile key (32 bytes) and its owner."""
    first = map_to_point(_profile_key_map_input(Sho(_PROFILE_KEY_LABEL), profile_key, aci))
    return Attribute(first, map_to_point(_without_variable_bits(profile_key)))


def decrypt_profile_key(key_pair: AttributeKeyPair, ciphertext: Attribute, aci: ServiceId) -> bytes:
    """The profile key (32 bytes) in a ciphertext; raises ZkProofFailed if it is not for this owner."""
    second = key_pair.decrypt_second(ciphertext)
    first = ciphertext.first * scalars.invert(key_pair.a1)
    squares = jacobi_squares(first)
    if squares is not None:
        seed = Sho(_PROFILE_KEY_LABEL)
        for candidate in preimages(second):
            for bits in range(8):
                profile_key = _with_variable_bits(candidate, bits)
                data = _profile_key_map_input(seed, profile_key, aci)
                # The cheap test leaves open the sign of the element.
                if maps_onto(data, squares) and map_to_point(data) == first:
                    return profile_key
    raise ZkProofFailed


def _profile_key_map_input(seed: Sho, profile_key: bytes, aci: ServiceId) -> bytes:
    sho = seed.copy()
    sho.absorb_and_ratchet(profile_key + aci.uuid_bytes)
    return sho.squeeze(32)


def _without_variable_bits(profile_key: bytes) -> bytes:
    encoded = bytearray(profile_key)
    encoded[0] &= 0xFE
    encoded[31] &= 0x3F
    return bytes(encoded)


def _with_variable_bits(encoded: bytes, bits: int) -> bytes:
    profile_key = bytearray(encoded)
    profile_key[0] |= bits >> 2
    profile_key[31] |= (bits & 3) << 6
    return bytes(profile_key)
