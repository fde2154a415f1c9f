"""Noise handshakes with an enclave: NK, and NKhfs, which adds a key exchange that quantum computers cannot break.

The initiator knows the responder's static key and stays anonymous::

    -> e, es[, e1]        <- e, ee[, ekem1]

Specification: noiseprotocol.org revision 34 and its extension for hybrid forward secrecy. The KEM of NKhfs is
ML-KEM-1024 as FIPS 203 has it (libsignal, ``rust/attest/src/snow_resolver.rs``), although the name says Kyber.
"""

from __future__ import annotations

import enum
from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import chacha20poly1305_decrypt, chacha20poly1305_encrypt
from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.crypto.kdf import hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey

KEY_LENGTH = 32
KEM_LENGTH = 1568
"""The length of a public key and also of a ciphertext."""
KEM_SEED_LENGTH = 64
TAG_LENGTH = 16
MAX_PACKET = 65535
MAX_PACKET_PLAINTEXT = MAX_PACKET - TAG_LENGTH
_HASH_LENGTH = 32


class NoisePattern(enum.Enum):
    """The full protocol names."""

    NK = "Noise_NK_25519_ChaChaPoly_SHA256"
    NK_HYBRID = "Noise_NKhfs_25519+Kyber1024_ChaChaPoly_SHA256"


class _Cipher:
    """A key with its counting nonce."""

    __slots__ = ("_key", "_nonce")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._nonce = 0

    def encrypt(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        ciphertext = chacha20poly1305_encrypt(self._key, self._iv(), plaintext, associated)
        self._nonce += 1
        return ciphertext

    def decrypt(self, ciphertext: bytes, associated: bytes = b"") -> bytes:
        # The nonce advances only if the packet was authentic.
        plaintext = chacha20poly1305_decrypt(self._key, self._iv(), ciphertext, associated)
        self._nonce += 1
        return plaintext

    def _iv(self) -> bytes:
        return bytes(4) + self._nonce.to_bytes(8, "little")


class _Symmetric:
    """The specification's symmetric state: chaining key, running hash, and a cipher once there is a secret."""

    __slots__ = ("_chaining_key", "_cipher", "hash")

    def __init__(self, name: bytes) -> None:
        fits = len(name) <= _HASH_LENGTH
        self.hash = name.ljust(_HASH_LENGTH, b"\0") if fits else sha256(name).digest()
        self._chaining_key = self.hash
        self._cipher: _Cipher | None = None

    def mix_hash(self, data: bytes) -> None:
        self.hash = sha256(self.hash + data).digest()

    def mix_key(self, secret: bytes) -> None:
        self._chaining_key, key = _derive_two(self._chaining_key, secret)
        self._cipher = _Cipher(key)

    def encrypt(self, plaintext: bytes) -> bytes:
        assert self._cipher is not None
        ciphertext = self._cipher.encrypt(plaintext, self.hash)
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt(self, ciphertext: bytes) -> bytes:
        assert self._cipher is not None
        plaintext = self._cipher.decrypt(ciphertext, self.hash)
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[bytes, bytes]:
        return _derive_two(self._chaining_key, b"")


class NoiseTransport:
    """An established channel: messages of any length, cut into packets of at most 65,535 bytes."""

    def __init__(self, send_key: bytes, receive_key: bytes, handshake_hash: bytes) -> None:
        self.handshake_hash = handshake_hash
        """32 bytes that both sides share and neither can choose."""
        self._send = _Cipher(send_key)
        self._receive = _Cipher(receive_key)

    def encrypt(self, message: bytes) -> bytes:
        """The packets of one message, one after the other; an empty message has none."""
        return b"".join(
            self._send.encrypt(message[start : start + MAX_PACKET_PLAINTEXT])
            for start in range(0, len(message), MAX_PACKET_PLAINTEXT)
        )

    def decrypt(self, packets: bytes) -> bytes:
        """The message in these packets; raises InvalidMessage, after which the channel is unusable."""
        return b"".join(
            self._receive.decrypt(packets[start : start + MAX_PACKET])
            for start in range(0, len(packets), MAX_PACKET)
        )


class NoiseInitiator:
    """The client's side: ``write`` once, ``read`` the answer once, then ``transport``."""

    def __init__(
        self,
        pattern: NoisePattern,
        responder_key: bytes,
        *,
        prologue: bytes = b"",
        random: RandomSource = secure_random,
    ) -> None:
        """``responder_key`` is the static X25519 key, 32 bytes; raises InvalidKey."""
        if len(responder_key) != KEY_LENGTH:
            raise InvalidKey("a Noise key has 32 bytes")
        self._static = PublicKey(responder_key)
        self._symmetric = _begin(pattern, prologue, responder_key)
        self._ephemeral = KeyPair.generate(random)
        hybrid = pattern is NoisePattern.NK_HYBRID
        self._kem = _kem_key(random(KEM_SEED_LENGTH)) if hybrid else None
        self._done = False

    def write(self, payload: bytes = b"") -> bytes:
        """The first message; raises InvalidKey if the responder's key is unusable."""
        state, own = self._symmetric, self._ephemeral
        public = own.public_key.raw
        state.mix_hash(public)
        state.mix_key(own.private_key.agree(self._static))
        parts = [public]
        if self._kem is not None:
            parts.append(state.encrypt(self._kem.public_key().public_bytes_raw()))
        return b"".join([*parts, state.encrypt(payload)])

    def read(self, message: bytes) -> bytes:
        """The payload of the responder's answer; raises InvalidMessage or InvalidKey."""
        state = self._symmetric
        key, rest = _cut(message, KEY_LENGTH)
        state.mix_hash(key)
        state.mix_key(self._ephemeral.private_key.agree(PublicKey(key)))
        if self._kem is not None:
            encrypted, rest = _cut(rest, KEM_LENGTH + TAG_LENGTH)
            state.mix_key(self._kem.decapsulate(state.decrypt(encrypted)))
        payload = state.decrypt(rest)
        self._done = True
        return payload

    def transport(self) -> NoiseTransport:
        """The channel, once the answer was read."""
        assert self._done
        send, receive = self._symmetric.split()
        return NoiseTransport(send, receive, self._symmetric.hash)


class NoiseResponder:
    """The enclave's side: ``read`` once, ``write`` the answer once, then ``transport``."""

    def __init__(
        self,
        pattern: NoisePattern,
        private_key: bytes,
        *,
        prologue: bytes = b"",
        random: RandomSource = secure_random,
    ) -> None:
        """``private_key`` is the static X25519 key, 32 bytes; raises InvalidKey."""
        self._static = PrivateKey.deserialize(private_key)
        self._symmetric = _begin(pattern, prologue, self._static.public_key().raw)
        self._ephemeral = KeyPair.generate(random)
        self._hybrid = pattern is NoisePattern.NK_HYBRID
        self._their_ephemeral = b""
        self._their_kem = b""
        self._done = False

    def read(self, message: bytes) -> bytes:
        """The payload of the initiator's message; raises InvalidMessage or InvalidKey."""
        state = self._symmetric
        key, rest = _cut(message, KEY_LENGTH)
        state.mix_hash(key)
        state.mix_key(self._static.agree(PublicKey(key)))
        if self._hybrid:
            encrypted, rest = _cut(rest, KEM_LENGTH + TAG_LENGTH)
            self._their_kem = state.decrypt(encrypted)
        self._their_ephemeral = key
        return state.decrypt(rest)

    def write(self, payload: bytes = b"") -> bytes:
        """The answer; raises InvalidKey if one of the initiator's keys is unusable."""
        assert self._their_ephemeral
        state, own = self._symmetric, self._ephemeral
        public = own.public_key.raw
        state.mix_hash(public)
        state.mix_key(own.private_key.agree(PublicKey(self._their_ephemeral)))
        parts = [public]
        if self._hybrid:
            secret, ciphertext = _encapsulate(self._their_kem)
            parts.append(state.encrypt(ciphertext))
            state.mix_key(secret)
        answer = b"".join([*parts, state.encrypt(payload)])
        self._done = True
        return answer

    def transport(self) -> NoiseTransport:
        """The channel, once the answer was written."""
        assert self._done
        receive, send = self._symmetric.split()
        return NoiseTransport(send, receive, self._symmetric.hash)


def _begin(pattern: NoisePattern, prologue: bytes, responder_key: bytes) -> _Symmetric:
    state = _Symmetric(pattern.value.encode())
    state.mix_hash(prologue)
    state.mix_hash(responder_key)
    return state


def _derive_two(chaining_key: bytes, secret: bytes) -> tuple[bytes, bytes]:
    extracted = hmac_sha256(chaining_key, secret)
    first = hmac_sha256(extracted, b"\x01")
    return first, hmac_sha256(extracted, first, b"\x02")


def _cut(data: bytes, length: int) -> tuple[bytes, bytes]:
    if len(data) < length:
        raise InvalidMessage("the Noise message is too short")
    return bytes(data[:length]), bytes(data[length:])


def _kem_key(seed: bytes) -> MLKEM1024PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey

    return MLKEM1024PrivateKey.from_seed_bytes(seed)


def _encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PublicKey

    try:
        return MLKEM1024PublicKey.from_public_bytes(public_key).encapsulate()
    except ValueError:
        raise InvalidKey("the initiator's ML-KEM key is not canonical") from None
