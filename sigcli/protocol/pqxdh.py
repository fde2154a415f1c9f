"""PQXDH: the key agreement that starts a session, both sides.

Specification: signal.org/docs/specifications/pqxdh; libsignal ``rust/protocol/src/pqxdh.rs``. The input is 32 bytes of
0xFF, three or four X25519 agreements and one Kyber1024 secret; HKDF derives from it the root key, the first chain key
and the key that authenticates the post-quantum ratchet.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.kdf import hkdf_sha256
from sigcli.errors import InvalidMessage
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.crypto.curve import KeyPair, PublicKey
    from sigcli.crypto.kem import KyberKeyPair
    from sigcli.protocol.prekeys import PreKeyBundle

_INFO = b"WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024"
_DISCONTINUITY = b"\xff" * 32
_FIELD_PRIME = 2**255 - 19


@dataclass(frozen=True, slots=True)
class SessionSecrets:
    """The result of the agreement: three keys of 32 bytes."""

    root_key: bytes = field(repr=False)
    chain_key: bytes = field(repr=False)
    spqr_key: bytes = field(repr=False)


def initiate(
    identity: KeyPair, base_key: KeyPair, bundle: PreKeyBundle
) -> tuple[SessionSecrets, bytes]:
    """Agree with a bundle's owner: the secrets, and the Kyber ciphertext to send (1569 bytes).

    The caller must have verified the bundle's signatures. Raises InvalidKey.
    """
    parts = [
        identity.private_key.agree(bundle.signed_prekey),
        base_key.private_key.agree(bundle.identity_key),
        base_key.private_key.agree(bundle.signed_prekey),
    ]
    if bundle.prekey is not None:
        parts.append(base_key.private_key.agree(bundle.prekey))
    kyber_secret, kyber_ciphertext = bundle.kyber_prekey.encapsulate()
    return _derive(parts, kyber_secret), kyber_ciphertext


def accept(
    identity: KeyPair,
    signed_prekey: KeyPair,
    prekey: KeyPair | None,
    kyber_prekey: KyberKeyPair,
    their_identity: PublicKey,
    their_base_key: PublicKey,
    kyber_ciphertext: bytes,
) -> SessionSecrets:
    """Agree with the sender of a prekey message; raises InvalidMessage or InvalidKey."""
    if not _is_canonical(their_base_key):
        raise InvalidMessage("the base key of the prekey message is invalid")
    parts = [
        signed_prekey.private_key.agree(their_identity),
        identity.private_key.agree(their_base_key),
        signed_prekey.private_key.agree(their_base_key),
    ]
    if prekey is not None:
        parts.append(prekey.private_key.agree(their_base_key))
    return _derive(parts, kyber_prekey.decapsulate(kyber_ciphertext))


def _derive(agreements: list[bytes], kyber_secret: bytes) -> SessionSecrets:
    secret = b"".join([_DISCONTINUITY, *agreements, kyber_secret])
    keys = hkdf_sha256(secret, _INFO, 96)
    return SessionSecrets(keys[:32], keys[32:64], keys[64:])


def _is_canonical(key: PublicKey) -> bool:
    """Whether the u coordinate is reduced and its point lies in the prime-order group."""
    from nacl.bindings import crypto_core_ed25519_is_valid_point

    u = int.from_bytes(key.raw, "little")
    if u >= _FIELD_PRIME - 1:
        return False
    y = (u - 1) * pow(u + 1, -1, _FIELD_PRIME) % _FIELD_PRIME
    return bool(crypto_core_ed25519_is_valid_point(y.to_bytes(32, "little")))
