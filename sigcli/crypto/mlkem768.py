"""Incremental ML-KEM-768 (FIPS 203), as the post-quantum ratchet needs it.

The encapsulation key travels in two parts: a header rho || SHA3-256(ek) of 64 bytes and the vector
t of 1,152. The first part of the ciphertext (960 bytes, compressed u) and the shared secret need
only the header, the second part (128 bytes, compressed v) needs t. Key generation and decapsulation
are ordinary ML-KEM and native, but for keys from other clients (``mlkem_expanded``); the two halves of encapsulation
are computed here. They touch one-time values only, never a long-term key; Python's integers take no constant time.

Source: FIPS 203 sections 4 to 6; the split as in github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

import struct
from dataclasses import field
from hashlib import sha3_256, sha3_512
from typing import Any

from sigcli.crypto import mlkem_expanded
from sigcli.crypto.mlkem_polynomials import (
    HALF,
    Pair,
    Q,
    add,
    gammas,
    inverse_ntt,
    noise,
    ntt,
    uniform,
    unpack_12,
)
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.lazy_dataclass import dataclass

SEED_LENGTH = 64
HEADER_LENGTH = 64
VECTOR_LENGTH = 1152
CIPHERTEXT1_LENGTH = 960
CIPHERTEXT2_LENGTH = 128
SHARED_SECRET_LENGTH = 32
ENCAPSULATION_STATE_LENGTH = 64
EXPANDED_LENGTH = 2400
FOREIGN_STATE_LENGTH = 2080

_RANK = 3
_RHO_LENGTH = 32


@dataclass(frozen=True, slots=True)
class IncrementalKeys:
    """A new key pair: header (64 bytes), vector t (1,152) and the seed d || z (64)."""

    header: bytes
    vector: bytes
    seed: bytes = field(repr=False)


def generate(random: RandomSource = secure_random) -> IncrementalKeys:
    """A new key pair from 64 random bytes."""
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
    y = [ntt(noise(coins, n)) for n in range(_RANK)]
    rho = header[:_RHO_LENGTH]
    parts = []
    for column in range(_RANK):
        # The transposed matrix: row index and column index change places in the sampling.
        matrix = [uniform(rho, column, row) for row in range(_RANK)]
        u = inverse_ntt(_inner_product(matrix, y))
        low, high = noise(coins, _RANK + column)
        parts.append(_compress_10(add(u[0], low) + add(u[1], high)))
    return coins + message, b"".join(parts), shared


def encaps2(state: bytes, vector: bytes) -> bytes:
    """Finish with the vector t (1,152 bytes): ct2, 128 bytes; InvalidMessage for other lengths."""
    if len(state) != ENCAPSULATION_STATE_LENGTH or len(vector) != VECTOR_LENGTH:
        raise InvalidMessage("the encapsulation key's vector has 1,152 bytes")
    coins, message = state[:32], state[32:]
    y = [ntt(noise(coins, n)) for n in range(_RANK)]
    t = [unpack_12(vector[384 * row : 384 * (row + 1)]) for row in range(_RANK)]
    v = inverse_ntt(_inner_product(t, y))
    low, high = noise(coins, 2 * _RANK)
    bits = int.from_bytes(message, "little")
    message_coefficients = [1665 if bits >> i & 1 else 0 for i in range(2 * HALF)]
    noisy = add(add(v[0], low) + add(v[1], high), message_coefficients)
    return _compress_4(noisy)


def decaps(key: bytes, ct1: bytes, ct2: bytes) -> bytes:
    """The shared secret (32 bytes) from a seed, or from another client's expanded key (2,400).

    Raises InvalidMessage for wrong lengths. A forged ciphertext gives an unrelated secret, not an error.
    """
    if len(ct1) != CIPHERTEXT1_LENGTH or len(ct2) != CIPHERTEXT2_LENGTH:
        raise InvalidMessage("an ML-KEM-768 ciphertext has 960 + 128 bytes")
    if len(key) == EXPANDED_LENGTH:
        return mlkem_expanded.decapsulate(key, ct1 + ct2, mlkem_expanded.ML_KEM_768)
    secret: bytes = _load(key).decapsulate(ct1 + ct2)
    return secret


def vector_of(key: bytes) -> bytes:
    """The vector t (1,152 bytes) of a private key in either form; raises InvalidKey."""
    if len(key) == EXPANDED_LENGTH:
        return mlkem_expanded.public_key_in(key, mlkem_expanded.ML_KEM_768)[:VECTOR_LENGTH]
    return from_seed(key).vector


def finish_foreign(state: bytes, vector: bytes) -> bytes:
    """Like :func:`encaps2`, with libsignal's encapsulation state (2,080 bytes) instead of ours.

    It is y in the NTT domain and the error of v, each coefficient as an int16, and the message. Raises InvalidMessage.
    Source: ``EncapsState`` of github.com/cryspen/libcrux, ``libcrux-ml-kem``.
    """
    if len(state) != FOREIGN_STATE_LENGTH or len(vector) != VECTOR_LENGTH:
        raise InvalidMessage("the state of an encapsulation has 2,080 bytes")
    values = _foreign_coefficients(state[:-32])
    size = 2 * HALF
    y = [(values[at : at + size : 2], values[at + 1 : at + size : 2]) for at in (0, size, 2 * size)]
    return mlkem_expanded.second_part(y, values[_RANK * size :], state[-32:], vector, 4)


def _foreign_coefficients(data: bytes) -> list[int]:
    """All coefficients. Some releases on some machines wrote them in the other byte order: the errors are -2 to 2."""
    for order in "<>":
        values = list(struct.unpack(f"{order}{len(data) // 2}h", data))
        if all(-2 <= error <= 2 for error in values[2 * _RANK * HALF :]):
            return values
    raise InvalidMessage("the state of an encapsulation is damaged")


def ek_matches_header(header: bytes, vector: bytes) -> bool:
    """Whether t is canonically encoded and has, with the header's rho, the header's hash."""
    if len(header) != HEADER_LENGTH or len(vector) != VECTOR_LENGTH:
        return False
    if sha3_256(vector + header[:_RHO_LENGTH]).digest() != header[_RHO_LENGTH:]:
        return False
    even, odd = unpack_12(vector)
    return max(even) < Q and max(odd) < Q


def _load(seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

    if len(seed) != SEED_LENGTH:
        raise InvalidKey("an ML-KEM seed has 64 bytes")
    return MLKEM768PrivateKey.from_seed_bytes(seed)


def _inner_product(left: list[Pair], right: list[Pair]) -> Pair:
    """The sum of the products of three pairs of polynomials in the NTT domain (algorithm 11)."""
    factors = gammas()
    (a0, a1), (b0, b1), (c0, c1) = left
    (x0, x1), (y0, y1), (z0, z1) = right
    odd_products = [
        (a * x + b * y + c * z) % Q for a, x, b, y, c, z in zip(a1, x1, b1, y1, c1, z1, strict=True)
    ]
    even = [
        (a * x + b * y + c * z + g * o) % Q
        for a, x, b, y, c, z, g, o in zip(
            a0, x0, b0, y0, c0, z0, factors, odd_products, strict=True
        )
    ]
    odd = [
        (a * xx + aa * x + b * yy + bb * y + c * zz + cc * z) % Q
        for a, aa, x, xx, b, bb, y, yy, c, cc, z, zz in zip(
            a0, a1, x0, x1, b0, b1, y0, y1, c0, c1, z0, z1, strict=True
        )
    ]
    return even, odd


def _compress_10(coefficients: list[int]) -> bytes:
    """Compress 256 coefficients to 10 bits each and pack them, 320 bytes."""
    c = [((x % Q << 10) + 1664) // Q & 1023 for x in coefficients]
    packed = [
        (p | q << 10 | r << 20 | s << 30).to_bytes(5, "little")
        for p, q, r, s in zip(c[0::4], c[1::4], c[2::4], c[3::4], strict=True)
    ]
    return b"".join(packed)


def _compress_4(coefficients: list[int]) -> bytes:
    """Compress 256 coefficients to 4 bits each and pack them, 128 bytes."""
    c = [((x % Q << 4) + 1664) // Q & 15 for x in coefficients]
    return bytes(p | q << 4 for p, q in zip(c[0::2], c[1::2], strict=True))
