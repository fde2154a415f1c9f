"""How the replicas of an SVR2 enclave agree with each other, without a protobuf."""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class RaftGroupConfig:
    """The settings of the replicas' consensus, which an enclave's attestation must show."""

    group_id: int
    min_voting_replicas: int
    max_voting_replicas: int
    super_majority: int
    db_version: int
    attestation_timeout_s: int
    simulated: bool
