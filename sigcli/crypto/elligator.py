"""Hashing to ristretto255: the Elligator map, and Lizard, which hides bytes in an element.

The map is that of RFC 9496 section 4.3.4 for one field element. Its square root is not taken here:
the Edwards y of the result is a fraction in the input, with one candidate for each outcome of the
root, and libsodium tells which of the two is on the curve. Only the sign of x then needs the root
s itself, which is a fraction in x.

Lizard hides 16 bytes in an element so that they can be read again (:mod:`sigcli.crypto.elligator_inverse`):
libsignal uses it (through ``lizard_encode`` of curve25519-dalek, with SHA-256) for the UUIDs in a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sigcli.crypto import edwards
from sigcli.crypto.edwards import Affine, D
from sigcli.crypto.field import PRIME, SQRT_MINUS_ONE, invert_all, number_for
from sigcli.crypto.ristretto import SQRT_A_MINUS_D, RistrettoPoint

MAP_INPUT_LENGTH = 32
UNIFORM_LENGTH = 64

_LOW_255_BITS = 2**255 - 1
_ONE_MINUS_D_SQUARED = (1 - D * D) % PRIME
_D_MINUS_ONE_SQUARED = (D - 1) ** 2 % PRIME
# a d - 1 = a - d, but RFC 9496 takes the other root here.
_HALF_SQRT_AD_MINUS_ONE = -SQRT_A_MINUS_D * pow(2, -1, PRIME) % PRIME
LIZARD_DATA = slice(8, 24)


def map_all(inputs: Sequence[bytes]) -> list[Affine]:
    """The Elligator map of each 32-byte input (top bit ignored), as affine representatives."""
    number = number_for(len(inputs))
    rows = []
    for data in inputs:
        r0 = number(int.from_bytes(data, "little") & _LOW_255_BITS)
        r = SQRT_MINUS_ONE * r0 * r0 % PRIME
        u = (r + 1) * _ONE_MINUS_D_SQUARED % PRIME
        v = (-1 - r * D) * (r + D) % PRIME
        ru = r * u % PRIME
        rows.append((r, v, v - u, v + u, v - ru, v + ru))
    # s^2 is u/v if that is a square, else r u/v; y = (1 - s^2)/(1 + s^2). Neither v + u nor v + ru has a
    # root in r. Where v is 0, (0, -1) comes out, which stands for the identity as it should.
    denominators = [row[3] * row[5] % PRIME for row in rows]
    fractions = []
    for row, inverse in zip(rows, invert_all(denominators), strict=True):
        r, v, square_top, square_bottom, other_top, other_bottom = row
        y = square_top * other_bottom % PRIME * inverse % PRIME
        fraction = edwards.x_as_fraction(y)
        is_square = fraction is not None
        if fraction is None:
            y = other_top * square_bottom % PRIME * inverse % PRIME
            fraction = edwards.x_as_fraction(y)
            assert fraction is not None  # one of the two candidates is a square
        top, bottom = fraction
        c = -1 if is_square else r
        n = (c * (r - 1) * _D_MINUS_ONE_SQUARED - v) % PRIME
        fractions.append((top, bottom, y, n, v, is_square))
    result = []
    inverses = invert_all([(f[1] * f[4] % PRIME) or 1 for f in fractions])
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


def lizard_encode(data: bytes) -> RistrettoPoint:
    """The element that hides 16 bytes."""
    return map_to_point(lizard_input(data))


def lizard_input(data: bytes) -> bytes:
    """The input of the map that stands for 16 bytes: these, among bytes of their hash."""
    padded = bytearray(sha256(data).digest())
    padded[LIZARD_DATA] = data
    padded[0] &= 0xFE
    padded[31] &= 0x3F
    return bytes(padded)
