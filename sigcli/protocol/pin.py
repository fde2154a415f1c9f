"""Two keys derived from a PIN: one opens the enclave's store (SVR2), the other wraps the master key that is kept there.

Source: libsignal ``rust/account-keys/src/hash.rs``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import field
from itertools import pairwise

from sigcli.crypto.constant_time import equal
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.errors import InvalidMessage
from sigcli.lazy_dataclass import dataclass

KEY_LENGTH = 32
SALT_LENGTH = 32
WRAPPED_LENGTH = 48
MINIMUM_LENGTH = 4
_IV_LENGTH = 16
_MEMORY_KIB = 16 * 1024
_ITERATIONS = 32


@dataclass(frozen=True, slots=True)
class PinHash:
    """The two halves of a hashed PIN, 32 bytes each; only the access key leaves this machine."""

    encryption_key: bytes = field(repr=False)
    access_key: bytes = field(repr=False)

    def wrap(self, master_key: bytes) -> bytes:
        """The master key (32 bytes) in the form kept in the enclave: IV 16 || ciphertext 32."""
        assert len(master_key) == KEY_LENGTH
        iv = self._iv(master_key)
        return iv + self._mask(iv, master_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Reverse of ``wrap``; raises InvalidMessage."""
        if len(wrapped) != WRAPPED_LENGTH:
            raise InvalidMessage("a wrapped master key has 48 bytes")
        iv = wrapped[:_IV_LENGTH]
        master_key = self._mask(iv, wrapped[_IV_LENGTH:])
        if not equal(iv, self._iv(master_key)):
            raise InvalidMessage("the wrapped master key does not authenticate")
        return master_key

    def _iv(self, master_key: bytes) -> bytes:
        return hmac_sha256(hmac_sha256(self.encryption_key, b"auth"), master_key)[:_IV_LENGTH]

    def _mask(self, iv: bytes, data: bytes) -> bytes:
        stream = hmac_sha256(hmac_sha256(self.encryption_key, b"enc"), iv)
        return bytes(a ^ b for a, b in zip(stream, data, strict=True))


def normalize_pin(pin: str) -> bytes:
    """The form that is hashed: trimmed; if there are only digits, of any script, as 0 to 9; NFKD, UTF-8."""
    trimmed = pin.strip()
    if trimmed and all(unicodedata.category(letter) == "Nd" for letter in trimmed):
        trimmed = "".join(str(unicodedata.digit(letter)) for letter in trimmed)
    return unicodedata.normalize("NFKD", trimmed).encode()


def is_weak(pin: str) -> bool:
    """Whether the official clients would refuse the PIN: it is too short, or its digits are all equal or in
    sequence.
    """
    normal = normalize_pin(pin)
    if len(normal.decode()) < MINIMUM_LENGTH:
        return True
    steps = {after - before for before, after in pairwise(normal)}
    return normal.isdigit() and steps in ({0}, {1}, {-1})


def pin_salt(username: str, raft_group_id: int) -> bytes:
    """32 bytes from the user name of the enclave's login and the attested group of its replicas."""
    return hkdf_sha256(username.encode(), b"", SALT_LENGTH, raft_group_id.to_bytes(8, "big"))


def hash_pin(normalized_pin: bytes, salt: bytes) -> PinHash:
    """Argon2id (16 MiB, 32 passes) of a normalised PIN; the salt has 32 bytes. Takes about half a second."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    assert len(salt) == SALT_LENGTH
    derived = Argon2id(
        salt=salt,
        length=2 * KEY_LENGTH,
        iterations=_ITERATIONS,
        lanes=1,
        memory_cost=_MEMORY_KIB,
    ).derive(normalized_pin)
    return PinHash(derived[:KEY_LENGTH], derived[KEY_LENGTH:])
