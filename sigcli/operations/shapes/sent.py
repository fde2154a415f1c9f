"""What became of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from sigcli.client.base.events import Person
    from sigcli.client.base.outcomes import SendOutcome, SendResult
    from sigcli.errors import SigcliError


class RecipientAddress(TypedDict):
    """Somebody, by whatever is known of them."""

    uuid: str | None
    number: str | None
    username: str | None


class RecipientResult(TypedDict):
    """What became of a message for one recipient."""

    recipientAddress: RecipientAddress
    groupId: NotRequired[str]
    type: str
    token: NotRequired[str]
    retryAfterSeconds: NotRequired[int]
    sealedSender: NotRequired[bool]
    unknown: NotRequired[bool]


class SentShape(TypedDict):
    """signal-cli's result of its send commands, with ``sealedSender`` and ``unknown`` added."""

    timestamp: int
    results: list[RecipientResult]


@dataclass(frozen=True, slots=True)
class Sent(Result):
    """A message that was sent, to some of its recipients at least unless ``failure`` says otherwise."""

    outcome: SendOutcome
    strict: bool = False
    """Whether it has failed unless everybody got it."""

    @property
    def failure(self) -> SigcliError | None:
        return self.outcome.failure(strict=self.strict)

    def to_json(self) -> SentShape:
        return sent_shape(self.outcome)


def sent_shape(outcome: SendOutcome) -> SentShape:
    """The object for a message."""
    return {
        "timestamp": outcome.timestamp_ms,
        "results": [_recipient(result) for result in outcome.results],
    }


def address_shape(person: Person) -> RecipientAddress:
    """Somebody, by whatever is known of them."""
    return {
        "uuid": person.uuid or (str(person.pni) if person.pni else None),
        "number": person.number,
        "username": person.username,
    }


def _recipient(result: SendResult) -> RecipientResult:
    from sigcli.operations.shapes.scalars import base64_text

    address = address_shape(result.recipient)
    # In signal-cli's order.
    shape: RecipientResult = (
        {"recipientAddress": address, "type": result.type.value}
        if result.group_id is None
        else {
            "recipientAddress": address,
            "groupId": base64_text(result.group_id),
            "type": result.type.value,
        }
    )
    if result.token is not None:
        shape["token"] = result.token
    if result.retry_after_s is not None:
        shape["retryAfterSeconds"] = result.retry_after_s
    if result.succeeded:
        shape["sealedSender"] = result.sealed
    if result.is_unknown:
        shape["unknown"] = True
    return shape
