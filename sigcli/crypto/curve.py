"""X25519 keys in the Signal Protocol's form: a type byte 0x05 and 32 bytes.

Format: libsignal ``rust/core/src/curve.rs``.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import Any

from sigcli.crypto import x25519, xeddsa
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey
from sigcli.lazy_dataclass import dataclass

KEY_TYPE = 0x05
RAW_LENGTH = 32
SERIALIZED_LENGTH = 33
SIGNATURE_LENGTH = xeddsa.SIGNATURE_LENGTH
_TYPE_BYTE = bytes([KEY_TYPE])


@dataclass(frozen=True, slots=True, order=True)
class PublicKey:
    """The u coordinate of an X25519 public key, 32 bytes without the type byte."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != RAW_LENGTH:
            raise InvalidKey("a public key has 32 bytes")

    @classmethod
    def deserialize(cls, data: bytes) -> PublicKey:
        """Read the 33-byte form; raises InvalidKey."""
        if len(data) != SERIALIZED_LENGTH or data[0] != KEY_TYPE:
            raise InvalidKey("a public key has 33 bytes and begins with 0x05")
        return _of_raw(bytes(data[1:]))

    def serialize(self) -> bytes:
        """33 bytes, type byte 0x05 first."""
        return _TYPE_BYTE + self.raw

    def verify(self, signature: bytes, *parts: bytes) -> bool:
        """Whether ``signature`` (64 bytes) is this key's XEdDSA over the concatenated parts."""
        return xeddsa.verify(self.raw, b"".join(parts), signature)


@lru_cache(256)
def _of_raw(raw: bytes) -> PublicKey:
    """A cached key: a conversation uses the same keys again and again."""
    return PublicKey(raw)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An X25519 private key, 32 bytes, clamped on input as in libsignal."""

    raw: bytes = field(repr=False)
    # OpenSSL computes the public half while loading: the handle is kept for the next use.
    _native: Any = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != RAW_LENGTH:
            raise InvalidKey("a private key has 32 bytes")
        object.__setattr__(self, "raw", _clamp(self.raw))

    def __getstate__(self) -> bytes:
        return self.raw

    def __setstate__(self, state: bytes) -> None:
        object.__setattr__(self, "raw", state)
        object.__setattr__(self, "_native", None)

    @classmethod
    def deserialize(cls, data: bytes) -> PrivateKey:
        """Read 32 bytes; raises InvalidKey."""
        return cls(bytes(data))

    def serialize(self) -> bytes:
        """The 32 clamped bytes."""
        return self.raw

    def public_key(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._handle().public_key().public_bytes_raw())

    def agree(self, public_key: PublicKey) -> bytes:
        """X25519 with the other's key, 32 bytes; InvalidKey if the result is all zero."""
        try:
            shared: bytes = self._handle().exchange(x25519.public_key(public_key.raw))
        except ValueError:
            raise InvalidKey("the public key is a point of small order") from None
        return shared

    def sign(self, *parts: bytes, random: RandomSource = secure_random) -> bytes:
        """XEdDSA signature over the concatenated parts, 64 bytes."""
        return xeddsa.sign(self.raw, b"".join(parts), random(64))

    def _handle(self) -> Any:
        if self._native is None:
            object.__setattr__(self, "_native", x25519.private_key(self.raw))
        return self._native


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its public half."""

    private_key: PrivateKey
    public_key: PublicKey

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> KeyPair:
        """A fresh key pair from 32 random bytes."""
        return cls.from_private(random(RAW_LENGTH))

    @classmethod
    def from_private(cls, raw: bytes) -> KeyPair:
        """The key pair of a stored private key (32 bytes); raises InvalidKey."""
        private_key = PrivateKey(raw)
        return cls(private_key, private_key.public_key())


def _clamp(raw: bytes) -> bytes:
    first, last = raw[0] & 0xF8, (raw[31] & 0x7F) | 0x40
    if first == raw[0] and last == raw[31]:
        return bytes(raw)
    return bytes([first]) + bytes(raw[1:31]) + bytes([last])
