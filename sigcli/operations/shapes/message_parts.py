"""Reactions, quotes, previews, stickers and other small parts of a data message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.people import fields_of, look_up, person_fields
from sigcli.operations.shapes.scalars import label
from sigcli.wire.content.message_parts import QuoteType

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.message_parts import (
        AdminDelete,
        Preview,
        Quote,
        QuotedAttachment,
        Reaction,
        Sticker,
        StoryContext,
    )
    from sigcli.wire.content.polls_and_pins import PinMessage, UnpinMessage


def target_json(
    target: AdminDelete | PinMessage | UnpinMessage, directory: Directory
) -> dict[str, Any]:
    """The message that this is about, by author and timestamp: ``adminDelete``, ``unpinMessage``."""
    shape = person_fields("targetAuthor", target.target_author, directory)
    shape["targetSentTimestamp"] = target.target_timestamp_ms
    return shape


def reaction_json(reaction: Reaction, directory: Directory) -> dict[str, Any]:
    """``reaction``."""
    return {
        "emoji": reaction.emoji,
        **person_fields("targetAuthor", reaction.target_author, directory),
        "targetSentTimestamp": reaction.target_timestamp_ms,
        "isRemove": reaction.is_remove,
    }


def quote_json(quote: Quote, directory: Directory) -> dict[str, Any]:
    """``quote``; its attachments are a list even if there are none."""
    shape: dict[str, Any] = {
        "id": quote.timestamp_ms,
        **person_fields("author", quote.author, directory),
        "text": quote.text or "",
        "attachments": [_quoted_attachment(one, directory) for one in quote.attachments],
    }
    if quote.type != QuoteType.NORMAL:
        shape["type"] = label(quote.type)
    if quote.body_ranges:
        from sigcli.operations.shapes.ranges import add_ranges

        add_ranges(shape, quote.body_ranges, directory)
    return shape


def _quoted_attachment(quoted: QuotedAttachment, directory: Directory) -> dict[str, Any]:
    from sigcli.operations.shapes.attachments import UNKNOWN_CONTENT_TYPE, attachment_json

    shape: dict[str, Any] = {
        "contentType": quoted.content_type or UNKNOWN_CONTENT_TYPE,
        "filename": quoted.file_name,
    }
    if quoted.thumbnail is not None:
        shape["thumbnail"] = attachment_json(quoted.thumbnail, directory)
    return shape


def preview_json(preview: Preview, directory: Directory) -> dict[str, Any]:
    """``preview``, with a date if the page has one."""
    shape: dict[str, Any] = {
        "url": preview.url,
        "title": preview.title or "",
        "description": preview.description,
        "image": None,
    }
    if preview.image is not None:
        from sigcli.operations.shapes.attachments import attachment_json

        shape["image"] = attachment_json(preview.image, directory)
    if preview.date_ms:
        shape["date"] = preview.date_ms
    return shape


def sticker_json(sticker: Sticker) -> dict[str, Any]:
    """``sticker``, with the emoji that it stands for if that is known."""
    shape: dict[str, Any] = {"packId": sticker.pack_id.hex(), "stickerId": sticker.sticker_id}
    if sticker.emoji:
        shape["emoji"] = sticker.emoji
    return shape


def story_context_json(context: StoryContext, directory: Directory) -> dict[str, Any]:
    """``storyContext``: the story that is answered; it has no legacy identifier."""
    shape = fields_of("author", look_up(context.author, directory))
    del shape["author"]
    shape["sentTimestamp"] = context.sent_timestamp_ms
    return shape
