"""The Elligator map and Lizard backwards, for many elements at once.

Of an element P every Edwards representative (x, y) lies below two points (s, t) and (-s, -t) of the
Jacobi quartic, with s^2 = (1 - y)/(1 + y), and each of these is what one r0^2 leads to. The roots s of
the four representatives follow from one square root r of 1 - y^2, because

    (1 + x^2)(1 - y^2) = (a - d) x^2 y^2

Source: the Elligator 2 paper (Bernstein, Hamburg, Krasnova, Lange 2013) for the inverse; its form for
the quartic is that of curve25519-dalek's ``lizard``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sigcli.crypto import edwards
from sigcli.crypto.edwards import PRIME, SQRT_MINUS_ONE, Affine, D
from sigcli.crypto.elligator import LIZARD_DATA, MAP_INPUT_LENGTH, lizard_input
from sigcli.crypto.ristretto import INVSQRT_A_MINUS_D

_ONE_PLUS_D = 1 + D
_ONE_MINUS_D = 1 - D
# 2 (1 + d) / sqrt(ad - 1), where RFC 9496 takes the other root than for a - d.
_SLOPE = -2 * _ONE_PLUS_D * INVSQRT_A_MINUS_D % PRIME


def input_squares(points: Sequence[Affine]) -> list[list[int]]:
    """For each element the values r0^2 that lead to it, at most eight; about half of them have a root r0.

    An element is given by any representative; none is found for the identity.
    """
    roots = [edwards.square_root((1 - y * y) % PRIME) or 0 for _, y in points]
    products = [
        root * x % PRIME * y % PRIME or 1 for root, (x, y) in zip(roots, points, strict=True)
    ]
    tops: list[int] = []
    bottoms: list[int] = []
    for (x, y), root, inverse in zip(points, roots, edwards.invert_all(products), strict=True):
        if not root * x * y:
            continue
        inverse_root = inverse * x % PRIME * y % PRIME
        inverse_x = inverse * root % PRIME * y % PRIME
        inverse_y = inverse * root % PRIME * x % PRIME
        s1, s2 = (1 - y) * inverse_root % PRIME, (1 + y) * inverse_root % PRIME
        c = root * inverse_x % PRIME * inverse_y % PRIME * INVSQRT_A_MINUS_D % PRIME
        ix, inverse_iy = SQRT_MINUS_ONE * x, -SQRT_MINUS_ONE * inverse_y
        s3, s4 = (1 - ix) * c % PRIME, (1 + ix) * c % PRIME
        # s, 1/s and 1/x of each representative.
        for s, u, inverse_of_x in (
            (s1, s2, inverse_x),
            (s2, s1, -inverse_x),
            (s3, s4, inverse_iy),
            (s4, s3, -inverse_iy),
        ):
            middle = u * u % PRIME * _ONE_PLUS_D
            slope = u * inverse_of_x % PRIME * _SLOPE
            # An even s stands on top with its minus, an odd one with its plus; -s is the other.
            even, odd = (
                (middle - slope, middle + slope) if s & 1 else (middle + slope, middle - slope)
            )
            tops += (_ONE_MINUS_D - even, _ONE_MINUS_D + odd)
            bottoms += (_ONE_MINUS_D + even, _ONE_MINUS_D - odd)
    found = _quotients(tops, bottoms)
    result = []
    start = 0
    for (x, y), root in zip(points, roots, strict=True):
        count = 8 if root * x * y else 0
        result.append([one for one in found[start : start + count] if one is not None])
        start += count
    return result


def even_input(square: int) -> bytes | None:
    """The canonical even input of the map with this square; None if it has no root."""
    root = edwards.square_root(square)
    return None if root is None else root.to_bytes(MAP_INPUT_LENGTH, "little")


def lizard_decode_all(points: Sequence[Affine]) -> list[bytes | None]:
    """The 16 bytes that each element hides, None for one that hides none.

    The first fitting input is taken; a second one would be a 112-bit coincidence.
    """
    return [_lizard_data(squares) for squares in input_squares(points)]


def _lizard_data(squares: Sequence[int]) -> bytes | None:
    for square in squares:
        candidate = even_input(square)
        if candidate is not None and lizard_input(candidate[LIZARD_DATA]) == candidate:
            return candidate[LIZARD_DATA]
    return None


def _quotients(tops: Sequence[int], bottoms: Sequence[int]) -> list[int | None]:
    """-i top/bottom of each pair, None where the bottom is 0."""
    reduced = [bottom % PRIME for bottom in bottoms]
    inverses = edwards.invert_all([bottom or 1 for bottom in reduced])
    return [
        -SQRT_MINUS_ONE * top % PRIME * inverse % PRIME if bottom else None
        for top, bottom, inverse in zip(tops, reduced, inverses, strict=True)
    ]
