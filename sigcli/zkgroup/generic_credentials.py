"""Generic anonymous credentials (libsignal's ``zkcredential``): keys, issuance, presentation.

A credential is a MAC over up to seven elements. Element 0 is a hash of the public attributes, the
others come in pairs from hidden attributes. The issuer proves the MAC correct; the holder shows later,
under encryption, that it has one. This is the "legacy" mode, which group credentials use: the
coefficient of element 0 does not depend on how many elements there are, and a presentation
authenticates nothing beyond its statement. Sources: Chase, Perrin, Zaverucha 2019, sections 3 and 4;
libsignal ``rust/zkcredential/src/{credentials,issuance,presentation}.rs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import lru_cache

from sigcli.crypto import scalars
from sigcli.crypto.ristretto import RistrettoPoint, sum_of_products
from sigcli.crypto.scalars import Scalar
from sigcli.errors import ZkProofFailed
from sigcli.lazy_dataclass import dataclass
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.attributes import Attribute, AttributeKeyPair, AttributeKind
from sigcli.zkgroup.encoding import Reader, byte_string, points_bytes, u64
from sigcli.zkgroup.sho import Sho
from sigcli.zkgroup.statement import Equation, Statement

MAX_POINTS = 7
PUBLIC_KEY_POINTS = 1 + MAX_POINTS - 1
_G_Y = (
    g.GENERIC_Y0,
    g.GENERIC_Y1,
    g.GENERIC_Y2,
    g.GENERIC_Y3,
    g.GENERIC_Y4,
    g.GENERIC_Y5,
    g.GENERIC_Y6,
)


@dataclass(frozen=True, slots=True)
class GenericPublicKey:
    """The issuer's public key: C_W, and one I for each number of elements from 2 to 7."""

    c_w: RistrettoPoint
    ladder: tuple[RistrettoPoint, ...]

    @classmethod
    def read(cls, reader: Reader) -> GenericPublicKey:
        """Read 224 bytes; the elements are decoded, and may raise MalformedMessage, when used."""
        encodings = reader.encodings(PUBLIC_KEY_POINTS)
        c_w, *ladder = (RistrettoPoint.undecoded(encoding) for encoding in encodings)
        return cls(c_w, tuple(ladder))

    def serialize(self) -> bytes:
        """224 bytes."""
        return points_bytes((self.c_w, *self.ladder))

    def for_count(self, count: int) -> RistrettoPoint:
        """I for credentials of ``count`` elements."""
        return self.ladder[count - 2]


@dataclass(frozen=True, slots=True)
class GenericKeyPair:
    """The issuer's and verifier's key."""

    w: Scalar = field(repr=False)
    w_prime: Scalar = field(repr=False)
    w_point: RistrettoPoint = field(repr=False)
    x0: Scalar = field(repr=False)
    x1: Scalar = field(repr=False)
    y: tuple[Scalar, ...] = field(repr=False)
    public_key: GenericPublicKey

    @classmethod
    def generate(cls, random32: bytes) -> GenericKeyPair:
        """Derive a key from 32 random bytes."""
        sho = Sho(b"Signal_ZKCredential_CredentialPrivateKey_generate_20230410", random32)
        w, w_prime, x0, x1 = (sho.scalar() for _ in range(4))
        y = tuple(sho.scalar() for _ in range(MAX_POINTS))
        return cls._build(w, w_prime, g.GENERIC_W * w, x0, x1, y)

    @classmethod
    def read(cls, reader: Reader) -> GenericKeyPair:
        """Read 384 bytes; raises MalformedMessage."""
        w, w_prime = reader.scalars(2)
        (w_point,) = reader.points(1)
        x0, x1, *y = reader.scalars(2 + MAX_POINTS)
        return cls._build(w, w_prime, w_point, x0, x1, tuple(y))

    @classmethod
    def _build(
        cls,
        w: Scalar,
        w_prime: Scalar,
        w_point: RistrettoPoint,
        x0: Scalar,
        x1: Scalar,
        y: tuple[Scalar, ...],
    ) -> GenericKeyPair:
        commitment = w_point + g.GENERIC_W_PRIME * w_prime
        i = g.GENERIC_V - g.GENERIC_X0 * x0 - g.GENERIC_X1 * x1
        ladder = []
        for generator, coefficient in zip(_G_Y, y, strict=True):
            i = i - generator * coefficient
            ladder.append(i)
        public_key = GenericPublicKey(commitment, tuple(ladder[1:]))
        return cls(w, w_prime, w_point, x0, x1, y, public_key)

    def serialize(self) -> bytes:
        """384 bytes; the public key follows from them."""
        parts = [self.w, self.w_prime, self.w_point.encode(), self.x0, self.x1, *self.y]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class GenericCredential:
    """The MAC (t, U, V)."""

    t: Scalar = field(repr=False)
    u: RistrettoPoint = field(repr=False)
    v: RistrettoPoint = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> GenericCredential:
        """Read 96 bytes; raises MalformedMessage."""
        return cls(reader.scalar(), *reader.points(2))

    def serialize(self) -> bytes:
        """96 bytes."""
        return self.t + self.u.encode() + self.v.encode()


@dataclass(frozen=True, slots=True)
class IssuanceProof:
    """A credential and the issuer's proof."""

    credential: GenericCredential
    proof: bytes = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> IssuanceProof:
        """Read the fields; raises MalformedMessage."""
        return cls(GenericCredential.read(reader), reader.byte_string())

    def serialize(self) -> bytes:
        """The credential and the proof."""
        return self.credential.serialize() + byte_string(self.proof)


def public_attribute_point(label: bytes, numbers: Sequence[int]) -> RistrettoPoint:
    """Element 0: the credential's label and its public numbers, hashed."""
    sho = Sho(label)
    for number in numbers:
        sho.absorb_and_ratchet(number.to_bytes(8, "big"))
    return sho.point()


def issue(
    key_pair: GenericKeyPair, points: Sequence[RistrettoPoint], random32: bytes
) -> IssuanceProof:
    """Issue a credential over all its elements."""
    sho = Sho(b"Signal_ZKCredential_Issuance_20230410", random32)
    t, u = sho.scalar(), sho.point()
    coefficient = scalars.add(key_pair.x0, scalars.multiply(key_pair.x1, t))
    terms = zip(key_pair.y, points, strict=False)
    v = key_pair.w_point + u * coefficient + sum_of_products(terms)
    credential = GenericCredential(t, u, v)
    secrets = {
        "w": key_pair.w,
        "wprime": key_pair.w_prime,
        "x0": key_pair.x0,
        "x1": key_pair.x1,
        **{f"y{i}": key_pair.y[i] for i in range(len(points))},
    }
    proof = _issuance_statement(len(points)).prove(
        secrets, _issuance_points(key_pair.public_key, credential, points), sho.squeeze(32)
    )
    return IssuanceProof(credential, proof)


def receive(
    public_key: GenericPublicKey, points: Sequence[RistrettoPoint], issued: IssuanceProof
) -> GenericCredential:
    """The credential, if it is for these elements; raises ZkProofFailed."""
    _issuance_statement(len(points)).verify(
        issued.proof, _issuance_points(public_key, issued.credential, points)
    )
    return issued.credential


@dataclass(frozen=True, slots=True)
class PresentationProof:
    """A credential shown with its elements blinded."""

    c_x0: RistrettoPoint
    c_x1: RistrettoPoint
    c_v: RistrettoPoint
    c_y: tuple[RistrettoPoint, ...]
    proof: bytes = field(repr=False)

    @classmethod
    def read(cls, reader: Reader, count: int) -> PresentationProof:
        """Read a proof over ``count`` elements; raises MalformedMessage."""
        c_x0, c_x1, c_v = reader.points(3)
        if reader.u64() != count:
            raise ZkProofFailed("the presentation is for another number of attributes")
        return cls(c_x0, c_x1, c_v, tuple(reader.points(count)), reader.byte_string())

    def serialize(self) -> bytes:
        """The fields."""
        fixed = points_bytes((self.c_x0, self.c_x1, self.c_v)) + u64(len(self.c_y))
        return fixed + points_bytes(self.c_y) + byte_string(self.proof)


def present(
    public_key: GenericPublicKey,
    credential: GenericCredential,
    attributes: Sequence[Attribute],
    key_pair: AttributeKeyPair,
    random32: bytes,
) -> tuple[PresentationProof, list[Attribute]]:
    """Present a credential over attributes that are all encrypted with one key, with their ciphertexts."""
    sho = Sho(b"Signal_ZKCredential_Presentation_20230410", random32)
    z = sho.scalar()
    points = [point for attribute in attributes for point in (attribute.first, attribute.second)]
    c_y = [_G_Y[0] * z] + [
        generator * z + point for generator, point in zip(_G_Y[1:], points, strict=False)
    ]
    i = public_key.for_count(len(c_y))
    shown = PresentationProof(
        g.GENERIC_X0 * z + credential.u,
        g.GENERIC_X1 * z + credential.u * credential.t,
        g.GENERIC_V * z + credential.v,
        tuple(c_y),
        b"",
    )
    minus_z = scalars.negate(z)
    kind = key_pair.kind.name
    secrets = {
        "z": z,
        "t": credential.t,
        "z0": scalars.multiply(minus_z, credential.t),
        f"a1_{kind}": key_pair.a1,
        f"a2_{kind}": key_pair.a2,
        f"z1_{kind}": scalars.multiply(minus_z, key_pair.a1),
    }
    ciphertexts = [key_pair.encrypt(attribute) for attribute in attributes]
    arguments = _presentation_points(
        shown, i, i * z, key_pair.kind, key_pair.public_key, ciphertexts
    )
    statement = _presentation_statement(key_pair.kind.name, len(attributes))
    proof = statement.prove(secrets, arguments, sho.squeeze(32))
    return PresentationProof(shown.c_x0, shown.c_x1, shown.c_v, shown.c_y, proof), ciphertexts


def verify_presentation(
    server: GenericKeyPair,
    shown: PresentationProof,
    public_point: RistrettoPoint,
    ciphertexts: Sequence[Attribute],
    kind: AttributeKind,
    public_key: RistrettoPoint,
) -> None:
    """Verify a presentation as the server; raises ZkProofFailed."""
    if len(shown.c_y) != 1 + 2 * len(ciphertexts):
        raise ZkProofFailed
    first = shown.c_y[0] + public_point
    z_point = (
        shown.c_v
        - server.w_point
        - sum_of_products(
            [
                (server.x0, shown.c_x0),
                (server.x1, shown.c_x1),
                *zip(server.y, (first, *shown.c_y[1:]), strict=False),
            ]
        )
    )
    i = server.public_key.for_count(len(shown.c_y))
    arguments = _presentation_points(shown, i, z_point, kind, public_key, ciphertexts)
    _presentation_statement(kind.name, len(ciphertexts)).verify(shown.proof, arguments)


@lru_cache(maxsize=MAX_POINTS)
def _issuance_statement(count: int) -> Statement:
    numbers = range(count)
    sum_of_y: list[tuple[str, str]] = [(f"y{i}", f"G_y{i}") for i in numbers]
    sum_of_m: list[tuple[str, str]] = [(f"y{i}", f"M{i}") for i in numbers]
    return Statement(
        ("C_W", [("w", "G_w"), ("wprime", "G_wprime")]),
        ("G_V-I", [("x0", "G_x0"), ("x1", "G_x1"), *sum_of_y]),
        ("V", [("w", "G_w"), ("x0", "U"), ("x1", "tU"), *sum_of_m]),
    )


def _issuance_points(
    key: GenericPublicKey, credential: GenericCredential, points: Sequence[RistrettoPoint]
) -> dict[str, RistrettoPoint]:
    return {
        "C_W": key.c_w,
        "G_w": g.GENERIC_W,
        "G_wprime": g.GENERIC_W_PRIME,
        "G_V-I": g.GENERIC_V - key.for_count(len(points)),
        "G_x0": g.GENERIC_X0,
        "G_x1": g.GENERIC_X1,
        "V": credential.v,
        "U": credential.u,
        "tU": credential.u * credential.t,
        **{f"G_y{i}": _G_Y[i] for i in range(len(points))},
        **{f"M{i}": point for i, point in enumerate(points)},
    }


@lru_cache(maxsize=MAX_POINTS)
def _presentation_statement(kind: str, count: int) -> Statement:
    """The statement for ``count`` attributes, all encrypted with one key of this kind."""
    equations: list[Equation] = [
        ("Z", [("z", "I")]),
        ("C_x1", [("t", "C_x0"), ("z0", "G_x0"), ("z", "G_x1")]),
        ("0", [(f"z1_{kind}", "I"), (f"a1_{kind}", "Z")]),
        ("sum(A)", [(f"a1_{kind}", f"G_a1_{kind}"), (f"a2_{kind}", f"G_a2_{kind}")]),
    ]
    for first in range(1, 2 * count, 2):
        second = first + 1
        own = [(f"a1_{kind}", f"C_y{first}"), (f"z1_{kind}", f"G_y{first}")]
        equations.append((f"E_A{first}", own))
        own = [("z", f"G_y{second}"), (f"a2_{kind}", f"-E_A{first}")]
        equations.append((f"C_y{second}-E_A{second}", own))
    equations.append(("C_y0", [("z", "G_y0")]))
    return Statement(*equations)


def _presentation_points(
    shown: PresentationProof,
    i: RistrettoPoint,
    z_point: RistrettoPoint,
    kind: AttributeKind,
    public_key: RistrettoPoint,
    ciphertexts: Sequence[Attribute],
) -> dict[str, RistrettoPoint]:
    points = {
        "Z": z_point,
        "I": i,
        "C_x0": shown.c_x0,
        "C_x1": shown.c_x1,
        "G_x0": g.GENERIC_X0,
        "G_x1": g.GENERIC_X1,
        "0": RistrettoPoint.identity(),
        f"G_a1_{kind.name}": kind.generator1,
        f"G_a2_{kind.name}": kind.generator2,
        "sum(A)": public_key,
        "C_y0": shown.c_y[0],
        **{f"G_y{n}": _G_Y[n] for n in range(len(shown.c_y))},
    }
    for index, ciphertext in enumerate(ciphertexts):
        first, second = 2 * index + 1, 2 * index + 2
        points[f"C_y{first}"] = shown.c_y[first]
        points[f"E_A{first}"] = ciphertext.first
        points[f"-E_A{first}"] = -ciphertext.first
        points[f"C_y{second}-E_A{second}"] = shown.c_y[second] - ciphertext.second
    return points
