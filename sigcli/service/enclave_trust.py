"""What must hold for an enclave before anything is sent to it: its attestation against the environment's settings.

A stand-in without attestation is accepted on this machine only; the environment's parser checks that, and so does this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NotOffered
from sigcli.protocol.attestation.enclave import attested_key, attested_svr2_key, bare_key
from sigcli.protocol.attestation.verification import (
    INTEL_ROOT_KEY,
    MINIMUM_EVALUATION_NUMBER,
    ExpectedEnclave,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.enclaves import (
        AttestationSettings,
        DirectorySettings,
        Enclave,
        Svr2Settings,
    )

    KeyCheck = Callable[[bytes], bytes]
    """Returns the enclave's key from the server's first message, or raises AttestationFailed."""


def directory_check(
    directory: DirectorySettings,
    attestation: AttestationSettings | None,
    now_s: int,
    root_key: bytes = INTEL_ROOT_KEY,
) -> KeyCheck:
    """The check of a contact discovery enclave at this time; raises NotOffered."""
    if directory.enclave is None:
        if directory.attested or not directory.url.is_loopback:
            raise NotOffered("contact discovery without attestation is for loopback hosts only")
        return bare_key
    expected = expected_enclave(directory.enclave, attestation)
    return lambda handshake_start: attested_key(handshake_start, expected, now_s, root_key)


def svr2_check(
    svr2: Svr2Settings,
    enclave: Enclave,
    attestation: AttestationSettings | None,
    now_s: int,
    root_key: bytes = INTEL_ROOT_KEY,
) -> KeyCheck:
    """The check of one enclave of PIN recovery at this time; raises NotOffered."""
    if not svr2.attested:
        if not svr2.url.is_loopback:
            raise NotOffered("PIN recovery without attestation is for loopback hosts only")
        return bare_key
    if enclave.raft is None:
        raise NotOffered(
            "the environment does not say how the enclave's replicas must be configured"
        )
    expected, raft = expected_enclave(enclave, attestation), enclave.raft
    return lambda handshake_start: attested_svr2_key(
        handshake_start,
        expected,
        raft,
        now_s,
        require_minimum_limits=enclave.states_minimum_limits,
        root_key=root_key,
    )


def expected_enclave(enclave: Enclave, attestation: AttestationSettings | None) -> ExpectedEnclave:
    """What an environment expects of an enclave's attestation."""
    if attestation is None:
        return ExpectedEnclave(enclave.mrenclave)
    return ExpectedEnclave(
        enclave.mrenclave,
        attestation.accepted_advisories,
        attestation.minimum_tcb_evaluation_number or MINIMUM_EVALUATION_NUMBER,
    )
