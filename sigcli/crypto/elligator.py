"""Hashing to ristretto255 and back: the Elligator map, its inverse, and Lizard.

The map is that of RFC 9496 section 4.3.4 for one field element. Its square root is not taken here:
the Edwards y of the result is a fraction in the input, with one candidate for each outcome of the
root, and libsodium tells which of the two is on the curve. Only the sign of x then needs the root
s itself, which is a fraction in x.

Lizard hides 16 bytes in an element so that they can be read again: libsignal uses it (through
``lizard_encode`` of curve25519-dalek, with SHA-256) for the UUIDs in a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from sigcli.crypto import edwards
from sigcli.crypto.edwards import PRIME, SQRT_MINUS_ONE, Affine, D
from sigcli.crypto.ristretto import INVSQRT_A_MINUS_D, SQRT_A_MINUS_D, RistrettoPoint

MAP_INPUT_LENGTH = 32
UNIFORM_LENGTH = 64
LIZARD_LENGTH = 16

_LOW_255_BITS = 2**255 - 1
_ONE_MINUS_D_SQUARED = (1 - D * D) % PRIME
_D_MINUS_ONE_SQUARED = (D - 1) ** 2 % PRIME
# a d - 1 = a - d, but RFC 9496 takes the other root here.
_HALF_SQRT_AD_MINUS_ONE = -SQRT_A_MINUS_D * pow(2, -1, PRIME) % PRIME
_INVSQRT_AD_MINUS_ONE = PRIME - INVSQRT_A_MINUS_D
_ROOT_EXPONENT = (PRIME + 3) // 8
_ONE_PLUS_D = 1 + D
_ONE_MINUS_D = 1 - D
_LIZARD_DATA = slice(8, 24)


def map_all(inputs: Sequence[bytes]) -> list[Affine]:
    """The Elligator map of each 32-byte input (top bit ignored), as affine representatives."""
    rows = []
    for data in inputs:
        r0 = int.from_bytes(data, "little") & _LOW_255_BITS
        r = SQRT_MINUS_ONE * r0 * r0 % PRIME
        u = (r + 1) * _ONE_MINUS_D_SQUARED % PRIME
        v = (-1 - r * D) * (r + D) % PRIME
        ru = r * u % PRIME
        rows.append((r, v, v - u, v + u, v - ru, v + ru))
    # s^2 is u/v if that is a square, else r u/v; y = (1 - s^2)/(1 + s^2). Neither v + u nor v + ru has a
    # root in r. Where v is 0, (0, -1) comes out, which stands for the identity as it should.
    denominators = [row[3] * row[5] % PRIME for row in rows]
    fractions = []
    for row, inverse in zip(rows, edwards.invert_all(denominators), strict=True):
        r, v, square_top, square_bottom, other_top, other_bottom = row
        y = square_top * other_bottom % PRIME * inverse % PRIME
        y_plus_base = edwards.add_base(y)
        is_square = y_plus_base is not None
        if y_plus_base is None:
            y = other_top * square_bottom % PRIME * inverse % PRIME
            y_plus_base = edwards.add_base(y)
            assert y_plus_base is not None  # one of the two candidates is a square
        top, bottom = edwards.x_as_fraction(y, y_plus_base)
        c = -1 if is_square else r
        n = (c * (r - 1) * _D_MINUS_ONE_SQUARED - v) % PRIME
        fractions.append((top, bottom, y, n, v, is_square))
    result = []
    inverses = edwards.invert_all([(f[1] * f[4] % PRIME) or 1 for f in fractions])
    for (top, bottom, y, n, v, is_square), inverse in zip(fractions, inverses, strict=True):
        x = top * (inverse * v % PRIME) % PRIME
        # x = 2 s v / (n sqrt(ad - 1)); s is non-negative in the first case, else non-positive.
        s = x * n % PRIME * _HALF_SQRT_AD_MINUS_ONE % PRIME * (inverse * bottom % PRIME) % PRIME
        if bool(s & 1) == is_square:
            x = PRIME - x if x else 0
        result.append((x, y))
    return result


def map_to_point(data: bytes) -> RistrettoPoint:
    """The element of one 32-byte input."""
    x, y = map_all([data])[0]
    return RistrettoPoint(coset=(x, y, 1))


def from_uniform_all(inputs: Sequence[bytes]) -> list[RistrettoPoint]:
    """The element of each 64 uniform bytes: the sum of the maps of both halves."""
    halves = [data[start : start + 32] for data in inputs for start in (0, 32)]
    mapped = iter(map_all(halves)) if halves else iter(())
    return [
        RistrettoPoint(coset=edwards.add_affine(a, b)) for a, b in zip(mapped, mapped, strict=True)
    ]


def from_uniform(data: bytes) -> RistrettoPoint:
    """The element of 64 uniform bytes."""
    return from_uniform_all([data])[0]


def jacobi_squares(point: RistrettoPoint) -> tuple[int, ...] | None:
    """The four values of s^2 that belong to the element; None for the identity.

    An input of the map leads to this element or its negative exactly if its s^2 is among them, which
    :func:`maps_onto` tests without computing the map.
    """
    roots = _jacobi_roots(point)
    return None if roots is None else tuple(s * s % PRIME for s, _ in roots)


def maps_onto(data: bytes, squares: tuple[int, ...]) -> bool:
    """Whether the input's element is, up to its sign, the one that ``squares`` were taken from."""
    r0 = int.from_bytes(data, "little") & _LOW_255_BITS
    r = SQRT_MINUS_ONE * r0 * r0 % PRIME
    u = (r + 1) * _ONE_MINUS_D_SQUARED % PRIME
    v = (-1 - r * D) * (r + D) % PRIME
    ru = r * u % PRIME
    return any(
        (square * v - u) % PRIME == 0 or (square * v - ru) % PRIME == 0 for square in squares
    )


def preimages(point: RistrettoPoint) -> Iterator[bytes]:
    """The 32-byte inputs, canonical and even, that the map takes to the element: at most 8.

    They come one by one because each costs a modular power; none is given for the identity.
    """
    roots = _jacobi_roots(point)
    if roots is None:
        return
    tops = []
    bottoms = []
    # For a point of the Jacobi quartic (s, t) with its x on the Edwards curve,
    # k = (t + 1)(1 + d)/(s^2 (1 - d)) with t = 2s/(x sqrt(-d - 1)); (-s, -t) lies above x as well.
    inverses = edwards.invert_all([x * s % PRIME * s % PRIME for s, x in roots])
    for (s, x), inverse in zip(roots, inverses, strict=True):
        inverse_square = inverse * x % PRIME
        t = 2 * s * (inverse * s % PRIME * s % PRIME) % PRIME * _INVSQRT_AD_MINUS_ONE % PRIME
        for sign in (1, -1):
            root = sign * s % PRIME
            top = (sign * t + 1) * _ONE_PLUS_D % PRIME * inverse_square % PRIME
            plus, minus = top + _ONE_MINUS_D, _ONE_MINUS_D - top
            tops.append(plus if root & 1 else minus)
            bottoms.append((minus if root & 1 else plus) % PRIME)
    inverses = edwards.invert_all([bottom or 1 for bottom in bottoms])
    for top, bottom, inverse in zip(tops, bottoms, inverses, strict=True):
        if not bottom:
            continue
        root_or_none = _square_root(-SQRT_MINUS_ONE * top % PRIME * inverse % PRIME)
        if root_or_none is not None:
            yield root_or_none.to_bytes(MAP_INPUT_LENGTH, "little")


def lizard_encode(data: bytes) -> RistrettoPoint:
    """The element that hides 16 bytes."""
    return map_to_point(_lizard_input(data))


def lizard_decode(point: RistrettoPoint) -> bytes | None:
    """The 16 bytes that the element hides, None if it hides none.

    The first fitting preimage is taken; a second one would be a 112-bit coincidence.
    """
    for candidate in preimages(point):
        if _lizard_input(candidate[_LIZARD_DATA]) == candidate:
            return candidate[_LIZARD_DATA]
    return None


def _lizard_input(data: bytes) -> bytes:
    padded = bytearray(sha256(data).digest())
    padded[_LIZARD_DATA] = data
    padded[0] &= 0xFE
    padded[31] &= 0x3F
    return bytes(padded)


def _jacobi_roots(point: RistrettoPoint) -> list[tuple[int, int]] | None:
    """For each Edwards representative, s with s^2 = (1 - y)/(1 + y), and its x; None for the identity.

    The roots are those of :func:`sigcli.crypto.ristretto.encode_doubles`.
    """
    if point.is_identity():
        return None
    x, y, z = edwards.from_native([point.half])[0]
    xx = x * x % PRIME
    yy = y * y % PRIME
    zz = z * z % PRIME
    f, g = yy - xx, yy + xx
    h = 2 * zz - f
    a = x * (zz + D * yy) % PRIME
    b = y * zz % PRIME
    fh = f * h % PRIME
    ab = a * b % PRIME
    inverse = pow(fh * ab % PRIME * g, -1, PRIME)
    inverse_fh = inverse * ab % PRIME * g % PRIME
    inverse_ab = inverse * fh % PRIME * g % PRIME
    inverse_g = inverse * fh % PRIME * ab % PRIME
    double_x = 2 * x * y % PRIME * h % PRIME * inverse_fh % PRIME
    rotated_x = SQRT_MINUS_ONE * g % PRIME * f % PRIME * inverse_fh % PRIME
    ix = SQRT_MINUS_ONE * x
    return [
        (a * a % PRIME * inverse_ab % PRIME * INVSQRT_A_MINUS_D % PRIME, double_x),
        (b * b % PRIME * inverse_ab % PRIME * SQRT_A_MINUS_D % PRIME, PRIME - double_x),
        ((y - ix) ** 2 % PRIME * inverse_g % PRIME, rotated_x),
        ((y + ix) ** 2 % PRIME * inverse_g % PRIME, PRIME - rotated_x),
    ]


def _square_root(value: int) -> int | None:
    """The even square root modulo the field prime, None if there is none."""
    root = pow(value, _ROOT_EXPONENT, PRIME)
    square = root * root % PRIME
    if square != value:
        if square + value != PRIME:
            return None
        root = root * SQRT_MINUS_ONE % PRIME
    return PRIME - root if root & 1 else root
