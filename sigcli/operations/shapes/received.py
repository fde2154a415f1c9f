"""What has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence


class EnvelopeShape(TypedDict):
    """An envelope; further members hold what is in it."""

    source: str | None
    sourceNumber: str | None
    sourceUuid: str | None
    sourcePni: str | None
    sourceName: str | None
    sourceDevice: int | None
    timestamp: int
    serverReceivedTimestamp: int
    serverDeliveredTimestamp: int
    serverGuid: str | None
    sealedSender: bool
    messageRequest: NotRequired[bool]
    dataMessage: NotRequired[dict[str, Any]]
    editMessage: NotRequired[dict[str, Any]]
    storyMessage: NotRequired[dict[str, Any]]
    syncMessage: NotRequired[dict[str, Any]]
    callMessage: NotRequired[dict[str, Any]]
    receiptMessage: NotRequired[dict[str, Any]]
    typingMessage: NotRequired[dict[str, Any]]
    unknownFields: NotRequired[list[int]]


class ExceptionShape(TypedDict):
    """Why an envelope has no content."""

    message: str
    type: str


class ReceiveShape(TypedDict):
    """One line of ``receive --json``."""

    account: str | None
    envelope: EnvelopeShape
    exception: NotRequired[ExceptionShape]


@dataclass(frozen=True, slots=True)
class Received(Result):
    """Everything that came, each as ``envelope.receive_object`` gives it."""

    events: Sequence[dict[str, Any]]

    def to_json(self) -> list[ReceiveShape]:
        return list(self.events)  # type: ignore[arg-type]
