"""Unidentified access keys: derived from a profile key, they allow sealed sender messages to its owner.

Source: libsignal ``rust/zkgroup/src/api/profiles/profile_key.rs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

from sigcli.crypto.ciphers import ecb_block
from sigcli.crypto.constant_time import equal
from sigcli.crypto.kdf import hmac_sha256
from sigcli.errors import InvalidKey

if TYPE_CHECKING:
    pass

AccessKey = NewType("AccessKey", bytes)
ACCESS_KEY_LENGTH = 16
PROFILE_KEY_LENGTH = 32
UNRESTRICTED_ACCESS_KEY = AccessKey(bytes(ACCESS_KEY_LENGTH))
"""The key to send to an account that accepts sealed messages from everyone."""
_COUNTER_BLOCK = bytes(15) + b"\x02"
_VERIFIED_TEXT = bytes(32)


def derive_access_key(profile_key: bytes) -> AccessKey:
    """16 bytes from a profile key (32 bytes); InvalidKey for another length."""
    if len(profile_key) != PROFILE_KEY_LENGTH:
        raise InvalidKey("a profile key has 32 bytes")
    return AccessKey(ecb_block(profile_key, _COUNTER_BLOCK))


def access_key_verifier(access_key: AccessKey) -> bytes:
    """32 bytes: the checksum in a profile that tells whether a stored profile key is right."""
    return hmac_sha256(access_key, _VERIFIED_TEXT)


def verifies_access_key(access_key: AccessKey, verifier: bytes) -> bool:
    """Whether the checksum in a profile belongs to this access key."""
    return equal(access_key_verifier(access_key), verifier)
