"""The checks of an attestation by name, and reading bytes so that every shortage is one of them failing.

A check's name is part of the error that the user sees: it stays as it is.
"""

from __future__ import annotations

import enum

from sigcli.errors import AttestationFailed
from sigcli.wire.byte_reader import ByteReader


class Check(enum.Enum):
    """What an attestation must withstand, roughly in the order of checking."""

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
    """Takes bytes off the front; running short fails the check that it was made with."""

    __slots__ = ("_check",)

    def __init__(self, data: bytes, check: Check) -> None:
        super().__init__(data, check.value)
        self._check = check

    def cut_off(self) -> Exception:
        return self._check.failed("it ends early")
