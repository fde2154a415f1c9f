"""Requesting profile key credentials: the server certifies a profile key that it does not see.

A client that knows an account's profile key requests a credential (context and request) and receives it (response). The
request encrypts the profile key to the client; the server proves that its answer is about the key that the account's
owner committed to. Sources: libsignal ``rust/zkgroup/src/api/profiles`` and
``rust/zkgroup/src/crypto/{proofs,credentials,profile_key_credential_request}.rs``.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto import scalars
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import BASE_POINT, RistrettoPoint, sum_of_products
from sigcli.crypto.scalars import Scalar
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
from sigcli.zkgroup.profile_credential_keys import Y_GENERATORS, expiration_point
from sigcli.zkgroup.profile_key import ProfileKey, ProfileKeyCommitment, commit
from sigcli.zkgroup.profile_presentations import ExpiringProfileKeyCredential
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Statement
from sigcli.zkgroup.times import validate_credential_expiration

if TYPE_CHECKING:
    from sigcli.zkgroup.profile_credential_keys import CredentialPublicKey
    from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams

_REQUEST = Statement(
    ("Y", [("y", "G")]),
    ("D1", [("r1", "G")]),
    ("E1", [("r2", "G")]),
    ("J3", [("j3", "G_j3")]),
    ("D2-J1", [("r1", "Y"), ("j3", "-G_j1")]),
    ("E2-J2", [("r2", "Y"), ("j3", "-G_j2")]),
)
_Y_TERMS = [("y1", "G_y1"), ("y2", "G_y2"), ("y3", "G_y3"), ("y4", "G_y4"), ("y5", "G_y5")]
_ISSUANCE = Statement(
    ("C_W", [("w", "G_w"), ("wprime", "G_wprime")]),
    ("G_V-I", [("x0", "G_x0"), ("x1", "G_x1"), *_Y_TERMS]),
    ("S1", [("y3", "D1"), ("y4", "E1"), ("rprime", "G")]),
    (
        "S2",
        [
            *[("y3", "D2"), ("y4", "E2"), ("rprime", "Y"), ("w", "G_w"), ("x0", "U")],
            *[("x1", "tU"), ("y1", "M1"), ("y2", "M2"), ("y5", "M5")],
        ],
    ),
)


@dataclass(frozen=True, slots=True)
class BlindedProfileKey:
    """A profile key attribute encrypted to the client's key Y: (D1, D2) and (E1, E2)."""

    d1: RistrettoPoint
    d2: RistrettoPoint
    e1: RistrettoPoint
    e2: RistrettoPoint

    @classmethod
    def read(cls, reader: Reader) -> BlindedProfileKey:
        """Read 128 bytes; raises MalformedMessage."""
        return cls(*reader.points(4))

    def serialize(self) -> bytes:
        """128 bytes."""
        return points_bytes((self.d1, self.d2, self.e1, self.e2))


@dataclass(frozen=True, slots=True)
class ProfileKeyCredentialRequest:
    """The request to the server, hex-encoded in the path of a profile request."""

    public_key: RistrettoPoint
    blinded: BlindedProfileKey
    proof: bytes = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKeyCredentialRequest:
        """Read 329 bytes; raises MalformedMessage."""
        reader = Reader(data)
        (public_key,) = reader.points(1)
        request = cls(public_key, BlindedProfileKey.read(reader), reader.byte_string())
        reader.end()
        return request

    def serialize(self) -> bytes:
        """329 bytes."""
        points = self.public_key.encode() + self.blinded.serialize()
        return version_byte(RESERVED) + points + byte_string(self.proof)


@dataclass(frozen=True, slots=True)
class ProfileKeyCredentialRequestContext:
    """What the client keeps until the response comes."""

    aci: ServiceId
    profile_key: ProfileKey
    y: Scalar = field(repr=False)
    r1: Scalar = field(repr=False)
    r2: Scalar = field(repr=False)
    request: ProfileKeyCredentialRequest

    @classmethod
    def create(
        cls, aci: ServiceId, profile_key: ProfileKey, random: RandomSource = secure_random
    ) -> ProfileKeyCredentialRequestContext:
        """Begin to request the credential of an account whose profile key is known."""
        label = (
            b"Signal_ZKGroup_20200424_Random_ServerPublicParams_"
            b"CreateProfileKeyCredentialRequestContext"
        )
        sho = Sho(label, random(32))
        y, r1, r2 = sho.scalar(), sho.scalar(), sho.scalar()
        public_key = BASE_POINT * y
        attribute = profile_key_attribute(profile_key.contents, aci)
        blinded = BlindedProfileKey(
            BASE_POINT * r1,
            public_key * r1 + attribute.first,
            BASE_POINT * r2,
            public_key * r2 + attribute.second,
        )
        commitment, j3 = commit(profile_key, aci)
        proof = _REQUEST.prove(
            {"y": y, "r1": r1, "r2": r2, "j3": j3},
            _request_points(public_key, blinded, commitment),
            sho.squeeze(32),
        )
        request = ProfileKeyCredentialRequest(public_key, blinded, proof)
        return cls(aci, profile_key, y, r1, r2, request)

    def get_request(self) -> ProfileKeyCredentialRequest:
        """What to send."""
        return self.request

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKeyCredentialRequestContext:
        """Read 473 bytes; raises MalformedMessage."""
        reader = Reader(data)
        aci = ServiceId.aci(reader.take(UUID_LENGTH))
        profile_key = ProfileKey(reader.take(PROFILE_KEY_LENGTH))
        y = reader.scalar()
        (public_key,) = reader.points(1)
        r1, r2 = reader.scalars(2)
        d1, d2, e1, e2 = reader.points(4)
        request = ProfileKeyCredentialRequest(
            public_key, BlindedProfileKey(d1, d2, e1, e2), reader.byte_string()
        )
        reader.end()
        return cls(aci, profile_key, y, r1, r2, request)

    def serialize(self) -> bytes:
        """473 bytes."""
        head = version_byte(RESERVED) + self.aci.uuid_bytes + self.profile_key.contents
        keys = self.y + self.request.public_key.encode() + self.r1 + self.r2
        return head + keys + self.request.blinded.serialize() + byte_string(self.request.proof)

    def receive(
        self,
        server: ServerPublicParams,
        response: ExpiringProfileKeyCredentialResponse,
        now_ms: int,
    ) -> ExpiringProfileKeyCredential:
        """The credential; raises ZkProofFailed, or InvalidCredential for an invalid expiration."""
        key = server.profile_key_credential_key
        points = _issuance_points(
            key, self.request, response, uid_attribute(self.aci), response.expiration_s
        )
        _ISSUANCE.verify(response.proof, points)
        validate_credential_expiration(response.expiration_s, now_ms)
        v = response.s2 - response.s1 * self.y
        return ExpiringProfileKeyCredential(
            response.t, response.u, v, self.aci, self.profile_key, response.expiration_s
        )


@dataclass(frozen=True, slots=True)
class ExpiringProfileKeyCredentialResponse:
    """The server's response: a credential encrypted to the client's key."""

    t: Scalar
    u: RistrettoPoint
    s1: RistrettoPoint
    s2: RistrettoPoint
    expiration_s: int
    proof: bytes = field(repr=False)

    @classmethod
    def deserialize(cls, data: bytes) -> ExpiringProfileKeyCredentialResponse:
        """Read 497 bytes; raises MalformedMessage."""
        reader = Reader(data)
        t = reader.scalar()
        u, s1, s2 = reader.points(3)
        response = cls(t, u, s1, s2, reader.u64(), reader.byte_string())
        reader.end()
        return response

    def serialize(self) -> bytes:
        """497 bytes."""
        points = points_bytes((self.u, self.s1, self.s2))
        head = version_byte(RESERVED) + self.t + points + u64(self.expiration_s)
        return head + byte_string(self.proof)


def issue_expiring_profile_key_credential(
    server: ServerSecretParams,
    request: ProfileKeyCredentialRequest,
    aci: ServiceId,
    commitment: ProfileKeyCommitment,
    expiration_s: int,
    random: RandomSource = secure_random,
) -> ExpiringProfileKeyCredentialResponse:
    """Issue as the server; raises ZkProofFailed if the request is not for the committed key."""
    label = b"Signal_ZKGroup_20220508_Random_ServerSecretParams_IssueExpiringProfileKeyCredential"
    key = server.profile_key_credential_key
    sho = Sho(label, random(32))
    points = _request_points(request.public_key, request.blinded, commitment)
    _REQUEST.verify(request.proof, points)
    uid = uid_attribute(aci)
    t, u = sho.scalar(), sho.point()
    y1, y2, y3, y4, y5 = key.y
    coefficient = scalars.add(key.x0, scalars.multiply(key.x1, t))
    m5 = expiration_point(expiration_s)
    v = key.w_point + sum_of_products(
        [(coefficient, u), (y1, uid.first), (y2, uid.second), (y5, m5)]
    )
    r = sho.scalar()
    blinded = request.blinded
    s1 = sum_of_products([(r, BASE_POINT), (y3, blinded.d1), (y4, blinded.e1)])
    s2 = v + sum_of_products([(r, request.public_key), (y3, blinded.d2), (y4, blinded.e2)])
    response = ExpiringProfileKeyCredentialResponse(t, u, s1, s2, expiration_s, b"")
    secrets = {
        "w": key.w,
        "wprime": key.w_prime,
        "x0": key.x0,
        "x1": key.x1,
        "y1": y1,
        "y2": y2,
        "y3": y3,
        "y4": y4,
        "y5": y5,
        "rprime": r,
    }
    arguments = _issuance_points(key.public_key, request, response, uid, expiration_s)
    proof = _ISSUANCE.prove(secrets, arguments, sho.squeeze(32))
    return ExpiringProfileKeyCredentialResponse(t, u, s1, s2, expiration_s, proof)


def _request_points(
    public_key: RistrettoPoint, blinded: BlindedProfileKey, commitment: ProfileKeyCommitment
) -> dict[str, RistrettoPoint]:
    return {
        "Y": public_key,
        "D1": blinded.d1,
        "E1": blinded.e1,
        "J3": commitment.j3,
        "G_j3": g.COMMITMENT_J3,
        "D2-J1": blinded.d2 - commitment.j1,
        "-G_j1": g.COMMITMENT_MINUS_J1,
        "E2-J2": blinded.e2 - commitment.j2,
        "-G_j2": g.COMMITMENT_MINUS_J2,
    }


def _issuance_points(
    server: CredentialPublicKey,
    request: ProfileKeyCredentialRequest,
    response: ExpiringProfileKeyCredentialResponse,
    uid: Attribute,
    expiration_s: int,
) -> dict[str, RistrettoPoint]:
    return {
        "C_W": server.c_w,
        "G_w": g.CREDENTIAL_W,
        "G_wprime": g.CREDENTIAL_W_PRIME,
        "G_V-I": g.CREDENTIAL_V - server.i,
        "G_x0": g.CREDENTIAL_X0,
        "G_x1": g.CREDENTIAL_X1,
        "S1": response.s1,
        "D1": request.blinded.d1,
        "E1": request.blinded.e1,
        "S2": response.s2,
        "D2": request.blinded.d2,
        "E2": request.blinded.e2,
        "Y": request.public_key,
        "U": response.u,
        "tU": response.u * response.t,
        "M1": uid.first,
        "M2": uid.second,
        "M5": expiration_point(expiration_s),
        **Y_GENERATORS,
    }
