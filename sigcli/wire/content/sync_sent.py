"""What another of the account's devices sent: the transcript of a message, a story or an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content.data_message import DATA_MESSAGE, EDIT_MESSAGE, DataMessage, EditMessage
from sigcli.wire.mapping import (
    Codec,
    Value,
    data,
    flag,
    message,
    messages,
    number,
    service_id,
    text,
    texts,
)

if TYPE_CHECKING:
    from sigcli.wire.content.stories import StoryMessage


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnidentifiedStatus(Value):
    """Whether the message went to this recipient by sealed sender."""

    destination: ServiceId | None
    unidentified: bool
    destination_pni_identity_key: bytes | None = None
    """Only for a PNI: the identity key that was used."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoryRecipient(Value):
    """A recipient of a story, and the lists through which they got it."""

    destination: ServiceId | None
    distribution_list_ids: tuple[str, ...] = ()
    is_allowed_to_reply: bool
    """Always present: the apps drop a transcript without it."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncSent(Value):
    """The transcript of something sent: to an account, or to a group if there is no destination."""

    timestamp_ms: int
    destination: ServiceId | None = None
    destination_number: str | None = None
    message: DataMessage | None = None
    story_message: StoryMessage | None = None
    edit_message: EditMessage | None = None
    expiration_start_timestamp_ms: int | None = None
    unidentified_statuses: tuple[UnidentifiedStatus, ...] = ()
    is_recipient_update: bool = False
    story_recipients: tuple[StoryRecipient, ...] = ()


UNIDENTIFIED_STATUS = Codec(
    UnidentifiedStatus,
    {
        "destination": service_id("destinationServiceIdBinary", "destinationServiceId"),
        "unidentified": flag("unidentified"),
        "destination_pni_identity_key": data("destinationPniIdentityKey"),
    },
)
STORY_RECIPIENT = Codec(
    StoryRecipient,
    {
        "destination": service_id("destinationServiceIdBinary", "destinationServiceId"),
        "distribution_list_ids": texts("distributionListIds"),
        "is_allowed_to_reply": flag("isAllowedToReply"),
    },
)
SYNC_SENT = Codec(
    SyncSent,
    {
        "timestamp_ms": number("timestamp"),
        "destination": service_id("destinationServiceIdBinary", "destinationServiceId"),
        "destination_number": text("destinationE164"),
        "message": message("message", DATA_MESSAGE),
        "story_message": message("storyMessage", "sigcli.wire.content.stories:STORY_MESSAGE"),
        "edit_message": message("editMessage", EDIT_MESSAGE),
        "expiration_start_timestamp_ms": number("expirationStartTimestamp"),
        "unidentified_statuses": messages("unidentifiedStatus", UNIDENTIFIED_STATUS),
        "is_recipient_update": flag("isRecipientUpdate"),
        "story_recipients": messages("storyMessageRecipients", STORY_RECIPIENT),
    },
)
