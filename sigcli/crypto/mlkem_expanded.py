"""ML-KEM decapsulation with an expanded private key, which some programs store instead of its seed.

The native library accepts only seeds, and an expanded key does not reveal its seed. Arithmetic on Python's integers is
not constant-time: this is for keys imported from another client, each of which is used for a few messages until it is
replaced. Source: FIPS 203 algorithms 15 and 18.
"""

from __future__ import annotations

from hashlib import sha3_256, sha3_512, shake_256
from typing import NamedTuple

from sigcli.crypto.constant_time import equal
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
from sigcli.errors import InvalidKey, InvalidMessage

_POLYNOMIAL_LENGTH = 384
_COEFFICIENTS = 2 * HALF
_HALF_OF_Q = 1665


class Parameters(NamedTuple):
    """The rank, and how many bits a coefficient of u and of v keeps."""

    rank: int
    u_bits: int
    v_bits: int

    @property
    def vector_length(self) -> int:
        return _POLYNOMIAL_LENGTH * self.rank

    @property
    def public_length(self) -> int:
        return self.vector_length + 32

    @property
    def private_length(self) -> int:
        return self.vector_length + self.public_length + 64

    @property
    def ciphertext_length(self) -> int:
        return _COEFFICIENTS // 8 * (self.u_bits * self.rank + self.v_bits)


ML_KEM_768 = Parameters(3, 10, 4)
ML_KEM_1024 = Parameters(4, 11, 5)


def public_key_in(private_key: bytes, parameters: Parameters) -> bytes:
    """The encapsulation key that an expanded private key contains; raises InvalidKey for anything else."""
    if len(private_key) != parameters.private_length:
        raise InvalidKey("the expanded ML-KEM key has the wrong length")
    start = parameters.vector_length
    public_key = private_key[start : start + parameters.public_length]
    if sha3_256(public_key).digest() != private_key[-64:-32]:
        raise InvalidKey("the two halves of an expanded ML-KEM key do not belong together")
    return public_key


def decapsulate(private_key: bytes, ciphertext: bytes, parameters: Parameters) -> bytes:
    """The shared secret (32 bytes); raises InvalidKey, and InvalidMessage for a ciphertext of another length.

    A forged ciphertext gives an unrelated secret, not an error.
    """
    if len(ciphertext) != parameters.ciphertext_length:
        raise InvalidMessage("the ML-KEM ciphertext has the wrong length")
    public_key = public_key_in(private_key, parameters)
    key_hash, rejection = private_key[-64:-32], private_key[-32:]
    message = _decrypt(private_key, ciphertext, parameters)
    derived = sha3_512(message + key_hash).digest()
    secret, coins = derived[:32], derived[32:]
    if equal(_encrypt(public_key, message, coins, parameters), ciphertext):
        return secret
    return shake_256(rejection + ciphertext).digest(32)


def second_part(
    y: list[Pair], error: list[int], message: bytes, vector: bytes, v_bits: int
) -> bytes:
    """The part v of a ciphertext, from the ephemeral vector y (in the NTT domain), the last error, and the vector t."""
    t = [_polynomial(vector, row) for row in range(len(y))]
    low, high = inverse_ntt(_inner_product(t, y))
    bits = int.from_bytes(message, "little")
    summands = [_HALF_OF_Q if bits >> i & 1 else 0 for i in range(_COEFFICIENTS)]
    return _compress(add(add(low + high, error), summands), v_bits)


def _decrypt(private_key: bytes, ciphertext: bytes, parameters: Parameters) -> bytes:
    rank, u_bits, v_bits = parameters
    length = _COEFFICIENTS // 8 * u_bits
    u = [_decompress(ciphertext[length * row : length * (row + 1)], u_bits) for row in range(rank)]
    v = _decompress(ciphertext[length * rank :], v_bits)
    secret = [_polynomial(private_key, row) for row in range(rank)]
    low, high = inverse_ntt(_inner_product(secret, [ntt((one[:HALF], one[HALF:])) for one in u]))
    bits = 0
    for place, (noisy, mask) in enumerate(zip(v, low + high, strict=True)):
        bits |= ((2 * ((noisy - mask) % Q) + Q // 2) // Q & 1) << place
    return bits.to_bytes(32, "little")


def _encrypt(public_key: bytes, message: bytes, coins: bytes, parameters: Parameters) -> bytes:
    rank, u_bits, v_bits = parameters
    vector, rho = public_key[:-32], public_key[-32:]
    y = [ntt(noise(coins, n)) for n in range(rank)]
    parts = []
    for column in range(rank):
        low, high = inverse_ntt(
            _inner_product([uniform(rho, column, row) for row in range(rank)], y)
        )
        first, second = noise(coins, rank + column)
        parts.append(_compress(add(low + high, first + second), u_bits))
    first, second = noise(coins, 2 * rank)
    return b"".join(parts) + second_part(y, first + second, message, vector, v_bits)


def _polynomial(data: bytes, row: int) -> Pair:
    return unpack_12(data[_POLYNOMIAL_LENGTH * row : _POLYNOMIAL_LENGTH * (row + 1)])


def _inner_product(left: list[Pair], right: list[Pair]) -> Pair:
    """The sum of the products of pairs of polynomials in the NTT domain (FIPS 203 algorithm 11)."""
    even, odd, products = [0] * HALF, [0] * HALF, [0] * HALF
    for (a0, a1), (b0, b1) in zip(left, right, strict=True):
        even = [e + x * y for e, x, y in zip(even, a0, b0, strict=True)]
        products = [p + x * y for p, x, y in zip(products, a1, b1, strict=True)]
        odd = [o + x * yy + xx * y for o, x, xx, y, yy in zip(odd, a0, a1, b0, b1, strict=True)]
    return (
        [(e + g * (p % Q)) % Q for e, g, p in zip(even, gammas(), products, strict=True)],
        [o % Q for o in odd],
    )


def _compress(coefficients: list[int], bits: int) -> bytes:
    """FIPS 203 section 4.2.1: this many bits of each coefficient, packed."""
    mask = (1 << bits) - 1
    packed = 0
    for place, value in enumerate(coefficients):
        packed |= (((value % Q << bits) + Q // 2) // Q & mask) << bits * place
    return packed.to_bytes(_COEFFICIENTS // 8 * bits, "little")


def _decompress(data: bytes, bits: int) -> list[int]:
    packed, mask = int.from_bytes(data, "little"), (1 << bits) - 1
    half = 1 << (bits - 1)
    return [(Q * (packed >> bits * place & mask) + half) >> bits for place in range(_COEFFICIENTS)]
