"""Names in certificates, compared as RFC 5280 (7.1) requires, and handling of errors from the X.509 library."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

CanonicalName = tuple[frozenset[tuple[bytes, int, bytes]], ...]
"""Sets of attribute, type and value, in order; letters in lower case, spaces merged."""

_UTF8 = 0x0C
_SET = 0x31
_TEXTS = frozenset({_UTF8, 0x13, 0x14, 0x16, 0x1A})
_MALFORMED = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    UserWarning,  # the library's own warnings are of this kind
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@contextmanager
def parsing(check: Check) -> Iterator[None]:
    """Everything that the library refuses or warns about fails the check."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            yield
    except _MALFORMED:
        raise check.failed("a certificate or revocation list is malformed") from None


def canonical_name(name: x509.Name) -> CanonicalName:
    """The same for names that count as equal; fails CERTIFICATE_FORMAT."""
    check = Check.CERTIFICATE_FORMAT
    parts = []
    for _, sequence in der.elements(name.public_bytes(), check):
        for tag, attributes in der.elements(sequence, check):
            if tag != _SET:
                raise check.failed("a name is malformed")
            parts.append(frozenset(_attributes(attributes, check)))
    return tuple(parts)


def described(name: x509.Name) -> str:
    """The name, for messages."""
    return name.rfc4514_string()


def _attributes(data: bytes, check: Check) -> Iterator[tuple[bytes, int, bytes]]:
    for _, pair in der.elements(data, check):
        (_, kind), (tag, value) = list(der.elements(pair, check))
        if tag in _TEXTS:
            yield kind, _UTF8, b" ".join(value.lower().split())
        else:
            yield kind, tag, value
