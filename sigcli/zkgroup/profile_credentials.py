"""Profile key credentials: the server vouches for the profile key of an account, without seeing it.

Whoever knows a profile key asks for a credential (context and request), receives it (response) and
shows it to a group server (presentation) to add the account to a group. The request encrypts the
profile key to the asker; the server proves that its answer is over the key that the account's
owner committed to. Sources: libsignal ``rust/zkgroup/src/api/profiles`` and
``rust/zkgroup/src/crypto/{proofs,credentials,profile_key_credential_request}.rs``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sigcli.crypto import scalars
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import BASE_POINT, RistrettoPoint, sum_of_products
from sigcli.crypto.scalars import Scalar
from sigcli.errors import InvalidCredential
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
from sigcli.zkgroup.profile_credential_keys import CredentialPublicKey
from sigcli.zkgroup.profile_key import ProfileKey, ProfileKeyCommitment, commit
from sigcli.zkgroup.server_params import ServerPublicParams, ServerSecretParams
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Statement
from sigcli.zkgroup.times import validate_credential_expiration

_PRESENTATION_VERSION = 3

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
_G_Y_POINTS = {
    "G_y1": g.CREDENTIAL_Y1,
    "G_y2": g.CREDENTIAL_Y2,
    "G_y3": g.CREDENTIAL_Y3,
    "G_y4": g.CREDENTIAL_Y4,
    "G_y5": g.CREDENTIAL_Y5,
}


@dataclass(frozen=True, slots=True)
class BlindedProfileKey:
    """A profile key attribute encrypted to the asker's key Y: (D1, D2) and (E1, E2)."""

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
    """What the server gets, hex-encoded in the path of a profile request."""

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
    """What the asker keeps until the response comes."""

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
        """Begin to ask for the credential of an account whose profile key is known."""
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
        """The credential; raises ZkProofFailed, or InvalidCredential for an odd expiration."""
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
    """What the server issues: a credential encrypted to the asker's key."""

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
        """Show the credential to a group's server."""
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
    """What an action that adds a member carries."""

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
        """Read a presentation of today's version; raises MalformedMessage."""
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
        """Check as the group server; raises ZkProofFailed, or InvalidCredential once expired."""
        c_y5 = self.c_y[4] + g.CREDENTIAL_M5 * _expiration_scalar(self.expiration_s)
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
            **_G_Y_POINTS,
        }


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
    m5 = g.CREDENTIAL_M5 * _expiration_scalar(expiration_s)
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


def _expiration_scalar(expiration_s: int) -> Scalar:
    label = b"Signal_ZKGroup_20220524_Timestamp_Calc_m"
    return Sho(label, expiration_s.to_bytes(8, "big")).scalar()


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
        "M5": g.CREDENTIAL_M5 * _expiration_scalar(expiration_s),
        **_G_Y_POINTS,
    }
