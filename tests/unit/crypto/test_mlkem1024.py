"""The expanded private key, against what the seed says of it."""

from __future__ import annotations

from hashlib import sha3_256

from sigcli.crypto.kem import KyberKeyPair
from sigcli.crypto.mlkem1024 import EXPANDED_LENGTH
from sigcli.crypto.mlkem_polynomials import HALF, Q, noise, ntt, pack_12, unpack_12

SEED = bytes(range(64))


def test_the_parts_of_an_expanded_key() -> None:
    pair = KyberKeyPair.from_seed(SEED)
    expanded = pair.expanded()
    assert (len(expanded), expanded[0]) == (1 + EXPANDED_LENGTH, 0x08)
    public = pair.public_key.raw
    assert expanded[1 + 1536 :] == public + sha3_256(public).digest() + SEED[32:]


def test_packing_is_undone_by_unpacking() -> None:
    polynomial = ntt(noise(SEED[:32], 0))
    even, odd = unpack_12(pack_12(polynomial))
    assert (len(even), len(odd)) == (HALF, HALF)
    assert [c % Q for c in polynomial[0]] == even
    assert [c % Q for c in polynomial[1]] == odd
