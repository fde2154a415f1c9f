"""Events between known people, and a directory of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sigcli.client.base.events import Person, ReceivedEvent
from sigcli.client.groups.change_values import Change
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import AttachmentPointer, Content
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.key_types import GroupMasterKey

OWN_ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
ALICE_ACI = ServiceId.aci("b1f5ae8e-0d0b-4fa0-9fd2-6f3a2d1c0001")
ALICE_PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")
BOB_ACI = ServiceId.aci("b1f5ae8e-0d0b-4fa0-9fd2-6f3a2d1c0002")
STRANGER_PNI = ServiceId.pni("0f0e0d0c-0b0a-4908-8706-050403020100")
OWN = Person(aci=OWN_ACI, number="+15550100")
ALICE = Person(aci=ALICE_ACI, pni=ALICE_PNI, number="+15550101", name="Alice")
BOB = Person(aci=BOB_ACI, name="")

MASTER_KEY = GroupMasterKey(b"m" * 32)
GROUP_ID = "5UQMchE4xVco87VHcRlBAKFzj1ilO5wQNhin+iz6TL8="
"""Its identifier, as the official libsignal derives it."""
OTHER_MASTER_KEY = GroupMasterKey(b"o" * 32)
NOW_MS = 1700000000123
NOW = "1700000000123 (2023-11-14T22:13:20.123Z)"


class KnownPeople:
    """Knows Alice, Bob and the group; attachments are where ``folder`` says."""

    def __init__(self, folder: Path | None = None, change: Change | None = None) -> None:
        self.folder = folder
        self.change = change

    def person(self, service_id: ServiceId) -> Person:
        """Alice or Bob, else somebody with this id."""
        for one in (OWN, ALICE, BOB):
            if service_id in (one.aci, one.pni):
                return one
        return Person(aci=service_id) if service_id.is_aci else Person(pni=service_id)

    def people(self, service_ids: Sequence[ServiceId]) -> list[Person]:
        """Each of them."""
        return [self.person(one) for one in service_ids]

    def person_by_number(self, number: str) -> Person:
        """Alice, else somebody with this number."""
        return ALICE if number == ALICE.number else Person(number=number)

    def group_name(self, group_id: bytes) -> str | None:
        """Of the one group."""
        from base64 import b64encode

        return "Friends" if b64encode(group_id).decode() == GROUP_ID else None

    def group_change(self, group: GroupContext) -> Change | None:
        """The one that this directory was made with."""
        return self.change

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        """An attachment with a key is called after it, and is here if the folder has it."""
        if pointer.cdn_key is None:
            return None, None
        path = self.folder / pointer.cdn_key if self.folder else None
        return pointer.cdn_key, path if path and path.exists() else None


def received(content: Content | None = None, **changes: Any) -> ReceivedEvent:
    """Something from Alice."""
    fields: dict[str, Any] = {
        "row_id": 1,
        "account": OWN,
        "source": ALICE,
        "source_device": 2,
        "timestamp_ms": NOW_MS,
        "server_received_ms": NOW_MS + 1,
        "server_delivered_ms": NOW_MS + 2,
        "server_guid": "3f1c0f1e-0000-4000-8000-000000000000",
        "sealed": True,
        "content": content,
    }
    return ReceivedEvent(**(fields | changes))


ALICE_AS_AUTHOR = {
    "author": "+15550101",
    "authorNumber": "+15550101",
    "authorUuid": str(ALICE_ACI),
}
BOB_AS_TARGET = {
    "targetAuthor": str(BOB_ACI),
    "targetAuthorNumber": None,
    "targetAuthorUuid": str(BOB_ACI),
}
NOBODY_AS_TARGET = {"targetAuthor": None, "targetAuthorNumber": None, "targetAuthorUuid": None}


def attachment_shape(**changes: Any) -> dict[str, Any]:
    """The JSON of an attachment of which nothing is known, changed."""
    return {
        "contentType": "application/octet-stream",
        "filename": None,
        "id": None,
        "size": None,
        "width": None,
        "height": None,
        "caption": None,
        "uploadTimestamp": None,
        "localPath": None,
        "isVoiceNote": False,
    } | changes
