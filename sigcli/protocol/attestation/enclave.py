"""From the first message of an enclave's server to a Noise handshake with the attested key.

Sources: libsignal ``rust/attest/src/{sgx_session,enclave,cds2,svr2}.rs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import MalformedMessage
from sigcli.protocol.attestation.checks import Check
from sigcli.protocol.attestation.verification import (
    INTEL_ROOT_KEY,
    MINIMUM_EVALUATION_NUMBER,
    verify_attestation,
)
from sigcli.protocol.noise import KEY_LENGTH
from sigcli.wire.enclave_attestation import (
    decode_handshake_start,
    decode_minimum_limits,
    decode_raft_group_config,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.protocol.attestation.verification import ExpectedEnclave
    from sigcli.wire.raft_group import RaftGroupConfig

_KEY_CLAIM = "pk"
_RAFT_CLAIM = "config"
_LIMITS_CLAIM = "minimum_limits"
_EVALUATION_LIMIT = "sgx_tcb_evaluation_data_number"
_LIMIT_LENGTH = 8


def attested_key(
    handshake_start: bytes,
    expected: ExpectedEnclave,
    now_s: int,
    root_key: bytes = INTEL_ROOT_KEY,
) -> bytes:
    """The enclave's Noise key (32 bytes), for contact discovery; raises AttestationFailed."""
    return _key(_verified_claims(handshake_start, expected, now_s, root_key))


def attested_svr2_key(
    handshake_start: bytes,
    expected: ExpectedEnclave,
    raft: RaftGroupConfig,
    now_s: int,
    *,
    require_minimum_limits: bool = True,
    root_key: bytes = INTEL_ROOT_KEY,
) -> bytes:
    """The Noise key of an SVR2 enclave, whose replicas must be configured as expected; raises AttestationFailed.

    Enclaves from before the third quarter of 2026 state no minimum limits.
    """
    claims = _verified_claims(handshake_start, expected, now_s, root_key)
    try:
        config = claims.get(_RAFT_CLAIM)
        if config is None or decode_raft_group_config(config) != raft:
            raise Check.RAFT_CONFIGURATION.failed("it is missing or not the expected one")
    except MalformedMessage:
        raise Check.RAFT_CONFIGURATION.failed("it is malformed") from None
    if require_minimum_limits:
        _require_limits(claims)
    return _key(claims)


def bare_key(handshake_start: bytes) -> bytes:
    """The Noise key of a stand-in without an enclave; raises AttestationFailed. It proves nothing."""
    try:
        key = decode_handshake_start(handshake_start).public_key
    except MalformedMessage:
        raise Check.HANDSHAKE.failed("it is malformed") from None
    if len(key) != KEY_LENGTH:
        raise Check.HANDSHAKE.failed("it names no key")
    return key


def _verified_claims(
    handshake_start: bytes, expected: ExpectedEnclave, now_s: int, root_key: bytes
) -> Mapping[str, bytes]:
    try:
        start = decode_handshake_start(handshake_start)
    except MalformedMessage:
        raise Check.HANDSHAKE.failed("it is malformed") from None
    if not start.evidence or not start.endorsement:
        raise Check.HANDSHAKE.failed("it lacks evidence or endorsements")
    return verify_attestation(start.evidence, start.endorsement, expected, now_s, root_key)


def _key(claims: Mapping[str, bytes]) -> bytes:
    key = claims.get(_KEY_CLAIM, b"")
    if len(key) != KEY_LENGTH:
        raise Check.CLAIMS.failed("they name no key")
    return key


def _require_limits(claims: Mapping[str, bytes]) -> None:
    try:
        limits = decode_minimum_limits(claims.get(_LIMITS_CLAIM, b""))
    except MalformedMessage:
        raise Check.MINIMUM_LIMITS.failed("they are malformed") from None
    limit = limits.get(_EVALUATION_LIMIT, b"")
    if len(limit) != _LIMIT_LENGTH:
        raise Check.MINIMUM_LIMITS.failed("the one for the TCB evaluation number is missing")
    if int.from_bytes(limit, "big") < MINIMUM_EVALUATION_NUMBER:
        raise Check.MINIMUM_LIMITS.failed("the one for the TCB evaluation number is too low")
