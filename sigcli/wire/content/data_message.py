"""Data messages: what a conversation consists of, and edits of them."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.content.ranges import BODY_RANGE, BodyRange
from sigcli.wire.limits import MAX_ATTACHMENTS, MAX_RANGES
from sigcli.wire.mapping import Codec, Value, data, flag, message, messages, number, text

if TYPE_CHECKING:
    from sigcli.wire.content.message_parts import (
        AdminDelete,
        Delete,
        GiftBadge,
        GroupCallUpdate,
        GroupContext,
        Preview,
        Quote,
        Reaction,
        Sticker,
        StoryContext,
    )
    from sigcli.wire.content.payments import Payment
    from sigcli.wire.content.polls_and_pins import (
        PinMessage,
        PollCreate,
        PollTerminate,
        PollVote,
        UnpinMessage,
    )
    from sigcli.wire.content.shared_contacts import SharedContact
    from sigcli.wire.key_types import ProfileKeyBytes

CURRENT_PROTOCOL_VERSION = 8
"""The newest ``required_protocol_version`` that this schema covers."""
_CONTENT = "sigcli.wire.content"


class DataMessageFlag(enum.IntFlag):
    """What a data message is apart from its text."""

    END_SESSION = 1
    EXPIRATION_TIMER_UPDATE = 2
    PROFILE_KEY_UPDATE = 4
    FORWARD = 8


_END_SESSION, _EXPIRATION_TIMER_UPDATE, _PROFILE_KEY_UPDATE, _ = map(int, DataMessageFlag)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DataMessage(Value):
    """A message of a conversation: text, attachments, or one of many other things."""

    timestamp_ms: int
    """Identifies the message on the network; the same as the envelope's."""
    body: str | None = None
    attachments: tuple[AttachmentPointer, ...] = ()
    group: GroupContext | None = None
    flags: int = 0
    expire_timer_s: int = 0
    expire_timer_version: int | None = None
    profile_key: ProfileKeyBytes | None = None
    quote: Quote | None = None
    contacts: tuple[SharedContact, ...] = ()
    previews: tuple[Preview, ...] = ()
    sticker: Sticker | None = None
    required_protocol_version: int | None = None
    is_view_once: bool = False
    reaction: Reaction | None = None
    delete: Delete | None = None
    body_ranges: tuple[BodyRange, ...] = ()
    group_call_update: GroupCallUpdate | None = None
    payment: Payment | None = None
    story_context: StoryContext | None = None
    gift_badge: GiftBadge | None = None
    poll_create: PollCreate | None = None
    poll_terminate: PollTerminate | None = None
    poll_vote: PollVote | None = None
    pin_message: PinMessage | None = None
    unpin_message: UnpinMessage | None = None
    admin_delete: AdminDelete | None = None
    unknown_fields: tuple[int, ...] = ()
    """Numbers of fields that this schema lacks; read only."""

    @property
    def is_end_session(self) -> bool:
        return bool(self.flags & _END_SESSION)

    @property
    def is_expiration_update(self) -> bool:
        return bool(self.flags & _EXPIRATION_TIMER_UPDATE)

    @property
    def is_profile_key_update(self) -> bool:
        return bool(self.flags & _PROFILE_KEY_UPDATE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EditMessage(Value):
    """A new version of an earlier message of the sender."""

    target_timestamp_ms: int
    data_message: DataMessage | None


DATA_MESSAGE = Codec(
    DataMessage,
    {
        "timestamp_ms": number("timestamp"),
        "body": text("body"),
        "attachments": messages("attachments", ATTACHMENT_POINTER, MAX_ATTACHMENTS),
        "group": message("groupV2", f"{_CONTENT}.message_parts:GROUP_CONTEXT"),
        "flags": number("flags"),
        "expire_timer_s": number("expireTimer"),
        "expire_timer_version": number("expireTimerVersion"),
        "profile_key": data("profileKey"),
        "quote": message("quote", f"{_CONTENT}.message_parts:QUOTE"),
        "contacts": messages(
            "contact", f"{_CONTENT}.shared_contacts:SHARED_CONTACT", MAX_ATTACHMENTS
        ),
        "previews": messages("preview", f"{_CONTENT}.message_parts:PREVIEW", MAX_ATTACHMENTS),
        "sticker": message("sticker", f"{_CONTENT}.message_parts:STICKER"),
        "required_protocol_version": number("requiredProtocolVersion"),
        "is_view_once": flag("isViewOnce"),
        "reaction": message("reaction", f"{_CONTENT}.message_parts:REACTION"),
        "delete": message("delete", f"{_CONTENT}.message_parts:DELETE"),
        "body_ranges": messages("bodyRanges", BODY_RANGE, MAX_RANGES),
        "group_call_update": message(
            "groupCallUpdate", f"{_CONTENT}.message_parts:GROUP_CALL_UPDATE"
        ),
        "payment": message("payment", f"{_CONTENT}.payments:PAYMENT"),
        "story_context": message("storyContext", f"{_CONTENT}.message_parts:STORY_CONTEXT"),
        "gift_badge": message("giftBadge", f"{_CONTENT}.message_parts:GIFT_BADGE"),
        "poll_create": message("pollCreate", f"{_CONTENT}.polls_and_pins:POLL_CREATE"),
        "poll_terminate": message("pollTerminate", f"{_CONTENT}.polls_and_pins:POLL_TERMINATE"),
        "poll_vote": message("pollVote", f"{_CONTENT}.polls_and_pins:POLL_VOTE"),
        "pin_message": message("pinMessage", f"{_CONTENT}.polls_and_pins:PIN_MESSAGE"),
        "unpin_message": message("unpinMessage", f"{_CONTENT}.polls_and_pins:UNPIN_MESSAGE"),
        "admin_delete": message("adminDelete", f"{_CONTENT}.message_parts:ADMIN_DELETE"),
    },
)
EDIT_MESSAGE = Codec(
    EditMessage,
    {
        "target_timestamp_ms": number("targetSentTimestamp"),
        "data_message": message("dataMessage", DATA_MESSAGE),
    },
)
