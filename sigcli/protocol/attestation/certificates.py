"""Certificate chains and revocation lists of an attestation, verified as RFC 5280 has it, down to one trusted root.

A chain is a line from leaf to root in which each certificate is issued by the next one. Nothing here looks at a clock.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.checks import Check
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----[ \t]*\r?\n(.*?)\n-----END CERTIFICATE-----", re.DOTALL
)
_SIGNATURE_HALF = 32
_UNDERSTOOD = frozenset(
    {
        x509.ExtensionOID.BASIC_CONSTRAINTS,
        x509.ExtensionOID.KEY_USAGE,
        x509.ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        x509.ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        x509.ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
_MALFORMED = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class Chain:
    """Certificates from leaf to root."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        return self.certificates[0]

    @property
    def root(self) -> x509.Certificate:
        return self.certificates[-1]

    def require_dates(self, now: datetime) -> None:
        """Fails CERTIFICATE_DATES unless every certificate is good at this time."""
        for certificate in self.certificates:
            if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
                raise Check.CERTIFICATE_DATES.failed(f"{_named(certificate)} is not valid now")


@dataclass(frozen=True, slots=True)
class TrustStore:
    """One root that is trusted, the revocation lists at hand, and the time to check for."""

    root: x509.Certificate
    revocation_lists: tuple[x509.CertificateRevocationList, ...]
    now: datetime

    def require_valid(self, chain: Chain) -> None:
        """Fails CERTIFICATE_CHAIN or REVOCATION unless the chain leads to the root and nothing in it is revoked."""
        with _reading(Check.CERTIFICATE_CHAIN):
            if len(chain.certificates) == 1 and chain.leaf != self.root:
                raise Check.CERTIFICATE_CHAIN.failed("it is a single certificate")
            # The chain's own root is only a copy: what is trusted is the one of the store.
            path = (*chain.certificates[:-1], self.root)
            for depth, certificate in enumerate(path):
                issuer = path[min(depth + 1, len(path) - 1)]
                _require_extensions_understood(certificate)
                _require_issued(certificate, issuer, intermediates_below=depth)
                self._require_not_revoked(certificate, issuer)

    def _require_not_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        lists = [crl for crl in self.revocation_lists if crl.issuer == certificate.issuer]
        if not lists:
            raise Check.REVOCATION.failed(f"no revocation list covers {_named(certificate)}")
        for crl in lists:
            _require_sound_list(crl, issuer, self.now)
            if crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
                raise Check.REVOCATION.failed(f"{_named(certificate)} is revoked")


def trust_store(
    root: x509.Certificate,
    root_list: x509.CertificateRevocationList,
    other_lists: Sequence[x509.CertificateRevocationList],
    root_key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> TrustStore:
    """Trust a root that the pinned key has signed, itself included; fails ROOT_CERTIFICATE."""
    with _reading(Check.ROOT_CERTIFICATE):
        if not _issued(root, root):
            raise Check.ROOT_CERTIFICATE.failed("it is not self-signed")
        digest = root.signature_hash_algorithm
        if digest is None:
            raise Check.ROOT_CERTIFICATE.failed("its signature names no hash")
        try:
            root_key.verify(root.signature, root.tbs_certificate_bytes, ec.ECDSA(digest))
        except InvalidSignature:
            raise Check.ROOT_CERTIFICATE.failed("it is not signed by the pinned key") from None
        if not root_list.is_signature_valid(root_key):
            raise Check.REVOCATION_LIST.failed("the root's is not signed by the pinned key")
    return TrustStore(root, (root_list, *other_lists), now)


def parse_chain(pem: bytes) -> Chain:
    """The chain in a run of PEM blocks, in whatever order; fails CERTIFICATE_FORMAT."""
    with _reading(Check.CERTIFICATE_FORMAT):
        certificates = [_certificate(block) for block in _PEM.findall(pem)]
        if not certificates or len(certificates) != pem.count(b"-----BEGIN "):
            raise Check.CERTIFICATE_FORMAT.failed("a chain is no run of PEM certificates")
        return Chain(_sorted_line(certificates))


def parse_revocation_list(data: bytes) -> x509.CertificateRevocationList:
    """A list in DER, which a NUL byte may follow; fails REVOCATION_LIST."""
    with _reading(Check.REVOCATION_LIST):
        crl = x509.load_der_x509_crl(data[: der.element_length(data, Check.REVOCATION_LIST)])
        present = {extension.oid for extension in crl.extensions}
        if (
            not {x509.ExtensionOID.AUTHORITY_KEY_IDENTIFIER, x509.ExtensionOID.CRL_NUMBER}
            <= present
        ):
            raise Check.REVOCATION_LIST.failed("one lacks its number or its issuer's key id")
        return crl


def require_list_date(crl: x509.CertificateRevocationList, now: datetime) -> None:
    """Fails REVOCATION_LIST unless a newer list is not due yet."""
    if crl.next_update_utc is None or now >= crl.next_update_utc:
        raise Check.REVOCATION_LIST.failed("one is out of date")


def extension_value(certificate: x509.Certificate, oid: str) -> bytes | None:
    """The raw value of an extension that no library knows, None if it is absent; fails CERTIFICATE_FORMAT."""
    with _reading(Check.CERTIFICATE_FORMAT):
        for extension in certificate.extensions:
            if extension.oid.dotted_string == oid:
                value = extension.value
                return value.value if isinstance(value, x509.UnrecognizedExtension) else None
    return None


def leaf_key(chain: Chain) -> ec.EllipticCurvePublicKey:
    """The P-256 key of the leaf; fails CERTIFICATE_FORMAT."""
    with _reading(Check.CERTIFICATE_FORMAT):
        key = chain.leaf.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return key
        raise Check.CERTIFICATE_FORMAT.failed("a key is not of P-256")


def point(coordinates: bytes, check: Check) -> ec.EllipticCurvePublicKey:
    """The P-256 key of x || y (64 bytes); fails the check for a point off the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + coordinates)
    except ValueError:
        raise check.failed("a key is no point of P-256") from None


def require_signature(
    key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes, check: Check
) -> None:
    """Fails the check unless r || s (64 bytes) is the key's ECDSA with SHA-256 over the data."""
    r, s = signature[:_SIGNATURE_HALF], signature[_SIGNATURE_HALF:]
    encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.verify(encoded, data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise check.failed("the signature does not verify") from None


@contextmanager
def _reading(check: Check) -> Iterator[None]:
    """Whatever the library refuses fails the check."""
    try:
        yield
    except _MALFORMED:
        raise check.failed("a certificate or revocation list is malformed") from None


def _certificate(block: bytes) -> x509.Certificate:
    try:
        encoded = a2b_base64(b"".join(block.split()), strict_mode=True)
    except Base64Error:
        raise Check.CERTIFICATE_FORMAT.failed("a certificate is not base64") from None
    return x509.load_der_x509_certificate(encoded)


def _sorted_line(certificates: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Leaf to root: the root issues itself, and each other one is issued by the one behind it."""
    remaining = list(certificates)
    roots = [certificate for certificate in remaining if _issued(certificate, certificate)]
    if not roots:
        raise Check.CERTIFICATE_FORMAT.failed("a chain has no root")
    line = [roots[-1]]
    remaining.remove(roots[-1])
    while remaining:
        following = [each for each in remaining if _issued(each, line[-1])]
        if not following:
            raise Check.CERTIFICATE_FORMAT.failed("a chain has a gap")
        line.append(following[-1])
        remaining.remove(following[-1])
    return tuple(reversed(line))


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether names, key ids and usage fit; no signature is looked at."""
    if certificate.issuer != issuer.subject:
        return False
    named = _extension(certificate, x509.AuthorityKeyIdentifier)
    held = _extension(issuer, x509.SubjectKeyIdentifier)
    if named is not None and named.key_identifier is not None and held is not None:
        if named.key_identifier != held.digest:
            return False
    usage = _extension(issuer, x509.KeyUsage)
    return usage is None or usage.key_cert_sign


def _require_issued(
    certificate: x509.Certificate, issuer: x509.Certificate, *, intermediates_below: int
) -> None:
    constraints = _extension(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca or not _issued(certificate, issuer):
        raise Check.CERTIFICATE_CHAIN.failed(f"{_named(issuer)} may not issue certificates")
    below = 0 if certificate is issuer else intermediates_below
    if constraints.path_length is not None and below > constraints.path_length:
        raise Check.CERTIFICATE_CHAIN.failed("it is longer than its root permits")
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        raise Check.CERTIFICATE_CHAIN.failed(f"{_named(certificate)} is not genuine") from None


def _require_sound_list(
    crl: x509.CertificateRevocationList, issuer: x509.Certificate, now: datetime
) -> None:
    key = issuer.public_key()
    usage = _extension(issuer, x509.KeyUsage)
    signable = isinstance(key, ec.EllipticCurvePublicKey) and (usage is None or usage.crl_sign)
    if not signable or not crl.is_signature_valid(key):  # type: ignore[arg-type]
        raise Check.REVOCATION_LIST.failed(f"the one of {_named(issuer)} is not genuine")
    if now < crl.last_update_utc or crl.next_update_utc is None or now > crl.next_update_utc:
        raise Check.REVOCATION_LIST.failed(f"the one of {_named(issuer)} is not valid now")
    for extension in crl.extensions:
        if extension.critical:
            raise Check.REVOCATION_LIST.failed("one has a critical extension")


def _require_extensions_understood(certificate: x509.Certificate) -> None:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise Check.CERTIFICATE_CHAIN.failed(
                f"{_named(certificate)} has an unknown critical extension"
            )


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _named(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
