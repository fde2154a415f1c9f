"""Data messages and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.client.groups.identifiers import group_identifier
from sigcli.daemon.signald.shapes.people import address_of_id
from sigcli.operations.shapes.data_message import LONG_TEXT, message_text
from sigcli.operations.shapes.scalars import base64_text, label
from sigcli.wire.content.message_parts import QuoteType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.events import Directory
    from sigcli.wire.content import AttachmentPointer, DataMessage
    from sigcli.wire.content.message_parts import (
        GroupContext,
        Preview,
        Quote,
        Reaction,
        Sticker,
    )
    from sigcli.wire.content.payments import Payment
    from sigcli.wire.content.ranges import BodyRange
    from sigcli.wire.content.stories import StoryMessage

UNKNOWN_CONTENT_TYPE = "application/octet-stream"


def data_message_shape(
    message: DataMessage, directory: Directory, *, is_older: bool = False
) -> dict[str, Any]:
    """``data_message``: booleans and the timer always, lists only if not empty, a body only if there is text."""
    text, _ = message_text(message, directory)
    shape: dict[str, Any] = {
        "timestamp": message.timestamp_ms,
        "body": text or None,
        "endSession": message.is_end_session,
        "expiresInSeconds": message.expire_timer_s,
        "profileKeyUpdate": message.is_profile_key_update,
        "viewOnce": message.is_view_once,
        "attachments": [
            attachment_shape(one, directory)
            for one in message.attachments
            if one.content_type != LONG_TEXT
        ]
        or None,
        "mentions": mentions_shape(message.body_ranges) or None,
        "previews": [_preview(one, directory) for one in message.previews] or None,
    }
    if not is_older:
        shape["is_expiration_update"] = message.is_expiration_update
    if message.group is not None:
        shape["groupV2"] = group_shape(message.group, message.expire_timer_s)
    if message.quote is not None:
        shape["quote"] = _quote(message.quote, directory)
    if message.reaction is not None:
        shape["reaction"] = _reaction(message.reaction, directory)
    if message.delete is not None:
        shape["remoteDelete"] = {"target_sent_timestamp": message.delete.target_timestamp_ms}
    elif message.admin_delete is not None:
        shape["remoteDelete"] = {"target_sent_timestamp": message.admin_delete.target_timestamp_ms}
    if message.sticker is not None:
        shape["sticker"] = _sticker(message.sticker, directory)
    if message.contacts:
        from sigcli.operations.shapes.shared_contacts import shared_contact_json

        shape["contacts"] = [shared_contact_json(one, directory) for one in message.contacts]
    if message.payment is not None and not is_older:
        shape["payment"] = _payment(message.payment)
    if message.group_call_update is not None:
        shape["group_call_update"] = {"era_id": message.group_call_update.era_id}
    if message.story_context is not None:
        shape["story_context"] = {
            "author": address_of_id(message.story_context.author, directory),
            "sent_timestamp": message.story_context.sent_timestamp_ms,
        }
    return shape


def group_shape(group: GroupContext, timer_s: int) -> dict[str, Any]:
    """``groupV2``: only what identifies the group."""
    return {
        "id": base64_text(group_identifier(group)),
        "revision": group.revision,
        "timer": timer_s,
        "removed": False,
        "group_change": base64_text(group.group_change) if group.group_change else None,
    }


def attachment_shape(pointer: AttachmentPointer, directory: Directory) -> dict[str, Any]:
    """``JsonAttachment``; id, size, contentType and storedFilename are always present."""
    identifier, path = directory.attachment(pointer)
    return {
        "contentType": pointer.content_type or UNKNOWN_CONTENT_TYPE,
        "id": identifier or "",
        "size": pointer.size or 0,
        # Clients want a text even if the file was not downloaded (--ignore-attachments, a stranger's).
        "storedFilename": "" if path is None else str(path),
        "customFilename": pointer.file_name,
        "caption": pointer.caption or None,
        "width": pointer.width or None,
        "height": pointer.height or None,
        "voiceNote": pointer.is_voice_message,
        "key": base64_text(pointer.key) if pointer.key else None,
        "digest": base64_text(pointer.digest) if pointer.digest else None,
        "blurhash": pointer.blur_hash,
        "preview": base64_text(pointer.thumbnail) if pointer.thumbnail else None,
    }


def mentions_shape(ranges: Iterable[BodyRange]) -> list[dict[str, Any]]:
    """``mentions``: exactly these three keys."""
    return [
        {"uuid": str(one.mention), "start": one.start, "length": one.length}
        for one in ranges
        if one.mention is not None
    ]


def story_shape(story: StoryMessage, directory: Directory) -> dict[str, Any]:
    """``story_message``."""
    shape: dict[str, Any] = {
        "allowReplies": story.allows_replies,
        "group": None if story.group is None else group_shape(story.group, 0),
    }
    if story.file_attachment is not None:
        shape["file"] = attachment_shape(story.file_attachment, directory)
    if story.text_attachment is not None:
        written = story.text_attachment
        shape["text"] = {
            "text": written.text,
            "style": None if written.style is None else label(written.style),
            "preview": None if written.preview is None else _preview(written.preview, directory),
        }
    return shape


def _quote(quote: Quote, directory: Directory) -> dict[str, Any]:
    return {
        "id": quote.timestamp_ms,
        "author": address_of_id(quote.author, directory),
        "text": quote.text or "",
        "attachments": [
            {
                "contentType": one.content_type,
                "fileName": one.file_name,
                "thumbnail": None
                if one.thumbnail is None
                else attachment_shape(one.thumbnail, directory),
            }
            for one in quote.attachments
        ]
        or None,
        "mentions": mentions_shape(quote.body_ranges) or None,
        "type": None if quote.type == QuoteType.NORMAL else label(quote.type),
    }


def _reaction(reaction: Reaction, directory: Directory) -> dict[str, Any]:
    return {
        "emoji": reaction.emoji,
        "remove": reaction.is_remove,
        "targetAuthor": address_of_id(reaction.target_author, directory),
        "targetSentTimestamp": reaction.target_timestamp_ms,
    }


def _preview(preview: Preview, directory: Directory) -> dict[str, Any]:
    return {
        "url": preview.url,
        "title": preview.title or "",
        "description": preview.description or "",
        "date": preview.date_ms or 0,
        "attachment": None if preview.image is None else attachment_shape(preview.image, directory),
    }


def _sticker(sticker: Sticker, directory: Directory) -> dict[str, Any]:
    return {
        "packID": sticker.pack_id.hex(),
        "packKey": sticker.pack_key.hex(),
        "stickerID": sticker.sticker_id,
        "attachment": None if sticker.data is None else attachment_shape(sticker.data, directory),
    }


def _payment(payment: Payment) -> dict[str, Any] | None:
    notification = payment.notification
    if notification is None:
        return None
    receipt = notification.mobile_coin
    return {
        "receipt": None if receipt is None else base64_text(receipt.receipt),
        "note": notification.note or "",
    }
