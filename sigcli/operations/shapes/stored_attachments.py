"""The attachments on this device."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Nothing, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.applying.stored_attachments import StoredAttachment


class StoredAttachmentShape(TypedDict):
    """A file; ``localPath`` is where it lies on this machine."""

    id: str
    contentType: str | None
    size: int
    storedTimestamp: int
    localPath: str


class RemovedShape(TypedDict):
    """How many are gone."""

    removed: int


@dataclass(frozen=True, slots=True)
class StoredAttachments(Result):
    """The attachments that are here."""

    attachments: Sequence[StoredAttachment]

    def to_json(self) -> list[StoredAttachmentShape]:
        return [
            {
                "id": one.id,
                "contentType": one.content_type,
                "size": one.size,
                "storedTimestamp": one.stored_ms,
                "localPath": one.path,
            }
            for one in self.attachments
        ]


@dataclass(frozen=True, slots=True)
class Located(Nothing):
    """A file that is here; where it is concerns no program."""

    path: str


@dataclass(frozen=True, slots=True)
class Removed(Result):
    """Attachments were deleted from this device."""

    count: int

    def to_json(self) -> RemovedShape:
        return {"removed": self.count}
