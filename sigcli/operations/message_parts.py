"""From the many parameters of ``send`` to what they add to a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.text_ranges import parse_mention, parse_text_style
from sigcli.client.sending.message_extras import (
    Extras,
    PreviewOptions,
    QuoteOptions,
    StickerOptions,
    StoryOptions,
    parse_quoted_file,
)
from sigcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.operations.send import Send
    from sigcli.wire.content import BodyRange


def read_parts(send: Send) -> tuple[str | None, Extras]:
    """The text to send, and what goes with it; raises UsageError."""
    if send.markdown and (send.mentions or send.text_styles):
        raise UsageError(
            "--markdown changes positions: it cannot be used with --mention or --text-style",
            hint="--mentions finds @number, @uuid and @name in the text",
        )
    for name, used in (("--view-once", send.view_once), ("--voice-note", send.voice_note)):
        if used and not send.attachments:
            raise UsageError(f"{name} needs an attachment")
    text, styles = send.message, _styles(send.text_styles)
    if send.markdown and text:
        from sigcli.client.content.markdown import parse_markdown

        text, styles = parse_markdown(text)
    return text, Extras(
        mentions=tuple(map(parse_mention, send.mentions)),
        styles=styles,
        find_mentions=send.find_mentions,
        quote=_quote(send),
        preview=_preview(send),
        story=_story(send),
        sticker=None if send.sticker is None else _sticker(send.sticker),
        view_once=send.view_once,
        voice_note=send.voice_note,
    )


def _quote(send: Send) -> QuoteOptions | None:
    if send.quote_timestamp is None:
        _refuse_without(
            "--quote-timestamp",
            send.quote_author,
            send.quote_message,
            send.quote_mentions,
            send.quote_text_styles,
            send.quote_attachments,
        )
        return None
    if send.quote_author is None:
        raise UsageError("--quote-timestamp needs --quote-author")
    return QuoteOptions(
        send.quote_timestamp,
        send.quote_author,
        send.quote_message or "",
        tuple(map(parse_mention, send.quote_mentions)),
        _styles(send.quote_text_styles),
        tuple(map(parse_quoted_file, send.quote_attachments)),
    )


def _preview(send: Send) -> PreviewOptions | None:
    if send.preview_url is None:
        _refuse_without(
            "--preview-url", send.preview_title, send.preview_description, send.preview_image
        )
        return None
    return PreviewOptions(
        send.preview_url,
        send.preview_title or "",
        send.preview_description or "",
        send.preview_image,
    )


def _story(send: Send) -> StoryOptions | None:
    if send.story_timestamp is None:
        _refuse_without("--story-timestamp", send.story_author)
        return None
    if send.story_author is None:
        raise UsageError("--story-timestamp needs --story-author")
    return StoryOptions(send.story_timestamp, send.story_author)


def _sticker(text: str) -> StickerOptions:
    """Read ``PACK ID:NUMBER``; raises UsageError."""
    from sigcli.client.account.stickers.links import parse_pack_id

    pack_id, colon, number = text.rpartition(":")
    if not colon or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError(
            f"{text!r} is not of the form PACK_ID:NUMBER",
            hint="sigcli --json listStickerPacks shows packs and the numbers of their stickers",
        )
    return StickerOptions(parse_pack_id(pack_id), int(number))


def _styles(words: Iterable[str]) -> tuple[BodyRange, ...]:
    return tuple(map(parse_text_style, words))


def _refuse_without(option: str, *values: object) -> None:
    if any(value for value in values):
        raise UsageError(f"an option is given that only works with {option}")
