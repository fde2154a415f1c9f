"""Verifying an SGX attestation (DCAP): from Intel's root key down to the claims of one particular enclave.

Steps: Intel's "SGX Support for Third-Party Attestation"; accepted values: libsignal ``rust/attest/src/dcap.rs``. The
time is an argument; nothing is fetched.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.crypto.constant_time import equal
from sigcli.durations import DAY_S
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.attestation.certificates import parse_chain
from sigcli.protocol.attestation.checks import Check
from sigcli.protocol.attestation.ecdsa import point, require_signature
from sigcli.protocol.attestation.endorsements import parse_endorsements
from sigcli.protocol.attestation.platform import EXTENSION_OID, parse_platform
from sigcli.protocol.attestation.quote import parse_evidence
from sigcli.protocol.attestation.revocation import trust_store

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sigcli.protocol.attestation.certificates import Chain
    from sigcli.protocol.attestation.endorsements import Endorsements, QeIdentity, TcbInfo
    from sigcli.protocol.attestation.platform import Platform
    from sigcli.protocol.attestation.quote import Evidence

INTEL_ROOT_KEY = bytes.fromhex(
    "0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5"
    "67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394"
)
"""The public key of Intel's SGX root CA, x || y."""
MINIMUM_EVALUATION_NUMBER = 21
CLOCK_TOLERANCE_S = DAY_S
"""The time that is checked is this much later than now: on a slow clock, what expires soon may have expired already."""
_INTEL_QE_VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_UP_TO_DATE = "UpToDate"
_HARDENING_NEEDED = "SWHardeningNeeded"
_QUOTING_ENCLAVE = "QE"
_DIGEST_LENGTH = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ExpectedEnclave:
    """The expected enclave (its measurement, 32 bytes), and the deviations that are accepted."""

    mrenclave: bytes
    accepted_advisories: Collection[str] = ()
    """Advisories that this enclave's software is known to mitigate."""
    minimum_evaluation_number: int = MINIMUM_EVALUATION_NUMBER


def verify_attestation(
    evidence: bytes,
    endorsements: bytes,
    expected: ExpectedEnclave,
    now_s: int,
    root_key: bytes = INTEL_ROOT_KEY,
) -> Mapping[str, bytes]:
    """The claims of the enclave; raises AttestationFailed, which names the check.

    ``now_s`` is in seconds since 1970; ``root_key`` is a P-256 point, x || y.
    """
    now = _time(now_s + CLOCK_TOLERANCE_S)
    quoted = parse_evidence(evidence)
    pck_chain = parse_chain(quoted.pck_chain_pem)
    platform = _platform(pck_chain)
    endorsed = parse_endorsements(endorsements)

    _require_fresh(endorsed, pck_chain, expected.minimum_evaluation_number, now)
    _require_genuine(endorsed, pck_chain, root_key, now)
    _require_quoting_enclave(quoted, endorsed.qe_identity)
    _require_quote_signatures(quoted, pck_chain)
    _require_tcb_level(platform, endorsed.tcb_info, expected.accepted_advisories)
    _require_claims(quoted)
    if quoted.report.is_debug:
        raise Check.DEBUG.failed("the enclave runs in debug mode")
    if not equal(quoted.report.mrenclave, expected.mrenclave):
        raise Check.MRENCLAVE.failed(f"it runs other software, {quoted.report.mrenclave.hex()}")
    return quoted.claims


def _time(seconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise Check.FRESHNESS.failed("the clock is out of range") from None


def _platform(pck_chain: Chain) -> Platform:
    extension = pck_chain.leaf.extensions.values.get(EXTENSION_OID)
    if extension is None:
        raise Check.PLATFORM.failed("the machine's certificate lacks the SGX extension")
    return parse_platform(extension)


def _require_fresh(
    endorsed: Endorsements, pck_chain: Chain, minimum_number: int, now: datetime
) -> None:
    chains = (
        pck_chain,
        endorsed.qe_identity_chain,
        endorsed.pck_list_chain,
        endorsed.tcb_chain,
    )
    for chain in chains:
        chain.require_dates(now)
    for dated in (endorsed.tcb_info, endorsed.qe_identity):
        if now > dated.next_update:
            raise Check.FRESHNESS.failed("it is out of date")
        if dated.evaluation_number < minimum_number:
            raise Check.EVALUATION_NUMBER.failed(
                f"it is {dated.evaluation_number}, less than {minimum_number}"
            )
    for crl in (endorsed.pck_list, endorsed.root_list):
        crl.require_date(now)


def _require_genuine(
    endorsed: Endorsements, pck_chain: Chain, root_key: bytes, now: datetime
) -> None:
    store = trust_store(
        endorsed.tcb_chain.root,
        endorsed.root_list,
        [endorsed.pck_list],
        point(root_key, Check.ROOT_CERTIFICATE),
        now,
    )
    for chain in (
        endorsed.pck_list_chain,
        endorsed.tcb_chain,
        pck_chain,
        endorsed.qe_identity_chain,
    ):
        store.require_valid(chain)


def _require_quoting_enclave(quoted: Evidence, identity: QeIdentity) -> None:
    report = quoted.qe_report
    masked_misc = _masked(report.misc_select, identity.misc_select_mask)
    masked_attributes = _masked(report.attributes, identity.attributes_mask)
    for fits, what in (
        (quoted.vendor_id == _INTEL_QE_VENDOR, "its vendor is not Intel"),
        (identity.kind == _QUOTING_ENCLAVE, "the identity is for another kind of enclave"),
        (report.mrsigner == identity.mrsigner, "its signer is not the expected one"),
        (report.product_id == identity.product_id, "its product id is not the expected one"),
        (masked_misc == identity.misc_select, "its misc select is not the expected one"),
        (masked_attributes == identity.attributes, "its attributes are not the expected ones"),
    ):
        if not fits:
            raise Check.QE_REPORT.failed(what)
    # The levels come best first.
    status = next(
        (
            level.status
            for level in identity.levels
            if level.security_version <= report.security_version
        ),
        "unknown",
    )
    if status != _UP_TO_DATE:
        raise Check.QE_REPORT.failed(f"its version is {status}")


def _require_quote_signatures(quoted: Evidence, pck_chain: Chain) -> None:
    require_signature(
        pck_chain.leaf.key, quoted.qe_signature, quoted.qe_report.raw, Check.QE_SIGNATURE
    )
    bound = sha256(quoted.attestation_key + quoted.qe_auth_data).digest()
    if quoted.qe_report.data != bound + bytes(_DIGEST_LENGTH):
        raise Check.ATTESTATION_KEY.failed("the quoting enclave does not vouch for it")
    key = point(quoted.attestation_key, Check.ATTESTATION_KEY)
    require_signature(key, quoted.body_signature, quoted.body, Check.QUOTE_SIGNATURE)


def _require_tcb_level(platform: Platform, info: TcbInfo, accepted: Collection[str]) -> None:
    if (platform.fmspc, platform.pce_id) != (info.fmspc, info.pce_id):
        raise Check.PLATFORM.failed("the TCB info is for another model")
    # The levels come best first: the first one that the platform reaches is its own.
    for level in info.levels:
        reached = all(
            own >= needed for own, needed in zip(platform.components, level.components, strict=True)
        )
        if reached and platform.pce_svn >= level.pce_svn:
            break
    else:
        raise Check.TCB_LEVEL.failed("the platform reaches none")
    if level.status == _UP_TO_DATE:
        return
    if level.status != _HARDENING_NEEDED:
        raise Check.TCB_LEVEL.failed(f"the platform's status is {level.status}")
    unknown = set(level.advisories).difference(accepted)
    if unknown:
        raise Check.ADVISORIES.failed(f"{', '.join(sorted(unknown))} must be mitigated first")


def _require_claims(quoted: Evidence) -> None:
    digest, padding = quoted.report.data[:_DIGEST_LENGTH], quoted.report.data[_DIGEST_LENGTH:]
    # Anyone can get a report with all zeros without the enclave's consent.
    if any(padding) or not any(digest) or digest != sha256(quoted.claims_raw).digest():
        raise Check.CLAIMS.failed("the enclave does not vouch for them")


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(a & b for a, b in zip(value, mask, strict=True))
