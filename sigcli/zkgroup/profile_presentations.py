"""Received profile key credentials: presented to a group server, they add an account to a group.

The server learns neither the account nor its profile key, only that they belong together. How to get a credential is in
:mod:`sigcli.zkgroup.profile_credentials`. Sources: libsignal ``rust/zkgroup/src/api/profiles`` and
``rust/zkgroup/src/crypto/proofs.rs``.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto import scalars
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import RistrettoPoint, sum_of_products
from sigcli.crypto.scalars import Scalar
from sigcli.errors import InvalidCredential
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import UUID_LENGTH, ServiceId
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.attributes import (
    PROFILE_KEY_LENGTH,
    Attribute,
    profile_key_attribute,
    uid_attribute,
)
from sigcli.zkgroup.encoding import RESERVED, Reader, byte_string, points_bytes, u64, version_byte
from sigcli.zkgroup.groups import (
    GroupPublicParams,
    GroupSecretParams,
    ProfileKeyCiphertext,
    UuidCiphertext,
)
from sigcli.zkgroup.profile_credential_keys import Y_GENERATORS, expiration_point
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Statement

if TYPE_CHECKING:
    from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams

_PRESENTATION_VERSION = 3

_PRESENTATION = Statement(
    ("Z", [("z", "I")]),
    ("C_x1", [("t", "C_x0"), ("z0", "G_x0"), ("z", "G_x1")]),
    ("A+B", [("a1", "G_a1"), ("a2", "G_a2"), ("b1", "G_b1"), ("b2", "G_b2")]),
    ("C_y2-E_A2", [("z", "G_y2"), ("a2", "-E_A1")]),
    ("E_A1", [("a1", "C_y1"), ("z1", "G_y1")]),
    ("C_y4-E_B2", [("z", "G_y4"), ("b2", "-E_B1")]),
    ("E_B1", [("b1", "C_y3"), ("z2", "G_y3")]),
    ("0", [("z1", "I"), ("a1", "Z")]),
    ("0", [("z2", "I"), ("b1", "Z")]),
    ("C_y5", [("z", "G_y5")]),
)


@dataclass(frozen=True, slots=True)
class ExpiringProfileKeyCredential:
    """A credential over an ACI, its profile key and an expiration."""

    t: Scalar = field(repr=False)
    u: RistrettoPoint = field(repr=False)
    v: RistrettoPoint = field(repr=False)
    aci: ServiceId
    profile_key: ProfileKey
    expiration_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> ExpiringProfileKeyCredential:
        """Read 153 bytes; raises MalformedMessage."""
        reader = Reader(data)
        t = reader.scalar()
        u, v = reader.points(2)
        aci = ServiceId.aci(reader.take(UUID_LENGTH))
        profile_key = ProfileKey(reader.take(PROFILE_KEY_LENGTH))
        expiration_s = reader.u64()
        reader.end()
        return cls(t, u, v, aci, profile_key, expiration_s)

    def serialize(self) -> bytes:
        """153 bytes."""
        head = version_byte(RESERVED) + self.t + self.u.encode() + self.v.encode()
        return head + self.aci.uuid_bytes + self.profile_key.contents + u64(self.expiration_s)

    def present(
        self,
        server: ServerPublicParams,
        group: GroupSecretParams,
        random: RandomSource = secure_random,
    ) -> ProfileKeyCredentialPresentation:
        """Present the credential to a group's server."""
        label = (
            b"Signal_ZKGroup_20220508_Random_ServerPublicParams_"
            b"CreateExpiringProfileKeyCredentialPresentation"
        )
        sho = Sho(label, random(32))
        z = sho.scalar()
        uid = uid_attribute(self.aci)
        key = profile_key_attribute(self.profile_key.contents, self.aci)
        shown = ProfileKeyCredentialPresentation(
            c_x0=g.CREDENTIAL_X0 * z + self.u,
            c_x1=g.CREDENTIAL_X1 * z + self.u * self.t,
            c_y=(
                g.CREDENTIAL_Y1 * z + uid.first,
                g.CREDENTIAL_Y2 * z + uid.second,
                g.CREDENTIAL_Y3 * z + key.first,
                g.CREDENTIAL_Y4 * z + key.second,
                g.CREDENTIAL_Y5 * z,
            ),
            c_v=g.CREDENTIAL_V * z + self.v,
            proof=b"",
            uid=group.uid_key_pair.encrypt(uid),
            profile_key=group.profile_key_key_pair.encrypt(key),
            expiration_s=self.expiration_s,
        )
        minus_z = scalars.negate(z)
        a, b = group.uid_key_pair, group.profile_key_key_pair
        secrets = {
            "z": z,
            "t": self.t,
            "z0": scalars.multiply(minus_z, self.t),
            "a1": a.a1,
            "a2": a.a2,
            "b1": b.a1,
            "b2": b.a2,
            "z1": scalars.multiply(minus_z, a.a1),
            "z2": scalars.multiply(minus_z, b.a1),
        }
        i = server.profile_key_credential_key.i
        points = shown.proof_points(i, i * z, group.get_public_params())
        return shown.with_proof(_PRESENTATION.prove(secrets, points, sho.squeeze(32)))


@dataclass(frozen=True, slots=True)
class ProfileKeyCredentialPresentation:
    """The presentation in an action that adds a member."""

    c_x0: RistrettoPoint
    c_x1: RistrettoPoint
    c_y: tuple[RistrettoPoint, RistrettoPoint, RistrettoPoint, RistrettoPoint, RistrettoPoint]
    c_v: RistrettoPoint
    proof: bytes = field(repr=False)
    uid: Attribute
    profile_key: Attribute
    expiration_s: int

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKeyCredentialPresentation:
        """Read a presentation of the current version; raises MalformedMessage."""
        reader = Reader(data, _PRESENTATION_VERSION)
        c_x0, c_x1, y1, y2, y3, y4, y5, c_v = reader.points(8)
        proof = reader.byte_string()
        uid, profile_key = Attribute.read(reader), Attribute.read(reader)
        expiration_s = reader.u64()
        reader.end()
        return cls(c_x0, c_x1, (y1, y2, y3, y4, y5), c_v, proof, uid, profile_key, expiration_s)

    def serialize(self) -> bytes:
        """The bytes that a group action carries."""
        points = points_bytes((self.c_x0, self.c_x1, *self.c_y, self.c_v))
        ciphertexts = self.uid.serialize() + self.profile_key.serialize()
        head = version_byte(_PRESENTATION_VERSION) + points + byte_string(self.proof)
        return head + ciphertexts + u64(self.expiration_s)

    def get_uuid_ciphertext(self) -> UuidCiphertext:
        """The new member's encrypted ACI."""
        return UuidCiphertext(self.uid)

    def get_profile_key_ciphertext(self) -> ProfileKeyCiphertext:
        """The new member's encrypted profile key."""
        return ProfileKeyCiphertext(self.profile_key)

    def with_proof(self, proof: bytes) -> ProfileKeyCredentialPresentation:
        """The same commitments with their proof."""
        return ProfileKeyCredentialPresentation(
            self.c_x0,
            self.c_x1,
            self.c_y,
            self.c_v,
            proof,
            self.uid,
            self.profile_key,
            self.expiration_s,
        )

    def verify(self, server: ServerSecretParams, group: GroupPublicParams, now_ms: int) -> None:
        """Verify as the group server; raises ZkProofFailed, or InvalidCredential once expired."""
        c_y5 = self.c_y[4] + expiration_point(self.expiration_s)
        key = server.profile_key_credential_key
        z_point = (
            self.c_v
            - key.w_point
            - sum_of_products(
                [
                    (key.x0, self.c_x0),
                    (key.x1, self.c_x1),
                    *zip(key.y, (*self.c_y[:4], c_y5), strict=True),
                ]
            )
        )
        points = self.proof_points(key.public_key.i, z_point, group)
        _PRESENTATION.verify(self.proof, points)
        if self.expiration_s <= now_ms // 1000:
            raise InvalidCredential("the profile key credential has expired")

    def proof_points(
        self, i: RistrettoPoint, z_point: RistrettoPoint, group: GroupPublicParams
    ) -> dict[str, RistrettoPoint]:
        """The elements of the statement by name."""
        return {
            "Z": z_point,
            "I": i,
            "C_x1": self.c_x1,
            "C_x0": self.c_x0,
            "G_x0": g.CREDENTIAL_X0,
            "G_x1": g.CREDENTIAL_X1,
            "A+B": group.uid_public_key + group.profile_key_public_key,
            "G_a1": g.UID_A1,
            "G_a2": g.UID_A2,
            "G_b1": g.PROFILE_KEY_B1,
            "G_b2": g.PROFILE_KEY_B2,
            "C_y2-E_A2": self.c_y[1] - self.uid.second,
            "-E_A1": -self.uid.first,
            "E_A1": self.uid.first,
            "C_y1": self.c_y[0],
            "C_y4-E_B2": self.c_y[3] - self.profile_key.second,
            "-E_B1": -self.profile_key.first,
            "E_B1": self.profile_key.first,
            "C_y3": self.c_y[2],
            "0": RistrettoPoint.identity(),
            "C_y5": self.c_y[4],
            **Y_GENERATORS,
        }
