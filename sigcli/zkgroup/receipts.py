"""The presentation of a receipt credential, which a gift badge contains: only its layout is checked.

Layout (libsignal ``api/receipts/receipt_credential_presentation.rs``): a version byte 0; the proof, preceded by its
length in 8 bytes, little-endian; expiration and level, 8 bytes each; the serial number, 16 bytes.
"""

from __future__ import annotations

_VERSION = b"\x00"
_LENGTH_BYTES = 8
_REST = 8 + 8 + 16


def is_receipt_presentation(data: bytes) -> bool:
    """Whether bytes have the layout of a receipt credential presentation."""
    start = len(_VERSION) + _LENGTH_BYTES
    if len(data) < start + _REST or not data.startswith(_VERSION):
        return False
    proof_length = int.from_bytes(data[len(_VERSION) : start], "little")
    return len(data) == start + proof_length + _REST
