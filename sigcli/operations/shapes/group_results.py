"""What became of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result
from sigcli.operations.shapes.sent import RecipientAddress, RecipientResult

if TYPE_CHECKING:
    from sigcli.client.base.events import Person
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.wire.key_types import GroupIdentifier


class GroupChangedShape(TypedDict):
    """How the group's people were told; nothing of that where nobody had to be told."""

    groupId: NotRequired[str]
    onlyRequested: NotRequired[bool]
    timestamp: NotRequired[int]
    results: NotRequired[list[RecipientResult]]
    invitedMembers: NotRequired[list[RecipientAddress]]


@dataclass(frozen=True, slots=True)
class GroupChanged(Result):
    """A group that was made, changed, joined or left, even if somebody could not be told."""

    group_id: GroupIdentifier
    outcome: SendOutcome | None
    created: bool = False
    joined: bool = False
    only_requested: bool = False
    invited: tuple[Person, ...] = ()
    """Who was to be a member and is only invited so far."""

    @property
    def group_id_base64(self) -> str:
        from sigcli.operations.shapes.scalars import base64_text

        return base64_text(self.group_id)

    def to_json(self) -> GroupChangedShape:
        shape: GroupChangedShape = {}
        if self.created or self.joined:
            shape["groupId"] = self.group_id_base64
        if self.only_requested:
            shape["onlyRequested"] = True
        if self.outcome is not None:
            from sigcli.operations.shapes.sent import sent_shape

            sent = sent_shape(self.outcome)
            shape["timestamp"], shape["results"] = sent["timestamp"], sent["results"]
        if self.invited:
            from sigcli.operations.shapes.sent import address_shape

            shape["invitedMembers"] = [address_shape(person) for person in self.invited]
        return shape
