"""Points of edwards25519 as integers (:mod:`sigcli.crypto.field`), and the two ways between them and libsodium.

An affine point is (x, y), a projective one (X, Y, Z) with x = X/Z and y = Y/Z. Everything works on
lists, because one modular inversion then serves a whole list (Montgomery's trick).

Square roots are left to libsodium: decompressing an encoding is taking one. The addition of the
base point B to a point P tells x from y without a root, because y(P + B) is linear in x(P):

    y(P + B) * (1 - d x xB y yB) = y yB + x xB

These routines take a time that depends on their input, so no private scalar may enter here.
"""

from __future__ import annotations

from collections.abc import Sequence

from nacl.bindings import crypto_core_ed25519_add as native_add

from sigcli.crypto.field import PRIME, SQRT_MINUS_ONE, invert_all, modulus_for, number_for

D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
IDENTITY = b"\x01" + bytes(31)
BASE = BASE_Y.to_bytes(32, "little")

_LOW_255_BITS = 2**255 - 1
_SIGN_BIT = 2**255
_D_BASE_Y = D * BASE_Y % PRIME
_INVERSE_BASE_X = pow(BASE_X, -1, PRIME)
_TWO_D = 2 * D % PRIME
_POWER = (PRIME - 5) // 8

Affine = tuple[int, int]
Projective = tuple[int, int, int]
Extended = tuple[int, int, int, int]
"""(X, Y, Z, T) with T = XY/Z."""


def x_as_fraction(y: int) -> tuple[int, int] | None:
    """Numerator and denominator of the even x that belongs to this y; None if there is no such point."""
    if type(y) is not int:
        return _x_by_power(y)
    try:
        total = native_add(y.to_bytes(32, "little"), BASE)
    except RuntimeError:
        return None
    y_plus_base = int.from_bytes(total, "little") & _LOW_255_BITS
    numerator = (y_plus_base - y * BASE_Y) * _INVERSE_BASE_X % PRIME
    return numerator, (1 + _D_BASE_Y * y % PRIME * y_plus_base) % PRIME


def _x_by_power(y: int) -> tuple[int, int] | None:
    """The same for gmpy2's numbers, whose powers are faster than libsodium's addition with its checks."""
    prime = modulus_for(y)
    yy = y * y % prime
    top, bottom = yy - 1, (D * yy + 1) % prime
    cube = bottom * bottom % prime * bottom % prime
    x = top * cube % prime * pow(top * cube % prime * cube * bottom, _POWER, prime) % prime
    square = bottom * x % prime * x % prime
    if square != top % prime:
        if (square + top) % prime:
            return None
        x = x * SQRT_MINUS_ONE % prime
    return prime - x if x & 1 else x, 1


def from_native(encodings: Sequence[bytes]) -> list[Projective]:
    """Encodings from libsodium as projective points."""
    number = number_for(len(encodings))
    points = []
    for encoding in encodings:
        value = number(int.from_bytes(encoding, "little"))
        y = value & _LOW_255_BITS
        fraction = x_as_fraction(y)
        assert fraction is not None  # libsodium wrote the encoding
        numerator, denominator = fraction
        if value & _SIGN_BIT:
            numerator = PRIME - numerator
        points.append((numerator, y * denominator % PRIME, denominator))
    return points


def to_affine(points: Sequence[Projective]) -> list[Affine]:
    """The same points without denominators."""
    return [
        (x * inverse % PRIME, y * inverse % PRIME)
        for (x, y, _), inverse in zip(points, invert_all([z for _, _, z in points]), strict=True)
    ]


def times_eight(points: Sequence[Projective]) -> list[bytes]:
    """Eight times each point: free of torsion, in the encoding that libsodium takes."""
    doubled = []
    for x, y, z in points:
        for _ in range(3):
            xx = x * x % PRIME
            yy = y * y % PRIME
            s = x + y
            g = yy - xx
            f = g - 2 * z * z
            x, y, z = (s * s - xx - yy) * f % PRIME, -g * (xx + yy) % PRIME, f * g % PRIME
        doubled.append((x, y, z))
    result = []
    for (x, y, _), inverse in zip(doubled, invert_all([z for _, _, z in doubled]), strict=True):
        sign = (x * inverse % PRIME & 1) << 255
        result.append((y * inverse % PRIME | sign).to_bytes(32, "little"))
    return result


def add_affine(a: Affine, b: Affine) -> Projective:
    """The sum of two affine points."""
    (x1, y1), (x2, y2) = a, b
    xx = x1 * x2 % PRIME
    yy = y1 * y2 % PRIME
    k = D * xx % PRIME * yy % PRIME
    x = (x1 + y1) * (x2 + y2) - xx - yy
    return (x * (1 - k) % PRIME, (yy + xx) * (1 + k) % PRIME, (1 - k * k) % PRIME)


def add_extended(p: Extended, q: Extended, prime: int = PRIME) -> Extended:
    """The sum of two points."""
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % prime
    b = (y1 + x1) * (y2 + x2) % prime
    c = t1 * t2 % prime * _TWO_D % prime
    d = 2 * z1 * z2 % prime
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % prime, g * h % prime, f * g % prime, e * h % prime


def double_extended(p: Extended) -> Extended:
    """Twice a point."""
    x, y, z, _ = p
    xx = x * x % PRIME
    yy = y * y % PRIME
    s = x + y
    e, g, h = s * s - xx - yy, yy - xx, -xx - yy
    f = g - 2 * z * z
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def sum_projective(points: Sequence[Projective]) -> Extended:
    """The sum of any number of points."""
    total: Extended = (0, 1, 1, 0)
    for x, y, z in points:
        point = (x, y, 1, x * y) if z == 1 else (x * z, y * z, z * z, x * y)
        total = add_extended(total, point)
    return total


def weighted_sum(points: Sequence[Affine], weights: Sequence[int], bits: int) -> Extended:
    """The sum of weight times point; weights are public and have at most ``bits`` bits.

    Pippenger's method with signed digits: about 20 additions a point for 127 bits and 1,000 points.
    """
    width = _window_width(len(points), bits)
    windows = bits // width + 1
    digits = _signed_digits(weights, width, windows)
    prepared = [
        ((y + x) % PRIME, (y - x) % PRIME, x * y % PRIME * _TWO_D % PRIME) for x, y in points
    ]
    total: Extended = (0, 1, 1, 0)
    for window in range(windows - 1, -1, -1):
        for _ in range(width):
            total = double_extended(total)
        total = add_extended(total, _window_sum(prepared, digits[window], width))
    return total


def _window_width(count: int, bits: int) -> int:
    return min(
        range(2, 12), key=lambda width: (bits // width + 1) * (count + 2.4 * 2 ** (width - 1))
    )


def _signed_digits(weights: Sequence[int], width: int, windows: int) -> list[list[int]]:
    """Per window the digits of all weights, between -2^(width-1) and 2^(width-1)."""
    digits: list[list[int]] = [[] for _ in range(windows)]
    mask, half, full = (1 << width) - 1, 1 << (width - 1), 1 << width
    for weight in weights:
        rest = weight
        for row in digits:
            digit = rest & mask
            rest >>= width
            if digit > half:
                digit -= full
                rest += 1
            row.append(digit)
    return digits


def _window_sum(
    prepared: Sequence[tuple[int, int, int]], digits: Sequence[int], width: int
) -> Extended:
    prime = modulus_for(prepared[0][0])
    buckets: list[Extended | None] = [None] * ((1 << (width - 1)) + 1)
    for (plus, minus, txy), signed in zip(prepared, digits, strict=True):
        if not signed:
            continue
        if signed > 0:
            digit = signed
        else:
            digit, plus, minus, txy = -signed, minus, plus, -txy
        bucket = buckets[digit]
        if bucket is None:
            x, y = plus - minus, plus + minus  # twice the affine values, so Z is 2
            buckets[digit] = x, y, 2, x * y * _HALF % prime
            continue
        x, y, z, t = bucket
        a = (y - x) * minus % prime
        b = (y + x) * plus % prime
        c = t * txy % prime
        d = z + z
        e, f, g, h = b - a, d - c, d + c, b + a
        buckets[digit] = e * f % prime, g * h % prime, f * g % prime, e * h % prime
    running: Extended = (0, 1, 1, 0)
    total: Extended = (0, 1, 1, 0)
    for bucket in reversed(buckets[1:]):
        if bucket is not None:
            running = add_extended(running, bucket, prime)
        total = add_extended(total, running, prime)
    return total


_HALF = pow(2, -1, PRIME)
