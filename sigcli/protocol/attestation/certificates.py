"""Certificate chains of an attestation, verified by RFC 5280, down to one trusted root.

A chain is a line from leaf to root in which each certificate is issued by the next one. Nothing here reads a clock.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.checks import Check
from sigcli.protocol.attestation.extensions import Extensions, parse_extensions
from sigcli.protocol.attestation.names import canonical_name, described, parsing

if TYPE_CHECKING:
    from datetime import datetime

    from sigcli.protocol.attestation.names import CanonicalName

_BEGIN, _END, _DASHES = b"-----BEGIN ", b"-----END ", b"-----"
_CERTIFICATE = b"CERTIFICATE"
_LINE_LENGTH = 64
_BLANK = bytes(range(0x21))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with the parts that are used repeatedly."""

    native: x509.Certificate
    subject: CanonicalName
    issuer: CanonicalName
    extensions: Extensions

    @classmethod
    def parse(cls, encoded: bytes) -> Certificate:
        """Read DER, ignoring what follows it; fails CERTIFICATE_FORMAT."""
        with parsing(Check.CERTIFICATE_FORMAT):
            length = der.element_length(encoded, Check.CERTIFICATE_FORMAT)
            native = x509.load_der_x509_certificate(encoded[:length])
            der.require_whole_signature(encoded[:length], Check.CERTIFICATE_FORMAT)
            return cls(
                native,
                canonical_name(native.subject),
                canonical_name(native.issuer),
                parse_extensions(native.tbs_certificate_bytes),
            )

    def __str__(self) -> str:
        return described(self.native.subject)

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """The P-256 key; fails CERTIFICATE_FORMAT."""
        with parsing(Check.CERTIFICATE_FORMAT):
            key = self.native.public_key()
            if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
                return key
        raise Check.CERTIFICATE_FORMAT.failed("a key is not of P-256")

    def seems_issued_by(self, issuer: Certificate) -> bool:
        """Whether names, key ids and usage fit; the signature is not checked."""
        named, held = self.extensions.authority_key_id, issuer.extensions.subject_key_id
        return (
            self.issuer == issuer.subject
            and (named is None or held is None or named == held)
            and issuer.extensions.may_sign_certificates
        )

    def is_signed_by(self, key: ec.EllipticCurvePublicKey) -> bool:
        """Whether the signature verifies."""
        with parsing(Check.CERTIFICATE_FORMAT):
            digest = self.native.signature_hash_algorithm
            if digest is None:
                return False
            signed = self.native.tbs_certificate_bytes
            try:
                key.verify(self.native.signature, signed, ec.ECDSA(digest))
            except InvalidSignature:
                return False
        return True

    def is_valid_at(self, now: datetime) -> bool:
        """Whether it is valid at this time."""
        with parsing(Check.CERTIFICATE_FORMAT):
            return self.native.not_valid_before_utc <= now <= self.native.not_valid_after_utc


@dataclass(frozen=True, slots=True)
class Chain:
    """Certificates from leaf to root."""

    certificates: tuple[Certificate, ...]

    @property
    def leaf(self) -> Certificate:
        return self.certificates[0]

    @property
    def root(self) -> Certificate:
        return self.certificates[-1]

    def require_dates(self, now: datetime) -> None:
        """Fails CERTIFICATE_DATES unless every certificate is valid at this time."""
        for certificate in self.certificates:
            if not certificate.is_valid_at(now):
                raise Check.CERTIFICATE_DATES.failed(f"{certificate} is not valid now")


def parse_chain(pem: bytes) -> Chain:
    """The chain in a sequence of PEM blocks in any order; fails CERTIFICATE_FORMAT."""
    certificates = [Certificate.parse(block) for block in _pem_blocks(pem)]
    roots = [each for each in certificates if each.seems_issued_by(each)]
    if not roots:
        raise Check.CERTIFICATE_FORMAT.failed("a chain has no root")
    line = [roots[-1]]
    certificates.remove(roots[-1])
    while certificates:
        following = [each for each in certificates if each.seems_issued_by(line[-1])]
        if not following:
            raise Check.CERTIFICATE_FORMAT.failed("a chain has a gap")
        line.append(following[-1])
        certificates.remove(following[-1])
    return Chain(tuple(reversed(line)))


def require_issued(
    certificate: Certificate, issuer: Certificate, *, intermediates_below: int
) -> None:
    """Fails CERTIFICATE_CHAIN unless the issuer may issue the certificate and has signed it.

    ``intermediates_below`` counts the authorities between the issuer and the leaf.
    """
    extensions = issuer.extensions
    if certificate.extensions.not_understood is not None:
        raise Check.CERTIFICATE_CHAIN.failed(f"{certificate} has an unknown extension")
    if not extensions.is_ca or not certificate.seems_issued_by(issuer):
        raise Check.CERTIFICATE_CHAIN.failed(f"{issuer} may not issue certificates")
    if extensions.path_length is not None and intermediates_below > extensions.path_length:
        raise Check.CERTIFICATE_CHAIN.failed(f"it is longer than {issuer} permits")
    if not certificate.is_signed_by(issuer.key):
        raise Check.CERTIFICATE_CHAIN.failed(f"{certificate} is not genuine")


def _pem_blocks(pem: bytes) -> list[bytes]:
    """The DER of each certificate; text outside blocks is skipped, as by official clients."""
    blocks: list[bytes] = []
    label, lines = b"", list[bytes]()
    for raw_line in pem.split(b"\n"):
        line = raw_line.rstrip(_BLANK)
        if not label:
            if line.startswith(_BEGIN) and line.endswith(_DASHES):
                label, lines = line[len(_BEGIN) : -len(_DASHES)], []
        elif not line.startswith(_END):
            lines.append(line)
        elif line != _END + label + _DASHES:
            break
        else:
            if label == _CERTIFICATE:
                blocks.append(_decode(lines))
            label = b""
    if label:
        raise Check.CERTIFICATE_FORMAT.failed("a PEM block does not end")
    return blocks


def _decode(lines: list[bytes]) -> bytes:
    text = b"".join(lines)
    if len(text) % 4 or any(len(line) != _LINE_LENGTH for line in lines[:-1]):
        raise Check.CERTIFICATE_FORMAT.failed("a PEM block has lines of the wrong length")
    try:
        return a2b_base64(text, strict_mode=True)
    except Base64Error:
        raise Check.CERTIFICATE_FORMAT.failed("a certificate is not base64") from None
