"""Arithmetic in GF(2^16) modulo x^16 + x^12 + x^3 + x + 1, many elements at a time.

A Python integer holds one element per 16-bit lane, so one big-integer operation works on all lanes at once. This needs
no logarithm tables, which would cost a one-shot command more than everything it computes here; a process that computes
much gets them. Addition and subtraction are both XOR.

Source: the field of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array

    Tables = tuple[array[int], array[int]]

LANE_BITS = 16
_REDUCTION = 0x100B
_ALL_BITS = 0xFFFF
ORDER = 0xFFFF
"""How many elements are powers of x: all but 0."""
_SELDOM = 64
_asked = 0


@cache
def ones(count: int) -> int:
    """The element 1 in each of ``count`` lanes."""
    return sum(1 << (LANE_BITS * lane) for lane in range(count))


def logarithms() -> Tables | None:
    """The logarithm to the base x of each element but 0, and x to the power of each number below ORDER.

    None for the first calls: making the tables costs as much as half a hundred of what they speed up.
    """
    global _asked
    _asked += 1
    return tables() if _asked > _SELDOM else None


@cache
def tables() -> Tables:
    """What ``logarithms`` gives, made at the first call."""
    from array import array

    logarithms, powers = array("H", bytes(2 << LANE_BITS)), array("H", bytes(2 * ORDER))
    element = 1
    for exponent in range(ORDER):
        powers[exponent] = element
        logarithms[element] = exponent
        element <<= 1
        if element > _ALL_BITS:
            element = element & _ALL_BITS ^ _REDUCTION
    return logarithms, powers


def pack(elements: Sequence[int]) -> int:
    """Elements to lanes, the first in the lowest."""
    return int.from_bytes(struct.pack(f"<{len(elements)}H", *elements), "little")


def unpack(lanes: int, count: int) -> tuple[int, ...]:
    """Lanes to elements, the lowest first."""
    return struct.unpack(f"<{count}H", lanes.to_bytes(2 * count, "little"))


def scale(lanes: int, factor: int, one: int) -> int:
    """Multiply every lane by the same element; ``one`` is :func:`ones` of the lane count."""
    result = 0
    while factor:
        if factor & 1:
            result ^= lanes
        factor >>= 1
        if factor:
            top = lanes >> 15 & one
            lanes = (lanes ^ top << 15) << 1 ^ top * _REDUCTION
    return result


def multiply(a: int, b: int, one: int, bits: int = LANE_BITS) -> int:
    """Multiply lane by lane; the elements of ``b`` have at most ``bits`` bits."""
    result = 0
    for bit in range(bits):
        result ^= a & (b >> bit & one) * _ALL_BITS
        top = a >> 15 & one
        a = (a ^ top << 15) << 1 ^ top * _REDUCTION
    return result


def invert(a: int, one: int) -> int:
    """The inverse in every lane, a^(2^16 - 2); 0 stays 0."""

    def square_repeatedly(x: int, times: int) -> int:
        for _ in range(times):
            x = multiply(x, x, one)
        return x

    # a to the powers 2^k - 1, for k = 2, 3, 6, 7, 14, 15.
    p2 = multiply(square_repeatedly(a, 1), a, one)
    p3 = multiply(square_repeatedly(p2, 1), a, one)
    p6 = multiply(square_repeatedly(p3, 3), p3, one)
    p7 = multiply(square_repeatedly(p6, 1), a, one)
    p14 = multiply(square_repeatedly(p7, 7), p7, one)
    p15 = multiply(square_repeatedly(p14, 1), a, one)
    return square_repeatedly(p15, 1)


def weighted_sum(weights: Sequence[int], vectors: Sequence[int], one: int) -> int:
    """The sum of weight times vector (an integer of lanes); ``one`` fits the vectors."""
    pairs = list(zip(weights, vectors, strict=True))
    result = 0
    bit = 1 << (LANE_BITS - 1)
    while bit:
        top = result >> 15 & one
        result = (result ^ top << 15) << 1 ^ top * _REDUCTION
        for weight, vector in pairs:
            if weight & bit:
                result ^= vector
        bit >>= 1
    return result
