"""X25519 of ``cryptography``, called directly.

The public classes load RSA, EC and more before their first use, which costs a one-shot command five milliseconds; the
functions beneath them are called instead.
"""

from __future__ import annotations

from typing import Any


def private_key(raw: bytes) -> Any:
    """A native private key from 32 bytes, as from ``X25519PrivateKey.from_private_bytes``."""
    return _functions()[0](raw)


def public_key(raw: bytes) -> Any:
    """A native public key from 32 bytes, as from ``X25519PublicKey.from_public_bytes``."""
    return _functions()[1](raw)


_found: tuple[Any, Any] | None = None


def _functions() -> tuple[Any, Any]:
    global _found
    if _found is None:
        try:
            from cryptography.hazmat.bindings._rust import openssl

            native = openssl.x25519
            _found = native.from_private_bytes, native.from_public_bytes
        except (ImportError, AttributeError):
            from cryptography.hazmat.primitives.asymmetric import x25519

            _found = (
                x25519.X25519PrivateKey.from_private_bytes,
                x25519.X25519PublicKey.from_public_bytes,
            )
    return _found
