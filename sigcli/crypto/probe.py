"""Which native primitives the installed libraries really have.

Builds of ``cryptography`` against an older OpenSSL lack ML-KEM (3.5), AES-GCM-SIV and Argon2id (3.2); minimal builds of
libsodium lack edwards25519 arithmetic.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from sigcli.errors import MissingPrimitive


def missing_primitives() -> list[str]:
    """Names of the primitives this installation lacks; empty when all is well."""
    missing = []
    if not _has_ml_kem():
        missing.append("ML-KEM-768 and ML-KEM-1024 (cryptography with OpenSSL 3.5)")
    if not _has_gcm_siv():
        missing.append("AES-256-GCM-SIV (cryptography with OpenSSL 3.2)")
    if not _has_argon2id():
        missing.append("Argon2id (cryptography with OpenSSL 3.2)")
    if not _has_edwards25519():
        missing.append("edwards25519 arithmetic (PyNaCl with a full libsodium)")
    return missing


def require_primitives() -> None:
    """Raise MissingPrimitive that names everything missing."""
    missing = missing_primitives()
    if missing:
        raise MissingPrimitive("this installation lacks " + "; ".join(missing))


def _has_ml_kem() -> bool:
    if "cryptography" not in sys.modules and find_spec("cryptography") is None:
        return False
    try:
        from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

        MLKEM768PrivateKey.from_seed_bytes(bytes(64))
    except Exception:  # whatever an unsuitable build raises, the answer is no
        return False
    return True


def _has_gcm_siv() -> bool:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

        AESGCMSIV(bytes(32))
    except Exception:  # whatever an unsuitable build raises, the answer is no
        return False
    return True


def _has_argon2id() -> bool:
    try:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        Argon2id(salt=bytes(16), length=32, iterations=1, lanes=1, memory_cost=8)
    except Exception:  # whatever an unsuitable build raises, the answer is no
        return False
    return True


def _has_edwards25519() -> bool:
    try:
        from nacl.bindings import has_crypto_core_ed25519, has_crypto_scalarmult_ed25519
    except Exception:  # whatever an unsuitable build raises, the answer is no
        return False
    return bool(has_crypto_core_ed25519 and has_crypto_scalarmult_ed25519)
