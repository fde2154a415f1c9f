"""The MACs over what the two sides exchange; each epoch's secret renews the key.

Source: ``src/authenticator.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

from typing import NamedTuple

from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256

MAC_LENGTH = 32
KEY_LENGTH = 32
_PROTOCOL = b"Signal_PQCKA_V1_MLKEM768:"
_EPOCH_SECRET_LENGTH = 32


class AuthenticatorKeys(NamedTuple):
    """The key that the next update starts from, and the key of the MACs."""

    root_key: bytes
    mac_key: bytes


def initial_keys(auth_key: bytes) -> AuthenticatorKeys:
    """The keys of epoch 1 from the session's secret."""
    return update(bytes(KEY_LENGTH), 1, auth_key)


def update(root_key: bytes, epoch: int, secret: bytes) -> AuthenticatorKeys:
    """Mix a secret of ``epoch`` into the keys."""
    info = _PROTOCOL + b"Authenticator Update" + _be64(epoch)
    derived = hkdf_sha256(root_key + secret, info, 2 * KEY_LENGTH)
    return AuthenticatorKeys(derived[:KEY_LENGTH], derived[KEY_LENGTH:])


def header_mac(mac_key: bytes, epoch: int, header: bytes) -> bytes:
    """The MAC of an encapsulation key's header, 32 bytes."""
    return hmac_sha256(mac_key, _PROTOCOL, b"ekheader", _be64(epoch), header)


def ciphertext_mac(mac_key: bytes, epoch: int, ciphertext: bytes) -> bytes:
    """The MAC of ct1 || ct2, 32 bytes."""
    return hmac_sha256(mac_key, _PROTOCOL, b"ciphertext", _be64(epoch), ciphertext)


def epoch_secret(epoch: int, kem_secret: bytes) -> bytes:
    """What an epoch's KEM secret contributes to the chains, 32 bytes."""
    info = _PROTOCOL + b"SCKA Key" + _be64(epoch)
    return hkdf_sha256(kem_secret, info, _EPOCH_SECRET_LENGTH)


def _be64(number: int) -> bytes:
    return number.to_bytes(8, "big")
