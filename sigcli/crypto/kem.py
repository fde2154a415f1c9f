"""Kyber1024 as the Signal Protocol uses it: the bytes of ML-KEM-1024 behind a type byte 0x08.

The native library speaks FIPS 203. Its keys and ciphertexts have the same form as round-3 Kyber's;
for an honest ciphertext the round-3 shared secret is SHAKE256(K || SHA3-256(ciphertext), 32) of the
FIPS 203 secret K. For a forged one both sides hold unrelated secrets, as they should. The private
key is kept as its 64-byte seed, those of another client as they were. Format: libsignal ``rust/protocol/src/kem.rs``.
"""

from __future__ import annotations

from dataclasses import field
from hashlib import sha3_256, shake_256
from typing import Any

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.lazy_dataclass import dataclass

KEY_TYPE = 0x08
RAW_LENGTH = 1568
SERIALIZED_LENGTH = 1569
SEED_LENGTH = 64
SHARED_SECRET_LENGTH = 32
_TYPE_BYTE = bytes([KEY_TYPE])


@dataclass(frozen=True, slots=True)
class KyberPublicKey:
    """An encapsulation key, 1568 bytes without the type byte."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != RAW_LENGTH:
            raise InvalidKey("a Kyber public key has 1568 bytes")

    @classmethod
    def deserialize(cls, data: bytes) -> KyberPublicKey:
        """Read the 1569-byte form; raises InvalidKey."""
        if len(data) != SERIALIZED_LENGTH or data[0] != KEY_TYPE:
            raise InvalidKey("a Kyber public key has 1569 bytes and begins with 0x08")
        return cls(bytes(data[1:]))

    def serialize(self) -> bytes:
        """1569 bytes, type byte 0x08 first."""
        return _TYPE_BYTE + self.raw

    def encapsulate(self) -> tuple[bytes, bytes]:
        """A new shared secret (32 bytes) and its ciphertext (1569); raises InvalidKey if this is not a valid key.

        The randomness is the native library's own: it accepts none from outside.
        """
        from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PublicKey

        try:
            secret, ciphertext = MLKEM1024PublicKey.from_public_bytes(self.raw).encapsulate()
        except ValueError:
            raise InvalidKey("the Kyber public key is not canonical") from None
        return _round3_secret(secret, ciphertext), _TYPE_BYTE + ciphertext


@dataclass(frozen=True, slots=True)
class KyberKeyPair:
    """A decapsulation key with its public key.

    ``seed``: d || z (64 bytes); for a key that another client has made, the expanded key (3,168 bytes) instead.
    """

    seed: bytes = field(repr=False)
    public_key: KyberPublicKey
    _native: Any = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> tuple[bytes, KyberPublicKey]:
        return self.seed, self.public_key

    def __setstate__(self, state: tuple[bytes, KyberPublicKey]) -> None:
        for name, value in zip(("seed", "public_key", "_native"), (*state, None), strict=True):
            object.__setattr__(self, name, value)

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> KyberKeyPair:
        """A new key pair from 64 random bytes."""
        return cls.from_seed(random(SEED_LENGTH))

    @classmethod
    def from_seed(cls, seed: bytes) -> KyberKeyPair:
        """The key pair of a stored seed (64 bytes); raises InvalidKey."""
        native = _load(seed)
        return cls(bytes(seed), KyberPublicKey(native.public_key().public_bytes_raw()), native)

    @classmethod
    def from_private(cls, stored: bytes) -> KyberKeyPair:
        """The key pair of a stored seed, or of an expanded key (3,169 bytes, 0x08 first); raises InvalidKey."""
        if len(stored) == SEED_LENGTH:
            return cls.from_seed(stored)
        from sigcli.crypto.mlkem_expanded import ML_KEM_1024, public_key_in

        if stored[:1] != _TYPE_BYTE:
            raise InvalidKey("a Kyber private key begins with 0x08")
        expanded = bytes(stored[1:])
        return cls(expanded, KyberPublicKey(public_key_in(expanded, ML_KEM_1024)))

    @property
    def is_expanded(self) -> bool:
        """Whether only the expanded key is known, not the seed."""
        return len(self.seed) != SEED_LENGTH

    def private_bytes(self) -> bytes:
        """The form that ``from_private`` reads."""
        return _TYPE_BYTE + self.seed if self.is_expanded else self.seed

    def expanded(self) -> bytes:
        """The private key as libsignal stores it: 3,169 bytes, type byte 0x08 first."""
        if self.is_expanded:
            return self.private_bytes()
        from sigcli.crypto.mlkem1024 import expand_private_key

        return _TYPE_BYTE + expand_private_key(self.seed, self.public_key.raw)

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The shared secret (32 bytes) of a 1569-byte ciphertext; InvalidMessage on length or type.

        A forged ciphertext gives an unrelated secret, not an error.
        """
        if len(ciphertext) != SERIALIZED_LENGTH or ciphertext[0] != KEY_TYPE:
            raise InvalidMessage("a Kyber ciphertext has 1569 bytes and begins with 0x08")
        raw = bytes(ciphertext[1:])
        if self.is_expanded:
            from sigcli.crypto.mlkem_expanded import ML_KEM_1024, decapsulate

            return _round3_secret(decapsulate(self.seed, raw, ML_KEM_1024), raw)
        native = self._native or _load(self.seed)
        return _round3_secret(native.decapsulate(raw), raw)


def _load(seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey

    if len(seed) != SEED_LENGTH:
        raise InvalidKey("a Kyber seed has 64 bytes")
    return MLKEM1024PrivateKey.from_seed_bytes(bytes(seed))


def _round3_secret(secret: bytes, ciphertext: bytes) -> bytes:
    return shake_256(secret + sha3_256(ciphertext).digest()).digest(SHARED_SECRET_LENGTH)
