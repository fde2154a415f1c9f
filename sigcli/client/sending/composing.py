"""What a message says: its text, what is attached to it, and the parts that options add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.long_text import body_of, is_long
from sigcli.errors import MalformedMessage, UnsuitableViewOnce, UsageError
from sigcli.lazy_dataclass import replace
from sigcli.wire.content import AttachmentFlag, Content, DataMessage, EditMessage, encode_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.sending.message_extras import Extras
    from sigcli.wire.content import AttachmentPointer, PniSignature

UNSENT_MS = 0
"""The timestamp of a message that has not been sent: sending gives it one."""


def check_text(text: str | None) -> None:
    """UsageError for a text that is not UTF-8, AppLimitExceeded for one that is too long."""
    try:
        encoded = (text or "").encode()
    except UnicodeEncodeError:
        raise UsageError("the text is not UTF-8") from None
    if is_long(text or ""):
        from sigcli.client.content.limits import MESSAGE_TEXT
        from sigcli.client.content.limits import check_text as check_length

        check_length(encoded.decode(), MESSAGE_TEXT)


def compose(
    account: Account, text: str | None, attachments: Sequence[str], extras: Extras | None = None
) -> DataMessage:
    """A message without timestamp, timer or profile key; everything that it points to is uploaded.

    Raises AppLimitExceeded and UnsuitableViewOnce before anything is uploaded; AttachmentUnreadable,
    AttachmentTooLarge, UnknownRecipient, ServiceError.
    """
    if attachments:
        from sigcli.client.content.limits import ATTACHMENTS, check_count

        check_count(len(attachments) + bool(text and is_long(text)), ATTACHMENTS)
    if extras is not None and extras.view_once and (text or extras.says_more):
        raise UnsuitableViewOnce
    message = DataMessage(timestamp_ms=UNSENT_MS, body=body_of(text) if text else None)
    if extras is not None:
        from sigcli.client.sending.message_extras import with_extras

        message = with_extras(account, message, text or "", extras)
    view_once = extras is not None and extras.view_once
    pointers = _upload(account, text, attachments, view_once=view_once)
    if extras is not None and extras.voice_note:
        pointers = (
            tuple(
                replace(pointer, flags=pointer.flags | AttachmentFlag.VOICE_MESSAGE)
                for pointer in pointers[: len(attachments)]
            )
            + pointers[len(attachments) :]
        )
    return replace(message, attachments=pointers) if pointers else message


def content_of(
    message: DataMessage, edit_of_ms: int | None = None, signature: PniSignature | None = None
) -> Content:
    """What travels: the message, or the edit that it is the new version of."""
    edit = edit_of(message, edit_of_ms)
    if edit is not None:
        return Content(edit_message=edit, pni_signature=signature)
    return Content(data_message=message, pni_signature=signature)


def encoded(content: Content) -> bytes:
    """Serialise what the user has composed; raises UsageError for what does not fit into a message."""
    try:
        return encode_content(content)
    except MalformedMessage:
        raise UsageError("a number or text is larger than a message can hold") from None


def kept_for_ms(message: DataMessage | None, edit: EditMessage | None = None) -> int | None:
    """How long a message, or an edit, may be kept to be sent again; None for as long as anything.

    What it says is gone once its timer has run out. That a timer has changed, or a message was deleted, is told still.
    """
    data = message if edit is None else edit.data_message
    if data is None or not data.expire_timer_s or data.is_expiration_update:
        return None
    parts = (data.body, data.attachments, data.sticker, data.contacts, data.poll_create)
    return data.expire_timer_s * 1000 if any(parts) else None


def edit_of(message: DataMessage, edit_of_ms: int | None) -> EditMessage | None:
    """The edit of an earlier message (by its timestamp), None if there is none."""
    if edit_of_ms is None:
        return None
    return EditMessage(target_timestamp_ms=edit_of_ms, data_message=message)


def _upload(
    account: Account, text: str | None, attachments: Sequence[str], *, view_once: bool
) -> tuple[AttachmentPointer, ...]:
    """What is attached, in its order, and after it the whole of a text that is too long."""
    long = bool(text) and is_long(text or "")
    if not long and not attachments:
        if view_once:
            raise UnsuitableViewOnce
        return ()
    from sigcli.client.content.attachments_out import upload_attachments, upload_long_text

    check = None
    if view_once:
        from sigcli.client.content.limits import check_seen_once

        check = check_seen_once
    pointers = upload_attachments(account, attachments, check) if attachments else ()
    if long and text:
        pointers = (*pointers, upload_long_text(account, text))
    return pointers
