"""XEdDSA signatures with X25519 keys, in the variant of libsignal.

Source: signal.org/docs/specifications/xeddsa, and libsignal ``rust/core/src/curve/curve25519.rs``
for the one difference: the sign of the Edwards public key is not forced to zero but travels in the
top bit of the signature. Private scalars only ever enter native code (libsodium); verification is
OpenSSL's Ed25519 after the public key was mapped to its Edwards form.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE_LENGTH = 64
_FIELD_PRIME = 2**255 - 19
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_LOW_255_BITS = 2**255 - 1
_NONCE_PREFIX = b"\xfe" + b"\xff" * 31
# Sender certificates and trust roots come back with every message; a conversion costs a modular
# inversion.
_CONVERTED_KEYS_KEPT = 256


def sign(private_key: bytes, message: bytes, random64: bytes) -> bytes:
    """Sign with a clamped X25519 private key (32 bytes) and 64 fresh random bytes; 64 bytes."""
    from nacl.bindings import (
        crypto_core_ed25519_scalar_add,
        crypto_core_ed25519_scalar_mul,
        crypto_core_ed25519_scalar_reduce,
        crypto_scalarmult_ed25519_base_noclamp,
    )

    public_point = crypto_scalarmult_ed25519_base_noclamp(private_key)
    nonce = crypto_core_ed25519_scalar_reduce(
        sha512(_NONCE_PREFIX + private_key + message + random64).digest()
    )
    commitment = crypto_scalarmult_ed25519_base_noclamp(nonce)
    challenge = crypto_core_ed25519_scalar_reduce(
        sha512(commitment + public_point + message).digest()
    )
    response = crypto_core_ed25519_scalar_add(
        crypto_core_ed25519_scalar_mul(challenge, private_key), nonce
    )
    last = (response[31] & 0x7F) | (public_point[31] & 0x80)
    return commitment + response[:31] + bytes([last])


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature over ``message`` is by this X25519 key (32 bytes); never raises."""
    from cryptography.exceptions import InvalidSignature

    if len(public_key) != 32 or len(signature) != SIGNATURE_LENGTH:
        return False
    last = signature[63]
    if last & 0x60:
        return False
    key = _edwards_key(public_key, last & 0x80)
    if key is None:
        return False
    response = int.from_bytes(signature[32:], "little") & _LOW_255_BITS
    if response >= _GROUP_ORDER:
        # The specification bounds the response by 2^253 only, Ed25519 by the group order.
        response -= _GROUP_ORDER
    try:
        key.verify(signature[:32] + response.to_bytes(32, "little"), message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=_CONVERTED_KEYS_KEPT)
def _edwards_key(montgomery: bytes, sign_bit: int) -> Ed25519PublicKey | None:
    """Map u to y = (u - 1) / (u + 1) with the given sign; None where no Edwards point exists."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    u = (int.from_bytes(montgomery, "little") & _LOW_255_BITS) % _FIELD_PRIME
    if u == _FIELD_PRIME - 1:
        return None
    y = (u - 1) * pow(u + 1, -1, _FIELD_PRIME) % _FIELD_PRIME
    encoded = y | (sign_bit << 248)
    try:
        return Ed25519PublicKey.from_public_bytes(encoded.to_bytes(32, "little"))
    except ValueError:
        return None
