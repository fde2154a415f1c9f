"""Messages that were reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence


class ReportedMessage(TypedDict):
    """A message, by what the service calls it; the timestamp where it is known."""

    serverGuid: str
    timestamp: int | None


class ReportedShape(TypedDict):
    """All that were reported."""

    reported: list[ReportedMessage]


@dataclass(frozen=True, slots=True)
class Reported(Result):
    """GUID and timestamp (ms) of each message that was reported."""

    messages: Sequence[tuple[str, int | None]]

    def to_json(self) -> ReportedShape:
        return {
            "reported": [
                {"serverGuid": guid, "timestamp": timestamp_ms}
                for guid, timestamp_ms in self.messages
            ]
        }
