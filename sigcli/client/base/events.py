"""What ``receive`` prints: one event for each row of the inbox, with the people it names looked up."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sigcli.client.groups.change_values import Change
    from sigcli.store.inbox_values import Withdrawal
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import AttachmentPointer, Content
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.key_types import GroupIdentifier


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as far as this account knows them."""

    aci: ServiceId | None = None
    pni: ServiceId | None = None
    number: str | None = None
    username: str | None = None
    name: str | None = None
    """The user's name for a contact, else the name in the profile, else empty; None for nobody known."""

    @classmethod
    def of_id(cls, service_id: ServiceId) -> Person:
        """Somebody of whom no more than an id is known."""
        return cls(aci=service_id) if service_id.is_aci else cls(pni=service_id)

    @property
    def uuid(self) -> str | None:
        """The ACI as text."""
        return str(self.aci) if self.aci else None

    @property
    def identifier(self) -> str | None:
        """The shortest way to name this person: number, else ACI, else PNI, else username."""
        if self.number:
            return self.number
        service_id = self.aci or self.pni
        return str(service_id) if service_id else self.username


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an envelope has no content: signal-cli's name of the exception, and a sentence."""

    type: str
    message: str
    untrusted_identity: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One envelope, ready to be printed."""

    row_id: int
    account: Person
    source: Person | None
    source_device: int | None
    timestamp_ms: int
    server_received_ms: int
    server_delivered_ms: int
    server_guid: str | None
    sealed: bool
    message_request: bool = False
    content: Content | None = field(default=None, repr=False)
    failure: Failure | None = None
    is_delivery_receipt: bool = False
    """A receipt that the server itself sent for an unsealed message: its timestamp names the message."""
    withdrawn: Withdrawal | None = None
    """Why there is nothing but a frame of the content."""
    left: dict[str, str] = field(default_factory=dict, compare=False)
    """Why attachments are not here, by their ids."""


class Directory(Protocol):
    """What rendering an event needs to know beyond the event itself."""

    def person(self, service_id: ServiceId) -> Person:
        """The person with this service id; at least the id itself."""

    def people(self, service_ids: Sequence[ServiceId]) -> list[Person]:
        """As ``person`` for each of several, in their order."""

    def person_by_number(self, number: str) -> Person:
        """The person with this number; at least the number itself."""

    def group_name(self, group_id: GroupIdentifier) -> str | None:
        """The title of a group, if it is known."""

    def group_change(self, group: GroupContext) -> Change | None:
        """The change that a message carries, if the service signed it."""

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        """The local id of an attachment, and where its file is if it was downloaded."""
