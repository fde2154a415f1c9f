"""The signature that proves that a PNI belongs to an ACI.

Source: libsignal ``rust/protocol/src/identity_key.rs`` ("alternate identity").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.randomness import RandomSource, secure_random

if TYPE_CHECKING:
    from sigcli.crypto.curve import PrivateKey, PublicKey

_PREFIX = b"\xff" * 32 + b"Signal_PNI_Signature"


def sign_pni_identity(
    pni_identity: PrivateKey, aci_identity: PublicKey, random: RandomSource = secure_random
) -> bytes:
    """64 bytes: the PNI's identity key signs the ACI's."""
    return pni_identity.sign(_PREFIX, aci_identity.serialize(), random=random)


def verify_pni_signature(
    pni_identity: PublicKey, aci_identity: PublicKey, signature: bytes
) -> bool:
    """Whether the PNI's identity key signed the ACI's."""
    return pni_identity.verify(signature, _PREFIX, aci_identity.serialize())
