"""The Elligator map and Lizard backwards, for many elements at once.

Of an element P every Edwards representative (x, y) lies below two points (s, t) and (-s, -t) of the
Jacobi quartic, with s^2 = (1 - y)/(1 + y), and each of these is what one r0^2 leads to. An element is
given here by one representative with its s (:class:`Lifted`), which costs no square root: an encoding
is such an s, of a doubled point it is a fraction, and the quartic's own addition carries it over to a
sum. The other three s follow from it, because

    (1 + x^2)(1 - y^2) = (a - d) x^2 y^2

Sources: the Elligator 2 paper (Bernstein, Hamburg, Krasnova, Lange 2013) for the inverse, whose form for
the quartic is that of curve25519-dalek's ``lizard``; Billet and Joye 2003 for the addition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sigcli.crypto import edwards
from sigcli.crypto.edwards import Affine, D
from sigcli.crypto.elligator import LIZARD_DATA, MAP_INPUT_LENGTH, lizard_input
from sigcli.crypto.field import PRIME, SQRT_MINUS_ONE, invert_all, modulus_for, number_for
from sigcli.crypto.ristretto import INVSQRT_A_MINUS_D, RistrettoPoint, decode_affine, encode_all
from sigcli.crypto.square_roots import square_roots

T = TypeVar("T")

Lifted = tuple[int, int, int]
"""x, y and s: a representative, and a root of (1 - y)/(1 + y)."""

_ONE_PLUS_D = 1 + D
_ONE_MINUS_D = 1 - D
# 2 (1 + d) / sqrt(ad - 1), where RFC 9496 takes the other root than for a - d.
_SLOPE = -2 * _ONE_PLUS_D * INVSQRT_A_MINUS_D % PRIME
# t = 2 s / (x sqrt(ad - 1)).
_T_FACTOR = -2 * INVSQRT_A_MINUS_D % PRIME


def lift_decoded(points: Sequence[RistrettoPoint]) -> list[Lifted]:
    """Elements that were decoded, or others, which are encoded first."""
    encodings = encode_all(points)
    number = number_for(len(encodings))
    return [
        (x, y, number(int.from_bytes(encoding, "little")))
        for (x, y), encoding in zip(_decoded(points, encodings), encodings, strict=True)
    ]


def lift_doubles(halves: Sequence[bytes]) -> list[Lifted]:
    """Twice each point that libsodium has given."""
    rows = []
    for x, y, z in edwards.from_native(halves):
        xx = x * x % PRIME
        yy = y * y % PRIME
        zz = z * z % PRIME
        f, g = yy - xx, yy + xx
        rows.append((2 * x * y, g, x * (zz + D * yy) % PRIME, f, 2 * zz - f, y * zz % PRIME))
    inverses = invert_all([f * h % PRIME * b % PRIME for _, _, _, f, h, b in rows])
    lifted = []
    for (e, g, a, f, h, b), inverse in zip(rows, inverses, strict=True):
        bi, fi = inverse * b % PRIME, inverse * f % PRIME
        s = a * (fi * h % PRIME) % PRIME * INVSQRT_A_MINUS_D % PRIME
        lifted.append((e * (bi * h % PRIME) % PRIME, g * (bi * f % PRIME) % PRIME, s))
    return lifted


def subtract_lifted(minuends: Sequence[Lifted], subtrahends: Sequence[Lifted]) -> list[Lifted]:
    """The difference of each pair; one that the formulas do not reach (never by chance) comes out as the identity."""
    rows = []
    for (x1, y1, s1), (x2, y2, s2) in zip(minuends, subtrahends, strict=True):
        x, y, z = edwards.add_affine((x1, y1), (PRIME - x2, y2))
        # Above the identity t is 1: 2 s/x is not a fraction there.
        t1, t1_bottom = (s1 * _T_FACTOR % PRIME, x1) if x1 else (1, 1)
        t2, t2_bottom = (s2 * _T_FACTOR % PRIME, x2) if x2 else (1, 1)
        top = (s1 * t2 % PRIME * t1_bottom - s2 * t1 % PRIME * t2_bottom) % PRIME
        product = s1 * s2 % PRIME
        bottom = t1_bottom * t2_bottom % PRIME * (1 - product * product) % PRIME
        rows.append((x, y, z, top, bottom))
    inverses = invert_all([z * bottom % PRIME or 1 for _, _, z, _, bottom in rows])
    return [
        (
            x * (inverse * bottom % PRIME) % PRIME,
            y * (inverse * bottom % PRIME) % PRIME,
            top * (inverse * z % PRIME) % PRIME,
        )
        if bottom
        else (0, 1, 0)
        for (x, y, z, top, bottom), inverse in zip(rows, inverses, strict=True)
    ]


def _decoded(points: Sequence[RistrettoPoint], encodings: Sequence[bytes]) -> list[Affine]:
    """The representative that each encoding stands for."""
    known = [point.decoded for point in points]
    missing = [encoding for one, encoding in zip(known, encodings, strict=True) if one is None]
    decoded = iter(decode_affine(missing))
    return [next(decoded) if one is None else one for one in known]


def input_squares(points: Sequence[Lifted]) -> list[list[int]]:
    """For each element the values r0^2 that lead to it, at most eight; about half of them have a root r0.

    None is found for the identity.
    """
    if not points:
        return []
    prime = modulus_for(points[0][0])
    # The root of 1 - y^2.
    roots = [s * (1 + y) % prime for _, y, s in points]
    products = [
        root * x % prime * y % prime or 1 for root, (x, y, _) in zip(roots, points, strict=True)
    ]
    tops: list[int] = []
    bottoms: list[int] = []
    for (x, y, _), root, inverse in zip(points, roots, invert_all(products), strict=True):
        if not root * x * y:
            continue
        inverse_root = inverse * x % prime * y % prime
        inverse_x = inverse * root % prime * y % prime
        inverse_y = inverse * root % prime * x % prime
        s1, s2 = (1 - y) * inverse_root % prime, (1 + y) * inverse_root % prime
        c = root * inverse_x % prime * inverse_y % prime * INVSQRT_A_MINUS_D % prime
        ix, inverse_iy = SQRT_MINUS_ONE * x, -SQRT_MINUS_ONE * inverse_y
        s3, s4 = (1 - ix) * c % prime, (1 + ix) * c % prime
        # s, 1/s and 1/x of each representative.
        for s, u, inverse_of_x in (
            (s1, s2, inverse_x),
            (s2, s1, -inverse_x),
            (s3, s4, inverse_iy),
            (s4, s3, -inverse_iy),
        ):
            middle = u * u % prime * _ONE_PLUS_D
            slope = u * inverse_of_x % prime * _SLOPE
            # An even s stands on top with its minus, an odd one with its plus; -s is the other.
            even, odd = (
                (middle - slope, middle + slope) if s & 1 else (middle + slope, middle - slope)
            )
            tops += (_ONE_MINUS_D - even, _ONE_MINUS_D + odd)
            bottoms += (_ONE_MINUS_D + even, _ONE_MINUS_D - odd)
    found = _quotients(tops, bottoms)
    result = []
    start = 0
    for (x, y, _), root in zip(points, roots, strict=True):
        count = 8 if root * x * y else 0
        result.append([one for one in found[start : start + count] if one is not None])
        start += count
    return result


def even_inputs(squares: Sequence[int]) -> list[bytes | None]:
    """The canonical even input of the map with each square; None where it has no root."""
    return [
        None if root is None else root.to_bytes(MAP_INPUT_LENGTH, "little")
        for root in square_roots(squares)
    ]


def in_turn(
    squares: Sequence[Sequence[int]], fitting: Callable[[int, bytes], T | None]
) -> list[T | None]:
    """For each list the first of its even inputs that fits its place; all lists go one step at a time.

    So the roots are taken many at once, and none that is not needed.
    """
    found: list[T | None] = [None] * len(squares)
    places = list(range(len(squares)))
    step = 0
    while places := [at for at in places if found[at] is None and step < len(squares[at])]:
        candidates = even_inputs([squares[place][step] for place in places])
        for place, candidate in zip(places, candidates, strict=True):
            if candidate is not None:
                found[place] = fitting(place, candidate)
        step += 1
    return found


def lizard_decode_all(points: Sequence[Lifted]) -> list[bytes | None]:
    """The 16 bytes that each element hides, None for one that hides none.

    The first fitting input is taken; a second one would be a 112-bit coincidence.
    """
    return in_turn(input_squares(points), _lizard_data)


def _lizard_data(_: int, candidate: bytes) -> bytes | None:
    data = candidate[LIZARD_DATA]
    return data if lizard_input(data) == candidate else None


def _quotients(tops: Sequence[int], bottoms: Sequence[int]) -> list[int | None]:
    """-i top/bottom of each pair, None where the bottom is 0."""
    if not tops:
        return []
    prime = modulus_for(tops[0])
    reduced = [bottom % prime for bottom in bottoms]
    inverses = invert_all([bottom or 1 for bottom in reduced])
    return [
        -SQRT_MINUS_ONE * top % prime * inverse % prime if bottom else None
        for top, bottom, inverse in zip(tops, reduced, inverses, strict=True)
    ]
