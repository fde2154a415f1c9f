"""The ristretto255 group (RFC 9496) on the edwards25519 operations of libsodium.

PyNaCl has no ristretto functions, but its Edwards ones take and give points of the prime-order
subgroup. A :class:`RistrettoPoint` P is therefore held as one or both of

* ``half``:  the Edwards encoding of P/2 without torsion. The encoding of a doubled point needs no
  square root, so this form makes encoding cheap; results of multiplications come in it.
* ``eight``: the Edwards encoding of 8P, which any representative of P gives by three doublings;
  decoded and hashed elements come in it, and a multiplication folds the factor 1/16 into its scalar.

Decoding takes no square root in Python either: the Edwards y of an encoded s is
(1 - s^2)/(1 + s^2), and libsodium finds its x. Sources: RFC 9496 for the encoding; the Decaf paper
(Hamburg 2015) for the square root of a doubled point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from sigcli.crypto import edwards, scalars
from sigcli.crypto.edwards import IDENTITY, Affine, D, Projective
from sigcli.crypto.field import PRIME, SQRT_MINUS_ONE, Number, invert_all, modulus_for, number_for
from sigcli.crypto.scalars import Scalar
from sigcli.errors import MalformedMessage

POINT_LENGTH = 32
IDENTITY_ENCODING = bytes(POINT_LENGTH)
# The square root of 1/(-1 - d) that is non-negative, and its inverse.
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
SQRT_A_MINUS_D = pow(INVSQRT_A_MINUS_D, -1, PRIME)

# The y of x = 0, which no element has.
_NO_SQUARE = 1
_ONE_HALF = scalars.invert(scalars.from_int(2))
_ONE_SIXTEENTH = scalars.invert(scalars.from_int(16))


class RistrettoPoint:
    """An element of the group; a value: equal elements compare equal and hash alike.

    Built by its class methods, the functions of this module and :mod:`sigcli.crypto.elligator`. Forms not
    yet known are computed when asked for; that raises MalformedMessage for an element built by
    :meth:`undecoded` of wrong bytes, and nothing otherwise.
    """

    __slots__ = ("_coset", "_eight", "_encoding", "_half")

    def __init__(
        self,
        *,
        half: bytes | None = None,
        eight: bytes | None = None,
        coset: Projective | None = None,
        encoding: bytes | None = None,
    ) -> None:
        self._half = half
        self._eight = eight
        self._coset = coset
        self._encoding = encoding

    @classmethod
    def decode(cls, data: bytes) -> RistrettoPoint:
        """Read a 32-byte encoding; raises MalformedMessage unless it is canonical."""
        return decode_all([data])[0]

    @classmethod
    def undecoded(cls, data: bytes) -> RistrettoPoint:
        """Keep a 32-byte encoding and decode it when it is used, which may then raise."""
        return cls(encoding=bytes(data))

    @classmethod
    def from_half(cls, half: bytes, encoding: bytes) -> RistrettoPoint:
        """Build a constant from both its forms, which must belong together (nothing is checked)."""
        return cls(half=half, encoding=encoding)

    @classmethod
    def identity(cls) -> RistrettoPoint:
        """The neutral element."""
        return cls(half=IDENTITY, eight=IDENTITY, encoding=IDENTITY_ENCODING)

    @classmethod
    def base(cls, scalar: Scalar) -> RistrettoPoint:
        """The base point times a scalar."""
        if scalar == scalars.ZERO:
            return cls.identity()
        halved = scalars.multiply(scalar, _ONE_HALF)
        return cls(half=crypto_scalarmult_ed25519_base_noclamp(halved))

    @property
    def half(self) -> bytes:
        """The Edwards encoding of P/2 in the prime-order subgroup."""
        if self._half is None:
            self._half = _multiply_native(_ONE_SIXTEENTH, self.eight)
        return self._half

    @property
    def eight(self) -> bytes:
        """The Edwards encoding of 8P."""
        if self._eight is None:
            if self._half is None:
                self._eight = edwards.times_eight([self.coset()])[0]
            else:
                point = self._half
                for _ in range(4):
                    point = _add_native(point, point)
                self._eight = point
        return self._eight

    def encode(self) -> bytes:
        """The 32-byte encoding."""
        if self._encoding is None:
            self._encoding = encode_doubles(edwards.from_native([self.half]))[0]
        return self._encoding

    def coset(self) -> Projective:
        """Some Edwards representative of the element."""
        if self._coset is None and self._eight is None and self._half is None:
            assert self._encoding is not None  # an element is built from at least one form
            self._coset = (*decode_affine([self._encoding])[0], 1)
        elif self._coset is None:
            x, y, z = edwards.from_native([self.half])[0]
            x, y, z, _ = edwards.double_extended((x, y, z, 0))
            self._coset = (x, y, z)
        return self._coset

    @property
    def decoded(self) -> Affine | None:
        """The Edwards representative of the encoding; None if it is not known."""
        if self._coset is None or self._encoding is None:
            return None
        x, y, z = self._coset
        square = int.from_bytes(self._encoding, "little") ** 2
        return (x, y) if z == 1 and (y * (1 + square) - 1 + square) % PRIME == 0 else None

    def is_identity(self) -> bool:
        """Whether this is the neutral element."""
        return self._any_native() == IDENTITY

    def __add__(self, other: RistrettoPoint) -> RistrettoPoint:
        if self._half is None and other._half is None:
            return RistrettoPoint(eight=_add_native(self.eight, other.eight))
        return RistrettoPoint(half=_add_native(self.half, other.half))

    def __sub__(self, other: RistrettoPoint) -> RistrettoPoint:
        if self._half is None and other._half is None:
            return RistrettoPoint(eight=_subtract_native(self.eight, other.eight))
        return RistrettoPoint(half=_subtract_native(self.half, other.half))

    def __neg__(self) -> RistrettoPoint:
        if self._half is None:
            return RistrettoPoint(eight=_subtract_native(IDENTITY, self.eight))
        return RistrettoPoint(half=_subtract_native(IDENTITY, self._half))

    def __mul__(self, scalar: Scalar) -> RistrettoPoint:
        if self is BASE_POINT:
            return RistrettoPoint.base(scalar)
        if self._half is None:
            scalar = scalars.multiply(scalar, _ONE_SIXTEENTH)
            return RistrettoPoint(half=_multiply_native(scalar, self.eight))
        return RistrettoPoint(half=_multiply_native(scalar, self._half))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RistrettoPoint):
            return NotImplemented
        if self._half is not None and other._half is not None:
            return self._half == other._half
        if self._eight is not None and other._eight is not None:
            return self._eight == other._eight
        return self.encode() == other.encode()

    def __hash__(self) -> int:
        return hash(self.encode())

    def __repr__(self) -> str:
        return "RistrettoPoint(…)"

    def _any_native(self) -> bytes:
        return self.eight if self._half is None else self._half


def decode_all(encodings: Sequence[bytes]) -> list[RistrettoPoint]:
    """Read many encodings at once, cheaper than one by one; raises MalformedMessage."""
    return [
        RistrettoPoint(coset=(x, y, 1), encoding=bytes(encoding))
        for (x, y), encoding in zip(decode_affine(encodings), encodings, strict=True)
    ]


def decode_affine(encodings: Sequence[bytes]) -> list[Affine]:
    """An affine Edwards representative of each encoded element; raises MalformedMessage."""
    points = []
    for point in decode_each(encodings):
        if point is None:
            raise MalformedMessage("the bytes are not a group element")
        points.append(point)
    return points


def decode_each(encodings: Sequence[bytes]) -> list[Affine | None]:
    """An affine Edwards representative of each encoded element, None for bytes that are not a canonical encoding."""
    number = number_for(len(encodings))
    squares = [_square_of_encoded(encoding, number) for encoding in encodings]
    inverses = invert_all([1 + square for square in squares])
    fractions = []
    for square, inverse in zip(squares, inverses, strict=True):
        y = (1 - square) * inverse % PRIME
        # y = 0 belongs to no element.
        fraction = edwards.x_as_fraction(y) if y else None
        fractions.append((1, 1, 0) if fraction is None else (*fraction, y))
    inverses = invert_all([bottom for _, bottom, _ in fractions])
    points: list[Affine | None] = []
    for (top, _, y), inverse in zip(fractions, inverses, strict=True):
        x = top * inverse % PRIME
        points.append(None if not y or x * y % PRIME & 1 else (x, y))
    return points


def _square_of_encoded(encoding: bytes, number: Number) -> int:
    s = number(int.from_bytes(encoding, "little"))
    if len(encoding) != POINT_LENGTH or s >= PRIME or s & 1:
        return number(_NO_SQUARE)
    square = s * s % PRIME
    return _NO_SQUARE if square == PRIME - 1 else square


def multiply_all(points: Sequence[RistrettoPoint], scalar: Scalar) -> list[RistrettoPoint]:
    """Scalar times each element; MalformedMessage if one was undecoded and is damaged."""
    _decode_undecoded(points)
    return [RistrettoPoint(half=half) for half in multiply_in_half_form(points, scalar)]


def multiply_in_half_form(points: Sequence[RistrettoPoint], scalar: Scalar) -> list[bytes]:
    """The form ``half`` of scalar times each element."""
    return multiply_in_eight_form(points, scalars.multiply(scalar, _ONE_SIXTEENTH))


def multiply_in_eight_form(points: Sequence[RistrettoPoint], scalar: Scalar) -> list[bytes]:
    """The form ``eight`` of scalar times each element; equal for equal elements."""
    return [_multiply_native(scalar, eight) for eight in eights(points)]


def eights(points: Sequence[RistrettoPoint]) -> list[bytes]:
    """The form ``eight`` of many elements at once."""
    unknown = [p for p in points if p._eight is None and p._half is None]
    for point, eight in zip(
        unknown, edwards.times_eight([point.coset() for point in unknown]), strict=True
    ):
        point._eight = eight
    return [point.eight for point in points]


def encode_all(points: Iterable[RistrettoPoint]) -> list[bytes]:
    """The encodings of many elements at once."""
    points = list(points)
    unknown = [point for point in points if point._encoding is None]
    if unknown:
        encoded = encode_doubles(edwards.from_native([point.half for point in unknown]))
        for point, encoding in zip(unknown, encoded, strict=True):
            point._encoding = encoding
    return [point.encode() for point in points]


def encode_doubles(points: Sequence[Projective]) -> list[bytes]:
    """The encoding of twice each point (any representative), without a square root.

    With x, y the point's coordinates, f = y^2 - x^2, g = y^2 + x^2 and h = 2 - f its double is
    (2xy/f, g/h), and of the four representatives of the double the values (1 - Y)/(1 + Y), whose root
    an encoding is, are the squares of x(1 + dy^2)/(y sqrt(-1 - d)), of (y - ix)/(y + ix) and of
    their inverses.
    """
    if not points:
        return []
    prime = modulus_for(points[0][0])
    rows = []
    products = []
    for x, y, z in points:
        xx = x * x % prime
        yy = y * y % prime
        zz = z * z % prime
        e, f, g = 2 * x * y % prime, yy - xx, yy + xx
        h = 2 * zz - f
        a = x * (zz + D * yy) % prime
        b = y * zz % prime
        fh = f * h % prime
        ab = a * b % prime
        product = fh * ab % prime * g % prime
        rows.append((x, y, e, f, g, h, a, b, fh, ab, product))
        products.append(product or 1)
    result = []
    for row, inverse in zip(rows, invert_all(products), strict=True):
        x, y, e, f, g, h, a, b, fh, ab, product = row
        if not product:  # the double is the identity's class
            result.append(IDENTITY_ENCODING)
            continue
        inverse_fh = inverse * ab % prime * g % prime
        if e * g % prime * inverse_fh % prime & 1:
            # The representative (iY, iX) has the non-negative product of coordinates.
            rotated_x = SQRT_MINUS_ONE * g % prime * f % prime * inverse_fh % prime
            ix = SQRT_MINUS_ONE * x
            root = (y + ix if rotated_x & 1 else y - ix) % prime
            s = root * root % prime * (inverse * fh % prime * ab % prime) % prime
        else:
            inverse_ab = inverse * fh % prime * g % prime
            if e * h % prime * inverse_fh % prime & 1:
                s = b * b % prime * inverse_ab % prime * SQRT_A_MINUS_D % prime
            else:
                s = a * a % prime * inverse_ab % prime * INVSQRT_A_MINUS_D % prime
        result.append((prime - s if s & 1 else s).to_bytes(POINT_LENGTH, "little"))
    return result


def sum_of(points: Sequence[RistrettoPoint]) -> RistrettoPoint:
    """The sum of many elements; MalformedMessage if one was undecoded and is damaged."""
    _decode_undecoded(points)
    total = edwards.sum_projective([point.coset() for point in points])
    return RistrettoPoint(coset=total[:3])


def _decode_undecoded(points: Sequence[RistrettoPoint]) -> None:
    undecoded = [p for p in points if p._coset is None and p._eight is None and p._half is None]
    decoded = decode_affine([point.encode() for point in undecoded])
    for point, (x, y) in zip(undecoded, decoded, strict=True):
        point._coset = (x, y, 1)


def sum_of_products(terms: Iterable[tuple[Scalar, RistrettoPoint]]) -> RistrettoPoint:
    """The sum of scalar times element over all terms."""
    total: RistrettoPoint | None = None
    for scalar, point in terms:
        product = point * scalar
        total = product if total is None else total + product
    return RistrettoPoint.identity() if total is None else total


def _multiply_native(scalar: bytes, point: bytes) -> bytes:
    # libsodium refuses results that are the identity.
    if point == IDENTITY or scalar == scalars.ZERO:
        return IDENTITY
    return crypto_scalarmult_ed25519_noclamp(scalar, point)


def _add_native(a: bytes, b: bytes) -> bytes:
    return crypto_core_ed25519_add(a, b)


def _subtract_native(a: bytes, b: bytes) -> bytes:
    return crypto_core_ed25519_sub(a, b)


BASE_POINT = RistrettoPoint.base(scalars.from_int(1))
