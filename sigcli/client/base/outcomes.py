"""What became of a message, recipient by recipient."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.errors import (
    AddressMoved,
    DiscoveryUnavailable,
    HandOverUnknown,
    NobodyInGroup,
    SendFailed,
    SendNetworkFailed,
    SendRateLimited,
    SendUnregistered,
    SendUntrusted,
)
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.client.base.events import Person
    from sigcli.errors import SigcliError
    from sigcli.wire.key_types import GroupIdentifier


class ResultType(enum.Enum):
    """How sending to one recipient ended, in signal-cli's words."""

    SUCCESS = "SUCCESS"
    RATE_LIMIT_FAILURE = "RATE_LIMIT_FAILURE"
    NETWORK_FAILURE = "NETWORK_FAILURE"
    UNREGISTERED_FAILURE = "UNREGISTERED_FAILURE"
    INVALID_PRE_KEY_FAILURE = "INVALID_PRE_KEY_FAILURE"
    IDENTITY_FAILURE = "IDENTITY_FAILURE"


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of a message for one recipient."""

    recipient: Person
    type: ResultType
    sealed: bool = False
    token: str | None = None
    """The challenge that the service wants answered before it takes more."""
    retry_after_s: int | None = None
    error: SigcliError | None = None
    group_id: GroupIdentifier | None = None

    @property
    def succeeded(self) -> bool:
        return self.type is ResultType.SUCCESS

    @property
    def is_unknown(self) -> bool:
        """Whether the message may have reached them or not: a daemon ended while it sent it."""
        return isinstance(self.error, HandOverUnknown)


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What became of one message for all its recipients; its timestamp is its name in the network."""

    timestamp_ms: int
    results: tuple[SendResult, ...]
    empty_groups: tuple[bytes, ...] = ()
    """The ids of groups in which there is nobody else."""

    def failure(self, *, strict: bool = False) -> SigcliError | None:
        """The error that the command ends with; None if somebody got it (strict: everybody)."""
        failed = [result for result in self.results if not result.succeeded]
        for result in failed:
            if result.is_unknown:
                return result.error
        if self.empty_groups and (strict or not self.results):
            return NobodyInGroup()
        if not failed or (not strict and len(failed) < len(self.results)):
            return None
        if len(failed) < len(self.results):
            return SendFailed(f"{len(failed)} of {len(self.results)} recipients were not reached")
        kinds = {result.type for result in failed}
        if len(kinds) > 1:
            return SendFailed()
        cause = failed[0].error
        if all(isinstance(result.error, DiscoveryUnavailable) for result in failed):
            return cause
        if kinds == {ResultType.NETWORK_FAILURE} and cause is not None:
            return SendNetworkFailed(
                f"the service has not confirmed the message: {cause.message}", hint=cause.hint
            )
        if kinds == {ResultType.IDENTITY_FAILURE} and isinstance(cause, AddressMoved):
            return cause
        error = _ERRORS[kinds.pop()]()
        error.retry_after_s = max(one.retry_after_s or 0 for one in failed) or None
        return error


_ERRORS: dict[ResultType, type[SigcliError]] = {
    ResultType.RATE_LIMIT_FAILURE: SendRateLimited,
    ResultType.NETWORK_FAILURE: SendNetworkFailed,
    ResultType.UNREGISTERED_FAILURE: SendUnregistered,
    ResultType.INVALID_PRE_KEY_FAILURE: SendFailed,
    ResultType.IDENTITY_FAILURE: SendUntrusted,
}
