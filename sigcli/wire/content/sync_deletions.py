"""What an account's devices tell each other about messages deleted for the account alone, and lost attachments."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.mapping import (
    Codec,
    Field,
    Value,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
    service_id,
    text,
)

if TYPE_CHECKING:
    from sigcli.wire.key_types import GroupIdentifier


class BackfillStatus(enum.IntEnum):
    """Why there is no attachment (yet)."""

    PENDING = 0
    TERMINAL_ERROR = 1


class BackfillError(enum.IntEnum):
    """Why a request for attachments fails."""

    MESSAGE_NOT_FOUND = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddressableMessage(Value):
    """A message by its author (service id or number) and timestamp."""

    author: ServiceId | None = None
    author_number: str | None = None
    sent_timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConversationIdentifier(Value):
    """A conversation: with an account, in a group, or with a number."""

    thread: ServiceId | None = None
    group_id: GroupIdentifier | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MessageDeletes(Value):
    """Single messages of a conversation were deleted."""

    conversation: ConversationIdentifier | None
    messages: tuple[AddressableMessage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttachmentDelete(Value):
    """One attachment of a message was deleted, identified by what is known about it."""

    conversation: ConversationIdentifier | None
    target_message: AddressableMessage | None
    client_uuid: bytes | None = None
    fallback_digest: bytes | None = None
    fallback_plaintext_hash: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConversationDelete(Value):
    """A conversation was deleted up to its most recent messages."""

    conversation: ConversationIdentifier | None
    most_recent_messages: tuple[AddressableMessage, ...] = ()
    most_recent_non_expiring_messages: tuple[AddressableMessage, ...] = ()
    is_full_delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LocalOnlyConversationDelete(Value):
    """A conversation without messages that others know was deleted."""

    conversation: ConversationIdentifier | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncDeleteForMe(Value):
    """Things deleted on another of the account's devices."""

    message_deletes: tuple[MessageDeletes, ...] = ()
    conversation_deletes: tuple[ConversationDelete, ...] = ()
    local_only_conversation_deletes: tuple[LocalOnlyConversationDelete, ...] = ()
    attachment_deletes: tuple[AttachmentDelete, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttachmentBackfillRequest(Value):
    """A linked device asks the primary one for the attachments of a message."""

    target_message: AddressableMessage | None
    target_conversation: ConversationIdentifier | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BackfilledAttachment(Value):
    """An attachment, or why it is missing."""

    attachment: AttachmentPointer | None = None
    status: BackfillStatus | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BackfilledAttachments(Value):
    """The attachments of a message in their order, and its long text."""

    attachments: tuple[BackfilledAttachment, ...] = ()
    long_text: BackfilledAttachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AttachmentBackfillResponse(Value):
    """The answer to an AttachmentBackfillRequest: attachments or an error."""

    target_message: AddressableMessage | None
    target_conversation: ConversationIdentifier | None
    attachments: BackfilledAttachments | None = None
    error: BackfillError | int | None = None


ADDRESSABLE_MESSAGE = Codec(
    AddressableMessage,
    {
        "author": service_id("authorServiceIdBinary", "authorServiceId"),
        "author_number": text("authorE164"),
        "sent_timestamp_ms": number("sentTimestamp"),
    },
)
CONVERSATION_IDENTIFIER = Codec(
    ConversationIdentifier,
    {
        "thread": service_id("threadServiceIdBinary", "threadServiceId"),
        "group_id": data("threadGroupId"),
        "number": text("threadE164"),
    },
)


def _conversation(name: str = "conversation") -> Field:
    return message(name, CONVERSATION_IDENTIFIER)


MESSAGE_DELETES = Codec(
    MessageDeletes,
    {"conversation": _conversation(), "messages": messages("messages", ADDRESSABLE_MESSAGE)},
)
ATTACHMENT_DELETE = Codec(
    AttachmentDelete,
    {
        "conversation": _conversation(),
        "target_message": message("targetMessage", ADDRESSABLE_MESSAGE),
        "client_uuid": data("clientUuid"),
        "fallback_digest": data("fallbackDigest"),
        "fallback_plaintext_hash": data("fallbackPlaintextHash"),
    },
)
CONVERSATION_DELETE = Codec(
    ConversationDelete,
    {
        "conversation": _conversation(),
        "most_recent_messages": messages("mostRecentMessages", ADDRESSABLE_MESSAGE),
        "most_recent_non_expiring_messages": messages(
            "mostRecentNonExpiringMessages", ADDRESSABLE_MESSAGE
        ),
        "is_full_delete": flag("isFullDelete"),
    },
)
LOCAL_ONLY_CONVERSATION_DELETE = Codec(
    LocalOnlyConversationDelete, {"conversation": _conversation()}
)
SYNC_DELETE_FOR_ME = Codec(
    SyncDeleteForMe,
    {
        "message_deletes": messages("messageDeletes", MESSAGE_DELETES),
        "conversation_deletes": messages("conversationDeletes", CONVERSATION_DELETE),
        "local_only_conversation_deletes": messages(
            "localOnlyConversationDeletes", LOCAL_ONLY_CONVERSATION_DELETE
        ),
        "attachment_deletes": messages("attachmentDeletes", ATTACHMENT_DELETE),
    },
)
ATTACHMENT_BACKFILL_REQUEST = Codec(
    AttachmentBackfillRequest,
    {
        "target_message": message("targetMessage", ADDRESSABLE_MESSAGE),
        "target_conversation": _conversation("targetConversation"),
    },
)
BACKFILLED_ATTACHMENT = Codec(
    BackfilledAttachment,
    {
        "attachment": message("attachment", ATTACHMENT_POINTER),
        "status": enumeration("status", BackfillStatus),
    },
)
BACKFILLED_ATTACHMENTS = Codec(
    BackfilledAttachments,
    {
        "attachments": messages("attachments", BACKFILLED_ATTACHMENT),
        "long_text": message("longText", BACKFILLED_ATTACHMENT),
    },
)
ATTACHMENT_BACKFILL_RESPONSE = Codec(
    AttachmentBackfillResponse,
    {
        "target_message": message("targetMessage", ADDRESSABLE_MESSAGE),
        "target_conversation": _conversation("targetConversation"),
        "attachments": message("attachments", BACKFILLED_ATTACHMENTS),
        "error": enumeration("error", BackfillError),
    },
)
