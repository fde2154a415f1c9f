"""The enclave services of an environment: contact discovery and PIN recovery, and how they prove themselves.

An enclave is named by its measurement (MRENCLAVE, 32 bytes). ``attestation = "none"`` and ``kind = "loopback"`` are
for stand-ins without an enclave and accepted on this machine only. Raft settings: libsignal,
``rust/attest/src/svr2.rs``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.raft_group import RaftGroupConfig

if TYPE_CHECKING:
    from sigcli.service.environment_fields import BaseUrl, Section

MEASUREMENT_LENGTH = 32
_LOOPBACK_ONLY = "is accepted for a loopback host only"


@dataclass(frozen=True, slots=True)
class Enclave:
    """One enclave: its measurement (32 bytes) and, for SVR2, its consensus settings.

    ``states_minimum_limits``: the attestation contains the lowest TCB evaluation number that the replicas accept.
    """

    mrenclave: bytes
    raft: RaftGroupConfig | None = None
    states_minimum_limits: bool = True

    @property
    def group_id(self) -> int:
        """The id of the replicas' group, which the PIN's hash depends on; 0 for a stand-in without one."""
        return self.raft.group_id if self.raft is not None else 0


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """Contact discovery: by enclave (``cdsi``), or a plain lookup on this machine (``loopback``)."""

    kind: str
    url: BaseUrl
    enclave: Enclave | None
    attested: bool


@dataclass(frozen=True, slots=True)
class Svr2Settings:
    """PIN recovery; ``enclaves`` newest first."""

    url: BaseUrl
    enclaves: tuple[Enclave, ...]
    attested: bool

    @property
    def generations(self) -> tuple[Enclave, ...]:
        """The enclaves, newest first; a stand-in that names none counts as one."""
        return self.enclaves or (Enclave(bytes(MEASUREMENT_LENGTH)),)


@dataclass(frozen=True, slots=True)
class AttestationSettings:
    """What is accepted in a quote: the lowest evaluation number, and advisories known to be harmless."""

    minimum_tcb_evaluation_number: int = 0
    accepted_advisories: tuple[str, ...] = ()


def read_directory(section: Section) -> DirectorySettings:
    """Read ``[directory]``; raises InvalidEnvironment."""
    kind = section.choice("kind", ("cdsi", "loopback"), "cdsi")
    url = section.url("url")
    if kind == "loopback":
        if not url.is_loopback:
            raise section.failure("kind", f'"loopback" {_LOOPBACK_ONLY}')
        return DirectorySettings(kind, url, None, False)
    attested = _attested(section, url)
    enclave = Enclave(section.hex("mrenclave", MEASUREMENT_LENGTH)) if attested else None
    return DirectorySettings(kind, url, enclave, attested)


def read_svr2(section: Section) -> Svr2Settings:
    """Read ``[svr2]``; raises InvalidEnvironment."""
    url = section.url("url")
    attested = _attested(section, url)
    enclaves = tuple(_read_enclave(entry) for entry in section.sections("enclaves"))
    if attested and not enclaves:
        raise section.failure("enclaves", "is missing: at least one [[svr2.enclaves]] is needed")
    if attested and any(enclave.raft is None for enclave in enclaves):
        raise section.failure("enclaves", "lacks raft, which the attestation is compared with")
    return Svr2Settings(url, enclaves, attested)


def read_attestation(section: Section) -> AttestationSettings:
    """Read ``[attestation]``; raises InvalidEnvironment."""
    return AttestationSettings(
        section.integer("minimum_tcb_evaluation_number", default=0),
        section.texts("accepted_advisories"),
    )


def _attested(section: Section, url: BaseUrl) -> bool:
    if section.choice("attestation", ("dcap", "none"), "dcap") == "dcap":
        return True
    if not url.is_loopback:
        raise section.failure("attestation", f'"none" {_LOOPBACK_ONLY}')
    return False


def _read_enclave(section: Section) -> Enclave:
    measurement = section.hex("mrenclave", MEASUREMENT_LENGTH)
    limits = section.flag("states_minimum_limits", True)
    if not section.has("raft"):
        return Enclave(measurement, None, limits)
    raft = section.section("raft")
    group_id = raft.text("group_id")
    if not (group_id.isascii() and group_id.isdigit()):
        raise raft.failure("group_id", "must be a decimal number in quotes")
    return Enclave(
        measurement,
        RaftGroupConfig(
            int(group_id),
            raft.integer("min_voting_replicas"),
            raft.integer("max_voting_replicas"),
            raft.integer("super_majority"),
            raft.integer("db_version"),
            raft.integer("attestation_timeout_s"),
            raft.flag("simulated"),
        ),
        limits,
    )
