"""Who is on the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account.people.user_status import UserStatus


class UserStatusShape(TypedDict):
    """What is known of one recipient, under the words that were asked for."""

    recipient: str
    number: str | None
    username: NotRequired[str]
    uuid: str | None
    isRegistered: bool


@dataclass(frozen=True, slots=True)
class UserStatuses(Result):
    """An answer for each who was asked for, in that order."""

    statuses: Sequence[UserStatus]

    def to_json(self) -> list[UserStatusShape]:
        return [_shape(status) for status in self.statuses]


def _shape(status: UserStatus) -> UserStatusShape:
    if not status.username:
        return {
            "recipient": status.recipient,
            "number": status.number,
            "uuid": status.uuid,
            "isRegistered": status.registered,
        }
    return {
        "recipient": status.recipient,
        "number": status.number,
        "username": status.username,
        "uuid": status.uuid,
        "isRegistered": status.registered,
    }
