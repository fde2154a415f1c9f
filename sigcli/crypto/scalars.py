"""Integers modulo the order of the ristretto255 group, as 32 canonical little-endian bytes.

The arithmetic is libsodium's, so that private scalars stay in constant-time native code.
"""

from __future__ import annotations

from typing import NewType

from nacl.bindings import (
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_invert,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_negate,
    crypto_core_ed25519_scalar_reduce,
)

from sigcli.errors import MalformedMessage

SCALAR_LENGTH = 32
WIDE_LENGTH = 64
ORDER = 2**252 + 27742317777372353535851937790883648493

Scalar = NewType("Scalar", bytes)

ZERO = Scalar(bytes(SCALAR_LENGTH))


def from_int(value: int) -> Scalar:
    """The scalar of an integer of any size and sign; for values that are not secret."""
    return Scalar((value % ORDER).to_bytes(SCALAR_LENGTH, "little"))


def from_wide(data: bytes) -> Scalar:
    """64 uniform bytes, little-endian, reduced."""
    return Scalar(crypto_core_ed25519_scalar_reduce(data))


def decode(data: bytes) -> Scalar:
    """Read 32 bytes; raises MalformedMessage unless they are the canonical encoding."""
    if len(data) != SCALAR_LENGTH or int.from_bytes(data, "little") >= ORDER:
        raise MalformedMessage("a scalar is not canonical")
    return Scalar(bytes(data))


def add(a: Scalar, b: Scalar) -> Scalar:
    """a + b."""
    return Scalar(crypto_core_ed25519_scalar_add(a, b))


def multiply(a: Scalar, b: Scalar) -> Scalar:
    """a times b."""
    return Scalar(crypto_core_ed25519_scalar_mul(a, b))


def negate(a: Scalar) -> Scalar:
    """-a."""
    return Scalar(crypto_core_ed25519_scalar_negate(a))


def invert(a: Scalar) -> Scalar:
    """1 / a, and 0 for 0."""
    return ZERO if a == ZERO else Scalar(crypto_core_ed25519_scalar_invert(a))
