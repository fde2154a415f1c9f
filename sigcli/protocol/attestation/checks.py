"""The named checks of an attestation, and a reader for which running out of bytes fails one of them.

A check's name is part of the error message, so it does not change.
"""

from __future__ import annotations

import enum

from sigcli.errors import AttestationFailed
from sigcli.wire.byte_reader import ByteReader


class Check(enum.Enum):
    """What is checked about an attestation, roughly in this order."""

    HANDSHAKE = "handshake message"
    EVIDENCE_FORMAT = "evidence format"
    ENDORSEMENT_FORMAT = "endorsement format"
    CERTIFICATE_FORMAT = "certificate format"
    CERTIFICATE_DATES = "certificate dates"
    REVOCATION_LIST = "revocation lists"
    ROOT_CERTIFICATE = "root certificate"
    CERTIFICATE_CHAIN = "certificate chain"
    REVOCATION = "revocation"
    TCB_INFO_SIGNATURE = "TCB info signature"
    TCB_INFO = "TCB info"
    QE_IDENTITY_SIGNATURE = "quoting enclave identity signature"
    QE_IDENTITY = "quoting enclave identity"
    FRESHNESS = "freshness of the TCB info"
    EVALUATION_NUMBER = "TCB evaluation number"
    QE_REPORT = "quoting enclave report"
    QE_SIGNATURE = "quoting enclave signature"
    ATTESTATION_KEY = "attestation key"
    QUOTE_SIGNATURE = "quote signature"
    PLATFORM = "platform model"
    TCB_LEVEL = "platform TCB level"
    ADVISORIES = "security advisories"
    CLAIMS = "claims"
    DEBUG = "debug mode"
    MRENCLAVE = "enclave measurement"
    RAFT_CONFIGURATION = "raft configuration"
    MINIMUM_LIMITS = "minimum limits"
    NOISE = "Noise handshake"

    def failed(self, detail: str) -> AttestationFailed:
        """The error that this check failed."""
        return AttestationFailed(self.value, detail)


class Reader(ByteReader):
    """Takes bytes off the front; if there are too few, the check that it was made with fails."""

    __slots__ = ("_check",)

    def __init__(self, data: bytes, check: Check) -> None:
        super().__init__(data, check.value)
        self._check = check

    def cut_off(self) -> Exception:
        return self._check.failed("it ends early")
