"""Revocation lists, and the trust store against which chains are verified: one root, and lists for all issuers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation import der
from sigcli.protocol.attestation.certificates import require_issued
from sigcli.protocol.attestation.checks import Check
from sigcli.protocol.attestation.names import canonical_name, parsing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric import ec

    from sigcli.protocol.attestation.certificates import Certificate, Chain
    from sigcli.protocol.attestation.names import CanonicalName

_REQUIRED = {ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.CRL_NUMBER}


@dataclass(frozen=True, slots=True)
class RevocationList:
    """The serial numbers that an issuer has revoked."""

    native: x509.CertificateRevocationList
    issuer: CanonicalName
    has_critical_extension: bool

    @classmethod
    def parse(cls, data: bytes) -> RevocationList:
        """Read DER, which a NUL byte may follow; fails REVOCATION_LIST."""
        check = Check.REVOCATION_LIST
        with parsing(check):
            encoded = data[: der.element_length(data, check)]
            native = x509.load_der_x509_crl(encoded)
            der.require_whole_signature(encoded, check)
            extensions = list(native.extensions)
            if not {extension.oid for extension in extensions} >= _REQUIRED:
                raise check.failed("one lacks its number or its issuer's key id")
            critical = any(extension.critical for extension in extensions)
            return cls(native, canonical_name(native.issuer), critical)

    def is_signed_by(self, key: ec.EllipticCurvePublicKey) -> bool:
        """Whether the signature verifies."""
        with parsing(Check.REVOCATION_LIST):
            return self.native.is_signature_valid(key)

    def require_date(self, now: datetime) -> None:
        """Fails REVOCATION_LIST unless it is valid and no newer one is due."""
        with parsing(Check.REVOCATION_LIST):
            ends = self.native.next_update_utc
            if ends is None or not self.native.last_update_utc <= now < ends:
                raise Check.REVOCATION_LIST.failed("one is not valid now")

    def names(self, certificate: Certificate) -> bool:
        """Whether a certificate of its issuer is revoked."""
        with parsing(Check.REVOCATION_LIST):
            serial = certificate.native.serial_number
            return self.native.get_revoked_certificate_by_serial_number(serial) is not None


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The trusted root, the available revocation lists, and the time for which to check."""

    root: Certificate
    lists: tuple[RevocationList, ...]
    now: datetime

    def require_valid(self, chain: Chain) -> None:
        """Fails CERTIFICATE_CHAIN, REVOCATION or REVOCATION_LIST unless the chain leads to the root unrevoked."""
        if len(chain.certificates) == 1 and chain.leaf.native != self.root.native:
            raise Check.CERTIFICATE_CHAIN.failed("it does not lead to the root")
        # The chain's own root is only a copy: the one in the store is trusted.
        path = (*chain.certificates[:-1], self.root)
        if chain.root.extensions.not_understood is not None:
            raise Check.CERTIFICATE_CHAIN.failed(f"{chain.root} has an unknown extension")
        require_issued(self.root, self.root, intermediates_below=0)
        for depth, (certificate, issuer) in enumerate(pairwise(path)):
            require_issued(certificate, issuer, intermediates_below=depth)
        for certificate, issuer in pairwise((*path, self.root)):
            self._require_not_revoked(certificate, issuer)

    def _require_not_revoked(self, certificate: Certificate, issuer: Certificate) -> None:
        lists = [each for each in self.lists if each.issuer == certificate.issuer]
        if not lists:
            raise Check.REVOCATION.failed(f"no revocation list covers {certificate}")
        for each in lists:
            if not issuer.extensions.may_sign_lists or not each.is_signed_by(issuer.key):
                raise Check.REVOCATION_LIST.failed(f"the one from {issuer} is not genuine")
            if each.has_critical_extension:
                raise Check.REVOCATION_LIST.failed("one has a critical extension")
            each.require_date(self.now)
            if each.names(certificate):
                raise Check.REVOCATION.failed(f"{certificate} is revoked")


def trust_store(
    root: Certificate,
    root_list: RevocationList,
    other_lists: Sequence[RevocationList],
    root_key: ec.EllipticCurvePublicKey,
    now: datetime,
) -> TrustStore:
    """Trust a root and its list that the pinned key has signed; fails ROOT_CERTIFICATE or REVOCATION_LIST."""
    if not root.seems_issued_by(root):
        raise Check.ROOT_CERTIFICATE.failed("it is not self-signed")
    if not root.is_signed_by(root_key):
        raise Check.ROOT_CERTIFICATE.failed("it is not signed by the pinned key")
    if not root_list.is_signed_by(root_key):
        raise Check.REVOCATION_LIST.failed("the root's is not signed by the pinned key")
    return TrustStore(root, (root_list, *other_lists), now)
