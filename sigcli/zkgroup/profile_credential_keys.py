"""The server's keys of zkgroup's own credential system, which profile key credentials use.

It is older than :mod:`sigcli.zkgroup.generic_credentials` and differs in its generators and in its statements. Source:
libsignal ``rust/zkgroup/src/crypto/credentials.rs``.
"""

from __future__ import annotations

from dataclasses import field

from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.crypto.scalars import Scalar
from sigcli.lazy_dataclass import dataclass
from sigcli.zkgroup import fixed_points as g
from sigcli.zkgroup.encoding import Reader
from sigcli.zkgroup.sho import Sho

_G_Y = (
    g.CREDENTIAL_Y1,
    g.CREDENTIAL_Y2,
    g.CREDENTIAL_Y3,
    g.CREDENTIAL_Y4,
    g.CREDENTIAL_Y5,
    g.CREDENTIAL_Y6,
)

Y_GENERATORS = {f"G_y{number}": point for number, point in enumerate(_G_Y[:5], 1)}
"""The generators of the five attributes of a profile key credential, by their names in statements."""


@dataclass(frozen=True, slots=True)
class CredentialPublicKey:
    """C_W and I."""

    c_w: RistrettoPoint
    i: RistrettoPoint

    @classmethod
    def read(cls, reader: Reader) -> CredentialPublicKey:
        """Read 64 bytes; raises MalformedMessage."""
        return cls(*reader.points(2))

    def serialize(self) -> bytes:
        """64 bytes."""
        return self.c_w.encode() + self.i.encode()


@dataclass(frozen=True, slots=True)
class CredentialKeyPair:
    """The issuer's and verifier's key; ``y`` has one scalar for each attribute."""

    w: Scalar = field(repr=False)
    w_prime: Scalar = field(repr=False)
    w_point: RistrettoPoint = field(repr=False)
    x0: Scalar = field(repr=False)
    x1: Scalar = field(repr=False)
    y: tuple[Scalar, ...] = field(repr=False)
    public_key: CredentialPublicKey

    @classmethod
    def generate(cls, sho: Sho, used: int, stored: int) -> CredentialKeyPair:
        """Take a key for ``used`` attributes from a hash object, with ``stored`` scalars in it."""
        w, w_prime, x0, x1 = (sho.scalar() for _ in range(4))
        y = tuple(sho.scalar() for _ in range(stored))
        w_point = g.CREDENTIAL_W * w
        i = g.CREDENTIAL_V - g.CREDENTIAL_X0 * x0 - g.CREDENTIAL_X1 * x1
        for generator, coefficient in zip(_G_Y[:used], y, strict=False):
            i = i - generator * coefficient
        public_key = CredentialPublicKey(w_point + g.CREDENTIAL_W_PRIME * w_prime, i)
        return cls(w, w_prime, w_point, x0, x1, y, public_key)

    @classmethod
    def read(cls, reader: Reader, stored: int) -> CredentialKeyPair:
        """Read a key with ``stored`` scalars y; raises MalformedMessage."""
        w, w_prime = reader.scalars(2)
        (w_point,) = reader.points(1)
        x0, x1, *y = reader.scalars(2 + stored)
        public_key = CredentialPublicKey.read(reader)
        return cls(w, w_prime, w_point, x0, x1, tuple(y), public_key)

    def serialize(self) -> bytes:
        """All scalars and elements."""
        private = [self.w, self.w_prime, self.w_point.encode(), self.x0, self.x1, *self.y]
        return b"".join(private) + self.public_key.serialize()


def key_pair_length(stored: int) -> int:
    """The size in bytes of a key with ``stored`` scalars y."""
    return 32 * (7 + stored)


def expiration_point(expiration_s: int) -> RistrettoPoint:
    """The element of a credential's expiration, its fifth attribute."""
    label = b"Signal_ZKGroup_20220524_Timestamp_Calc_m"
    return g.CREDENTIAL_M5 * Sho(label, expiration_s.to_bytes(8, "big")).scalar()
