"""The account entropy pool and every key that is derived from it.

Source: libsignal ``rust/account-keys/src/{lib,backup}.rs``. The pool (users see it as their recovery
key) gives the master key, which SVR protects by the PIN; from that come the storage key,
registration lock and recovery password.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NewType

from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidAccountEntropyPool
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    pass

MasterKey = NewType("MasterKey", bytes)
StorageKey = NewType("StorageKey", bytes)

POOL_LENGTH = 64
KEY_LENGTH = 32
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
# Bytes from here on would make some letters more likely.
_UNBIASED_BYTES = 256 - 256 % len(_ALPHABET)


@dataclass(frozen=True, slots=True)
class AccountEntropyPool:
    """64 letters and digits from which the secrets of an account are derived."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) != POOL_LENGTH or not set(self.text) <= set(_ALPHABET):
            raise InvalidAccountEntropyPool

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> AccountEntropyPool:
        """A new pool, every letter equally likely."""
        letters = ""
        while len(letters) < POOL_LENGTH:
            letters += "".join(
                _ALPHABET[byte % len(_ALPHABET)]
                for byte in random(POOL_LENGTH)
                if byte < _UNBIASED_BYTES
            )
        return cls(letters[:POOL_LENGTH])

    @classmethod
    def parse(cls, text: str) -> AccountEntropyPool:
        """Read a recovery key as people write it: in groups, in upper case.

        Raises InvalidAccountEntropyPool.
        """
        return cls("".join(text.split()).replace("-", "").lower())

    def master_key(self) -> MasterKey:
        """32 bytes, also called the SVR key."""
        return MasterKey(self._derive(b"20240801_SIGNAL_SVR_MASTER_KEY"))

    def _derive(self, info: bytes) -> bytes:
        return hkdf_sha256(self.text.encode(), info, KEY_LENGTH)


def storage_key(master_key: MasterKey) -> StorageKey:
    """32 bytes: the root of the storage service's keys."""
    return StorageKey(hmac_sha256(master_key, b"Storage Service Encryption"))


def registration_lock(master_key: MasterKey) -> str:
    """64 hexadecimal digits, in the form of the account attributes."""
    return hmac_sha256(master_key, b"Registration Lock").hex()


def recovery_password(master_key: MasterKey) -> bytes:
    """32 bytes: proves ownership of the account when registering again without a code."""
    return hmac_sha256(master_key, b"Registration Recovery")
