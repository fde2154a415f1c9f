"""The expanded private key of ML-KEM-1024, for programs that store it in this form instead of as its seed.

It is computed in Python when a key is made and passed to another device; everything else about these keys is native
(``kem``). Source: FIPS 203 algorithms 13 and 16.
"""

from __future__ import annotations

from hashlib import sha3_256, sha3_512

from sigcli.crypto.mlkem_polynomials import noise, ntt, pack_12

EXPANDED_LENGTH = 3168
_RANK = 4


def expand_private_key(seed: bytes, public_key: bytes) -> bytes:
    """The decapsulation key (3,168 bytes) of a seed d || z (64) and its encapsulation key (1,568)."""
    d, z = seed[:32], seed[32:]
    sigma = sha3_512(d + bytes([_RANK])).digest()[32:]
    secret = b"".join(pack_12(ntt(noise(sigma, n))) for n in range(_RANK))
    return secret + public_key + sha3_256(public_key).digest() + z
