"""Profile keys: their version and commitment for the server.

Source: libsignal ``rust/zkgroup/src/api/profiles/profile_key*.rs`` and
``rust/zkgroup/src/crypto/profile_key_commitment.rs``.
"""

from __future__ import annotations

from dataclasses import field

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.crypto.scalars import Scalar
from sigcli.errors import InvalidKey
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.attributes import PROFILE_KEY_LENGTH, profile_key_attribute
from sigcli.zkgroup.encoding import RESERVED, Reader, points_bytes, version_byte
from sigcli.zkgroup.sho import Sho

_VERSION_LENGTH = 32


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """The 32 secret bytes that encrypt a profile."""

    contents: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.contents) != PROFILE_KEY_LENGTH:
            raise InvalidKey("a profile key has 32 bytes")

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> ProfileKey:
        """A new key."""
        label = b"Signal_ZKGroup_20200424_Random_ProfileKey_Generate"
        return cls(Sho(label, random(32)).squeeze(PROFILE_KEY_LENGTH))

    def serialize(self) -> ProfileKeyBytes:
        """The 32 bytes."""
        return ProfileKeyBytes(self.contents)

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKey:
        """Read 32 bytes; raises InvalidKey."""
        return cls(bytes(data))

    def get_profile_key_version(self, aci: ServiceId) -> str:
        """The version of this key for its owner, in the service's paths: 64 hexadecimal digits."""
        label = b"Signal_ZKGroup_20200424_ProfileKeyAndUid_ProfileKey_GetProfileKeyVersion"
        return Sho(label, self.contents + aci.uuid_bytes).squeeze(_VERSION_LENGTH).hex()

    def get_commitment(self, aci: ServiceId) -> ProfileKeyCommitment:
        """The commitment that the owner stores at the server."""
        return commit(self, aci)[0]


@dataclass(frozen=True, slots=True)
class ProfileKeyCommitment:
    """A commitment to a profile key and its owner: three elements."""

    j1: RistrettoPoint
    j2: RistrettoPoint
    j3: RistrettoPoint

    def serialize(self) -> bytes:
        """97 bytes."""
        return version_byte(RESERVED) + points_bytes((self.j1, self.j2, self.j3))

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKeyCommitment:
        """Read 97 bytes; raises MalformedMessage."""
        reader = Reader(data)
        points = reader.points(3)
        reader.end()
        return cls(*points)


def commit(profile_key: ProfileKey, aci: ServiceId) -> tuple[ProfileKeyCommitment, Scalar]:
    """The commitment and the scalar that opens it."""
    label = b"Signal_ZKGroup_20200424_ProfileKeyAndUid_ProfileKeyCommitment_Calcj3"
    attribute = profile_key_attribute(profile_key.contents, aci)
    j3 = Sho(label, profile_key.contents + aci.uuid_bytes).scalar()
    commitment = ProfileKeyCommitment(
        g.COMMITMENT_J1 * j3 + attribute.first,
        g.COMMITMENT_J2 * j3 + attribute.second,
        g.COMMITMENT_J3 * j3,
    )
    return commitment, j3
