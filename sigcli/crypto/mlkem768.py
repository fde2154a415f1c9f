"""Incremental ML-KEM-768 (FIPS 203), as the post-quantum ratchet needs it.

The encapsulation key travels in two parts: a header rho || SHA3-256(ek) of 64 bytes and the vector
t of 1,152. The first part of the ciphertext (960 bytes, compressed u) and the shared secret need
only the header, the second part (128 bytes, compressed v) needs t. Key generation and decapsulation
are ordinary ML-KEM and native; only the two halves of encapsulation are computed here. They touch
one-time values only, never a long-term key; Python's integers take no constant time.

Source: FIPS 203 sections 4 to 6; the split as in github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from dataclasses import field
from functools import cache
from hashlib import sha3_256, sha3_512, shake_128, shake_256
from typing import Any, NamedTuple

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.values import dataclass

SEED_LENGTH = 64
HEADER_LENGTH = 64
VECTOR_LENGTH = 1152
CIPHERTEXT1_LENGTH = 960
CIPHERTEXT2_LENGTH = 128
SHARED_SECRET_LENGTH = 32
ENCAPSULATION_STATE_LENGTH = 64

_Q = 3329
_RANK = 3
_HALF = 128  # a polynomial's 256 coefficients, handled as two lists of 128
_INVERSE_OF_128 = 3303
_ROOT_OF_UNITY = 17
_SAMPLE_BLOCK = 168  # bytes a SHAKE128 permutation gives
_RHO_LENGTH = 32

Pair = tuple[list[int], list[int]]
"""A polynomial as two lists of 128: halves in the normal domain, even and odd in the NTT domain."""


@dataclass(frozen=True, slots=True)
class IncrementalKeys:
    """A fresh key pair: header (64 bytes), vector t (1,152) and the seed d || z (64)."""

    header: bytes
    vector: bytes
    seed: bytes = field(repr=False)


def generate(random: RandomSource = secure_random) -> IncrementalKeys:
    """A fresh key pair from 64 random bytes."""
    return from_seed(random(SEED_LENGTH))


def from_seed(seed: bytes) -> IncrementalKeys:
    """The key pair of a seed of 64 bytes; InvalidKey for another length."""
    encoded = _load(seed).public_key().public_bytes_raw()
    vector, rho = encoded[:VECTOR_LENGTH], encoded[VECTOR_LENGTH:]
    return IncrementalKeys(rho + sha3_256(encoded).digest(), vector, seed)


def encaps1(header: bytes, random: RandomSource = secure_random) -> tuple[bytes, bytes, bytes]:
    """Begin to encapsulate to a header (64 bytes; InvalidMessage for another length).

    Returns the state for :func:`encaps2` (64 secret bytes), ct1 (960) and the shared secret (32).
    """
    if len(header) != HEADER_LENGTH:
        raise InvalidMessage("the header of the encapsulation key has 64 bytes")
    message = random(32)
    derived = sha3_512(message + header[_RHO_LENGTH:]).digest()
    shared, coins = derived[:32], derived[32:]
    y = [_ntt(_noise(coins, n)) for n in range(_RANK)]
    rho = header[:_RHO_LENGTH]
    parts = []
    for column in range(_RANK):
        # The transposed matrix: row index and column index change places in the sampling.
        matrix = [_uniform(rho, column, row) for row in range(_RANK)]
        u = _inverse_ntt(_inner_product(matrix, y))
        low, high = _noise(coins, _RANK + column)
        parts.append(_compress_10(_add(u[0], low) + _add(u[1], high)))
    return coins + message, b"".join(parts), shared


def encaps2(state: bytes, vector: bytes) -> bytes:
    """Finish with the vector t (1,152 bytes): ct2, 128 bytes; InvalidMessage for other lengths."""
    if len(state) != ENCAPSULATION_STATE_LENGTH or len(vector) != VECTOR_LENGTH:
        raise InvalidMessage("the encapsulation key's vector has 1,152 bytes")
    coins, message = state[:32], state[32:]
    y = [_ntt(_noise(coins, n)) for n in range(_RANK)]
    t = [_unpack_12(vector[384 * row : 384 * (row + 1)]) for row in range(_RANK)]
    v = _inverse_ntt(_inner_product(t, y))
    low, high = _noise(coins, 2 * _RANK)
    bits = int.from_bytes(message, "little")
    message_coefficients = [1665 if bits >> i & 1 else 0 for i in range(2 * _HALF)]
    noisy = _add(_add(v[0], low) + _add(v[1], high), message_coefficients)
    return _compress_4(noisy)


def decaps(seed: bytes, ct1: bytes, ct2: bytes) -> bytes:
    """The shared secret (32 bytes); InvalidMessage for wrong lengths.

    A forged ciphertext gives an unrelated secret, not an error.
    """
    if len(ct1) != CIPHERTEXT1_LENGTH or len(ct2) != CIPHERTEXT2_LENGTH:
        raise InvalidMessage("an ML-KEM-768 ciphertext has 960 + 128 bytes")
    secret: bytes = _load(seed).decapsulate(ct1 + ct2)
    return secret


def ek_matches_header(header: bytes, vector: bytes) -> bool:
    """Whether t is canonically encoded and has, with the header's rho, the header's hash."""
    if len(header) != HEADER_LENGTH or len(vector) != VECTOR_LENGTH:
        return False
    if sha3_256(vector + header[:_RHO_LENGTH]).digest() != header[_RHO_LENGTH:]:
        return False
    even, odd = _unpack_12(vector)
    return max(even) < _Q and max(odd) < _Q


def _load(seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

    if len(seed) != SEED_LENGTH:
        raise InvalidKey("an ML-KEM seed has 64 bytes")
    return MLKEM768PrivateKey.from_seed_bytes(seed)


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

    zetas = [pow(_ROOT_OF_UNITY, reversed_bits(n), _Q) for n in range(_HALF)]
    inverses = [pow(z, -1, _Q) for z in zetas]
    layers = range(7)

    def spread(values: list[int], layer: int) -> list[int]:
        return [values[(1 << layer) + (p & ((1 << layer) - 1))] for p in range(_HALF)]

    nibbles = [(n & 1) + (n >> 1 & 1) - (n >> 2 & 1) - (n >> 3 & 1) for n in range(16)]
    return _Tables(
        forward=[spread(zetas, layer) for layer in layers],
        backward=[spread(inverses, layer) for layer in layers],
        gammas=[pow(_ROOT_OF_UNITY, 2 * reversed_bits(n) + 1, _Q) for n in range(_HALF)],
        noise=[(nibbles[b & 15], nibbles[b >> 4]) for b in range(256)],
    )


def _ntt(halves: Pair) -> Pair:
    """FIPS 203 algorithm 9 in constant geometry: each layer pairs p with p + 128.

    Writing each layer's results interleaved leaves the next layer's pairs at the same distance.
    After seven layers the first half holds the even coefficients in the standard's order, the
    second the odd ones.
    """
    low, high = halves
    for zetas in _tables().forward:
        scaled = [z * b % _Q for z, b in zip(zetas, high, strict=True)]
        mixed = [0] * (2 * _HALF)
        mixed[0::2] = [a + b for a, b in zip(low, scaled, strict=True)]
        mixed[1::2] = [a - b for a, b in zip(low, scaled, strict=True)]
        low, high = mixed[:_HALF], mixed[_HALF:]
    return low, high


def _inverse_ntt(evens_odds: Pair) -> Pair:
    """FIPS 203 algorithm 10, the layers of :func:`_ntt` backwards; results are not reduced."""
    mixed = evens_odds[0] + evens_odds[1]
    for zetas in reversed(_tables().backward):
        sums, differences = mixed[0::2], mixed[1::2]
        mixed = [a + b for a, b in zip(sums, differences, strict=True)]
        mixed += [(a - b) * z % _Q for a, b, z in zip(sums, differences, zetas, strict=True)]
    scaled = [c * _INVERSE_OF_128 % _Q for c in mixed]
    return scaled[:_HALF], scaled[_HALF:]


def _inner_product(left: list[Pair], right: list[Pair]) -> Pair:
    """The sum of the products of three pairs of polynomials in the NTT domain (algorithm 11)."""
    gammas = _tables().gammas
    (a0, a1), (b0, b1), (c0, c1) = left
    (x0, x1), (y0, y1), (z0, z1) = right
    odd_products = [
        (a * x + b * y + c * z) % _Q
        for a, x, b, y, c, z in zip(a1, x1, b1, y1, c1, z1, strict=True)
    ]
    even = [
        (a * x + b * y + c * z + g * o) % _Q
        for a, x, b, y, c, z, g, o in zip(a0, x0, b0, y0, c0, z0, gammas, odd_products, strict=True)
    ]
    odd = [
        (a * xx + aa * x + b * yy + bb * y + c * zz + cc * z) % _Q
        for a, aa, x, xx, b, bb, y, yy, c, cc, z, zz in zip(
            a0, a1, x0, x1, b0, b1, y0, y1, c0, c1, z0, z1, strict=True
        )
    ]
    return even, odd


def _uniform(rho: bytes, first: int, second: int) -> Pair:
    """Algorithm 7: one matrix entry in the NTT domain by rejection from SHAKE128."""
    stream = shake_128(rho + bytes([first, second]))
    blocks = 3
    while True:
        even, odd = _unpack_12(stream.digest(blocks * _SAMPLE_BLOCK))
        candidates = [c for pair in zip(even, odd, strict=True) for c in pair if c < _Q]
        if len(candidates) >= 2 * _HALF:
            return candidates[0 : 2 * _HALF : 2], candidates[1 : 2 * _HALF : 2]
        blocks += 1


def _noise(coins: bytes, n: int) -> Pair:
    """Algorithm 8 with eta = 2: the centred binomial polynomial of PRF(coins, n), as halves."""
    table = _tables().noise
    data = shake_256(coins + bytes([n])).digest(_HALF)
    coefficients = [c for byte in data for c in table[byte]]
    return coefficients[:_HALF], coefficients[_HALF:]


def _add(a: list[int], b: list[int]) -> list[int]:
    return [x + y for x, y in zip(a, b, strict=True)]


def _unpack_12(data: bytes) -> Pair:
    """Algorithm 6 with d = 12: the coefficients at even and at odd places, not reduced."""
    first, second, third = data[0::3], data[1::3], data[2::3]
    even = [a | (b & 15) << 8 for a, b in zip(first, second, strict=True)]
    odd = [b >> 4 | c << 4 for b, c in zip(second, third, strict=True)]
    return even, odd


def _compress_10(coefficients: list[int]) -> bytes:
    """Compress 256 coefficients to 10 bits each and pack them, 320 bytes."""
    c = [((x % _Q << 10) + 1664) // _Q & 1023 for x in coefficients]
    packed = [
        (p | q << 10 | r << 20 | s << 30).to_bytes(5, "little")
        for p, q, r, s in zip(c[0::4], c[1::4], c[2::4], c[3::4], strict=True)
    ]
    return b"".join(packed)


def _compress_4(coefficients: list[int]) -> bytes:
    """Compress 256 coefficients to 4 bits each and pack them, 128 bytes."""
    c = [((x % _Q << 4) + 1664) // _Q & 15 for x in coefficients]
    return bytes(p | q << 4 for p, q in zip(c[0::2], c[1::2], strict=True))
