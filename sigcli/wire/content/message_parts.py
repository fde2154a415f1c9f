"""The parts of a data message: group, quote, reaction, preview, sticker and other small ones."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.content.ranges import BODY_RANGE, BodyRange
from sigcli.wire.limits import MAX_ATTACHMENTS, MAX_RANGES
from sigcli.wire.mapping import (
    Codec,
    Value,
    aci,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
    text,
)

if TYPE_CHECKING:
    from sigcli.wire.key_types import GroupMasterKey, StickerPackId


class QuoteType(enum.IntEnum):
    """What kind of message is quoted."""

    NORMAL = 0
    GIFT_BADGE = 1
    POLL = 2


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupContext(Value):
    """The group that a message is for; ``group_change`` is a signed GroupChange, if the message reports one."""

    master_key: GroupMasterKey
    revision: int
    group_change: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class QuotedAttachment(Value):
    """An attachment of the quoted message, with a small picture of it."""

    content_type: str | None = None
    file_name: str | None = None
    thumbnail: AttachmentPointer | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Quote(Value):
    """The message (by timestamp and author) that this one answers, and what it said."""

    timestamp_ms: int
    author: ServiceId | None
    text: str | None = None
    attachments: tuple[QuotedAttachment, ...] = ()
    body_ranges: tuple[BodyRange, ...] = ()
    type: QuoteType | int = QuoteType.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reaction(Value):
    """An emoji on a message, or its removal."""

    emoji: str
    target_author: ServiceId | None
    target_timestamp_ms: int
    is_remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Delete(Value):
    """The sender deletes one of their messages for everyone."""

    target_timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AdminDelete(Value):
    """An administrator of a group deletes another member's message."""

    target_author: ServiceId | None
    target_timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Preview(Value):
    """The preview of a link in the text."""

    url: str
    title: str | None = None
    description: str | None = None
    image: AttachmentPointer | None = None
    date_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sticker(Value):
    """A sticker (by pack and number), and its picture as an attachment."""

    pack_id: StickerPackId
    pack_key: bytes
    sticker_id: int
    data: AttachmentPointer | None = None
    emoji: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoryContext(Value):
    """The story that this message answers or reacts to."""

    author: ServiceId | None
    sent_timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupCallUpdate(Value):
    """A group call has changed: it began or ended, or a person joined or left."""

    era_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GiftBadge(Value):
    """A badge as a gift: the presentation of a receipt credential."""

    receipt_credential_presentation: bytes | None = None


GROUP_CONTEXT = Codec(
    GroupContext,
    {
        "master_key": data("masterKey"),
        "revision": number("revision"),
        "group_change": data("groupChange"),
    },
)
QUOTED_ATTACHMENT = Codec(
    QuotedAttachment,
    {
        "content_type": text("contentType"),
        "file_name": text("fileName"),
        "thumbnail": message("thumbnail", ATTACHMENT_POINTER),
    },
)
QUOTE = Codec(
    Quote,
    {
        "timestamp_ms": number("id"),
        "author": aci("authorAciBinary", "authorAci"),
        "text": text("text"),
        "attachments": messages("attachments", QUOTED_ATTACHMENT, MAX_ATTACHMENTS),
        "body_ranges": messages("bodyRanges", BODY_RANGE, MAX_RANGES),
        "type": enumeration("type", QuoteType),
    },
)
REACTION = Codec(
    Reaction,
    {
        "emoji": text("emoji"),
        "target_author": aci("targetAuthorAciBinary", "targetAuthorAci"),
        "target_timestamp_ms": number("targetSentTimestamp"),
        "is_remove": flag("remove"),
    },
)
DELETE = Codec(Delete, {"target_timestamp_ms": number("targetSentTimestamp")})
ADMIN_DELETE = Codec(
    AdminDelete,
    {
        "target_author": aci("targetAuthorAciBinary"),
        "target_timestamp_ms": number("targetSentTimestamp"),
    },
)
PREVIEW = Codec(
    Preview,
    {
        "url": text("url"),
        "title": text("title"),
        "description": text("description"),
        "image": message("image", ATTACHMENT_POINTER),
        "date_ms": number("date"),
    },
)
STICKER = Codec(
    Sticker,
    {
        "pack_id": data("packId"),
        "pack_key": data("packKey"),
        "sticker_id": number("stickerId"),
        "data": message("data", ATTACHMENT_POINTER),
        "emoji": text("emoji"),
    },
)
STORY_CONTEXT = Codec(
    StoryContext,
    {
        "author": aci("authorAciBinary", "authorAci"),
        "sent_timestamp_ms": number("sentTimestamp"),
    },
)
GROUP_CALL_UPDATE = Codec(GroupCallUpdate, {"era_id": text("eraId")})
GIFT_BADGE = Codec(
    GiftBadge, {"receipt_credential_presentation": data("receiptCredentialPresentation")}
)
