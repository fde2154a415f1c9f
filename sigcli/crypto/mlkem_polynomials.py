"""Polynomials of ML-KEM (FIPS 203): the ring modulo 3329 with 256 coefficients, sampled, transformed, packed.

Arithmetic on Python's integers is not constant-time: it is for one-time values, and for keys while they are made.
"""

from __future__ import annotations

from functools import cache
from hashlib import shake_128, shake_256
from typing import NamedTuple

Q = 3329
HALF = 128  # a polynomial's 256 coefficients, handled as two lists of 128
_INVERSE_OF_128 = 3303
_ROOT_OF_UNITY = 17
_SAMPLE_BLOCK = 168  # the output of one SHAKE128 permutation in bytes

Pair = tuple[list[int], list[int]]
"""A polynomial as two lists of 128: halves in the normal domain, even and odd in the NTT domain."""


class _Tables(NamedTuple):
    forward: list[list[int]]
    backward: list[list[int]]
    gammas: list[int]
    noise: list[tuple[int, int]]


@cache
def _tables() -> _Tables:
    """Powers of the root of unity per layer, and the two noise coefficients of each byte."""

    def reversed_bits(n: int) -> int:
        return int(f"{n:07b}"[::-1], 2)

    zetas = [pow(_ROOT_OF_UNITY, reversed_bits(n), Q) for n in range(HALF)]
    inverses = [pow(z, -1, Q) for z in zetas]
    layers = range(7)

    def spread(values: list[int], layer: int) -> list[int]:
        return [values[(1 << layer) + (p & ((1 << layer) - 1))] for p in range(HALF)]

    nibbles = [(n & 1) + (n >> 1 & 1) - (n >> 2 & 1) - (n >> 3 & 1) for n in range(16)]
    return _Tables(
        forward=[spread(zetas, layer) for layer in layers],
        backward=[spread(inverses, layer) for layer in layers],
        gammas=[pow(_ROOT_OF_UNITY, 2 * reversed_bits(n) + 1, Q) for n in range(HALF)],
        noise=[(nibbles[b & 15], nibbles[b >> 4]) for b in range(256)],
    )


def ntt(halves: Pair) -> Pair:
    """FIPS 203 algorithm 9 in constant geometry: each layer pairs p with p + 128.

    Writing each layer's results interleaved leaves the next layer's pairs at the same distance.
    After seven layers the first half holds the even coefficients in the standard's order, the
    second the odd ones.
    """
    low, high = halves
    for zetas in _tables().forward:
        scaled = [z * b % Q for z, b in zip(zetas, high, strict=True)]
        mixed = [0] * (2 * HALF)
        mixed[0::2] = [a + b for a, b in zip(low, scaled, strict=True)]
        mixed[1::2] = [a - b for a, b in zip(low, scaled, strict=True)]
        low, high = mixed[:HALF], mixed[HALF:]
    return low, high


def inverse_ntt(evens_odds: Pair) -> Pair:
    """FIPS 203 algorithm 10, the layers of :func:`ntt` backwards; results are not reduced."""
    mixed = evens_odds[0] + evens_odds[1]
    for zetas in reversed(_tables().backward):
        sums, differences = mixed[0::2], mixed[1::2]
        mixed = [a + b for a, b in zip(sums, differences, strict=True)]
        mixed += [(a - b) * z % Q for a, b, z in zip(sums, differences, zetas, strict=True)]
    scaled = [c * _INVERSE_OF_128 % Q for c in mixed]
    return scaled[:HALF], scaled[HALF:]


def uniform(rho: bytes, first: int, second: int) -> Pair:
    """Algorithm 7: one matrix entry in the NTT domain by rejection from SHAKE128."""
    stream = shake_128(rho + bytes([first, second]))
    blocks = 3
    while True:
        even, odd = unpack_12(stream.digest(blocks * _SAMPLE_BLOCK))
        candidates = [c for pair in zip(even, odd, strict=True) for c in pair if c < Q]
        if len(candidates) >= 2 * HALF:
            return candidates[0 : 2 * HALF : 2], candidates[1 : 2 * HALF : 2]
        blocks += 1


def noise(coins: bytes, n: int) -> Pair:
    """Algorithm 8 with eta = 2: the centred binomial polynomial of PRF(coins, n), as halves."""
    table = _tables().noise
    data = shake_256(coins + bytes([n])).digest(HALF)
    coefficients = [c for byte in data for c in table[byte]]
    return coefficients[:HALF], coefficients[HALF:]


def add(a: list[int], b: list[int]) -> list[int]:
    return [x + y for x, y in zip(a, b, strict=True)]


def unpack_12(data: bytes) -> Pair:
    """Algorithm 6 with d = 12: the coefficients at even and at odd places, not reduced."""
    first, second, third = data[0::3], data[1::3], data[2::3]
    even = [a | (b & 15) << 8 for a, b in zip(first, second, strict=True)]
    odd = [b >> 4 | c << 4 for b, c in zip(second, third, strict=True)]
    return even, odd


def pack_12(polynomial: Pair) -> bytes:
    """Algorithm 5 with d = 12: coefficients of the NTT domain, reduced first, in 384 bytes."""
    packed = bytearray()
    for even, odd in zip(*polynomial, strict=True):
        packed += (even % Q | (odd % Q) << 12).to_bytes(3, "little")
    return bytes(packed)


def gammas() -> list[int]:
    """The factors of the products in the NTT domain, by place."""
    return _tables().gammas
