"""An enclave's evidence: an SGX quote of version 3, and claims that are bound to it. Parsing only.

Formats: Intel's "SGX ECDSA QuoteLibReference DCAP API", appendix A.4; Open Enclave's custom claims.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation.checks import Check, Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY_LENGTH = 432
REPORT_LENGTH = 384
_QUOTE_VERSION = 3
_ECDSA_P256 = 2
_PCK_CERTIFICATE_CHAIN = 5
_CLAIMS_VERSION = 1
_MAX_CLAIMS = 256
_MAX_CLAIM_NAME = 1024
_MAX_CLAIM_VALUE = 1024 * 1024
_DEBUG_FLAG = 0x02
_CHECK = Check.EVIDENCE_FORMAT


@dataclass(frozen=True, slots=True)
class Report:
    """The processor's statement about an enclave; ``raw`` (384 bytes) is the signed part."""

    raw: bytes = field(repr=False)

    @property
    def misc_select(self) -> bytes:
        return self.raw[16:20]

    @property
    def attributes(self) -> bytes:
        return self.raw[48:64]

    @property
    def is_debug(self) -> bool:
        return bool(self.attributes[0] & _DEBUG_FLAG)

    @property
    def mrenclave(self) -> bytes:
        return self.raw[64:96]

    @property
    def mrsigner(self) -> bytes:
        return self.raw[128:160]

    @property
    def product_id(self) -> int:
        return int.from_bytes(self.raw[256:258], "little")

    @property
    def security_version(self) -> int:
        return int.from_bytes(self.raw[258:260], "little")

    @property
    def data(self) -> bytes:
        """64 bytes that the enclave has chosen."""
        return self.raw[320:384]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote and claims. Signatures are r || s, the attestation key x || y, 64 bytes each."""

    body: bytes = field(repr=False)
    """The signed part of the quote, 432 bytes."""
    vendor_id: bytes
    report: Report
    body_signature: bytes
    attestation_key: bytes
    qe_report: Report
    """The report of Intel's quoting enclave, which made the attestation key."""
    qe_signature: bytes
    qe_auth_data: bytes = field(repr=False)
    pck_chain_pem: bytes = field(repr=False)
    claims: Mapping[str, bytes] = field(repr=False)
    claims_raw: bytes = field(repr=False)


def parse_evidence(data: bytes) -> Evidence:
    """Parse; raises AttestationFailed. Nothing is verified."""
    reader = Reader(data, _CHECK)
    body = reader.take(BODY_LENGTH)
    if int.from_bytes(body[:2], "little") != _QUOTE_VERSION:
        raise _CHECK.failed("the version of the quote is not 3")
    if int.from_bytes(body[2:4], "little") != _ECDSA_P256:
        raise _CHECK.failed("the quote is not signed with ECDSA P-256")
    if reader.number(4) > reader.left:
        raise _CHECK.failed("it ends early")
    body_signature, attestation_key = reader.take(64), reader.take(64)
    qe_report, qe_signature = reader.take(REPORT_LENGTH), reader.take(64)
    auth_data = reader.take(reader.number(2))
    if reader.number(2) != _PCK_CERTIFICATE_CHAIN:
        raise _CHECK.failed("the quote carries no certificate chain")
    pck_chain = reader.take(reader.number(4))
    claims = reader.rest()
    return Evidence(
        body=body,
        vendor_id=body[12:28],
        report=Report(body[48:]),
        body_signature=body_signature,
        attestation_key=attestation_key,
        qe_report=Report(qe_report),
        qe_signature=qe_signature,
        qe_auth_data=auth_data,
        pck_chain_pem=pck_chain,
        claims=_parse_claims(claims),
        claims_raw=claims,
    )


def _parse_claims(data: bytes) -> dict[str, bytes]:
    reader = Reader(data, _CHECK)
    version, count = reader.number(8), reader.number(8)
    if version != _CLAIMS_VERSION or count > _MAX_CLAIMS:
        raise _CHECK.failed("the claims have an unknown version or are too many")
    claims: dict[str, bytes] = {}
    for _ in range(count):
        name_length, value_length = reader.number(8), reader.number(8)
        if name_length > _MAX_CLAIM_NAME or value_length > _MAX_CLAIM_VALUE:
            raise _CHECK.failed("a claim is too long")
        try:
            name = reader.take(name_length).removesuffix(b"\0").decode()
        except UnicodeDecodeError:
            raise _CHECK.failed("the name of a claim is not a string") from None
        claims[name] = reader.take(value_length)
    if reader.left:
        raise _CHECK.failed("something follows the claims")
    return claims
