"""ECDSA over P-256 with SHA-256 in the fixed-width form of quotes: keys x || y and signatures r || s, 64 bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from sigcli.protocol.attestation.checks import Check

_HALF = 32


def point(coordinates: bytes, check: Check) -> ec.EllipticCurvePublicKey:
    """The key x || y; fails the check for a point that is not on the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + coordinates)
    except ValueError:
        raise check.failed("a key is not a point of P-256") from None


def require_signature(
    key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes, check: Check
) -> None:
    """Fails the check unless r || s is the key's signature over the data."""
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise check.failed("the signature does not verify") from None
