"""From the many options of ``send`` to what they add to a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.text_ranges import parse_mention, parse_text_style
from sigcli.client.sending.message_extras import (
    Extras,
    PreviewWish,
    QuoteWish,
    StickerWish,
    StoryWish,
    parse_quoted_file,
)
from sigcli.errors import UsageError
from sigcli.values import dataclass

if TYPE_CHECKING:
    from sigcli.wire.content import BodyRange


@dataclass(frozen=True, slots=True)
class MessageOptions:
    """The options as they were typed."""

    mentions: list[str] | None
    text_styles: list[str] | None
    markdown: bool
    find_mentions: bool
    quote_timestamp: int | None
    quote_author: str | None
    quote_message: str | None
    quote_mentions: list[str] | None
    quote_text_styles: list[str] | None
    quote_attachments: list[str] | None
    preview_url: str | None
    preview_title: str | None
    preview_description: str | None
    preview_image: str | None
    story_timestamp: int | None
    story_author: str | None
    sticker: str | None
    view_once: bool
    voice_note: bool

    def read(self, text: str | None, *, has_attachments: bool) -> tuple[str | None, Extras]:
        """The text to send, and what goes with it; raises UsageError."""
        if self.markdown and (self.mentions or self.text_styles):
            raise UsageError(
                "--markdown changes positions: it cannot go with --mention or --text-style",
                hint="--mentions finds @number, @uuid and @name in the text",
            )
        for option, used in (("--view-once", self.view_once), ("--voice-note", self.voice_note)):
            if used and not has_attachments:
                raise UsageError(f"{option} needs an attachment")
        styles = _styles(self.text_styles)
        if self.markdown and text:
            from sigcli.client.content.markdown import parse_markdown

            text, styles = parse_markdown(text)
        return text, Extras(
            mentions=tuple(map(parse_mention, self.mentions or ())),
            styles=styles,
            find_mentions=self.find_mentions,
            quote=self._quote(),
            preview=self._preview(),
            story=self._story(),
            sticker=None if self.sticker is None else _sticker(self.sticker),
            view_once=self.view_once,
            voice_note=self.voice_note,
        )

    def _quote(self) -> QuoteWish | None:
        if self.quote_timestamp is None:
            _refuse_without(
                "--quote-timestamp",
                self.quote_author,
                self.quote_message,
                self.quote_mentions,
                self.quote_text_styles,
                self.quote_attachments,
            )
            return None
        if self.quote_author is None:
            raise UsageError("--quote-timestamp needs --quote-author")
        return QuoteWish(
            self.quote_timestamp,
            self.quote_author,
            self.quote_message or "",
            tuple(map(parse_mention, self.quote_mentions or ())),
            _styles(self.quote_text_styles),
            tuple(map(parse_quoted_file, self.quote_attachments or ())),
        )

    def _preview(self) -> PreviewWish | None:
        if self.preview_url is None:
            _refuse_without(
                "--preview-url", self.preview_title, self.preview_description, self.preview_image
            )
            return None
        return PreviewWish(
            self.preview_url,
            self.preview_title or "",
            self.preview_description or "",
            self.preview_image,
        )

    def _story(self) -> StoryWish | None:
        if self.story_timestamp is None:
            _refuse_without("--story-timestamp", self.story_author)
            return None
        if self.story_author is None:
            raise UsageError("--story-timestamp needs --story-author")
        return StoryWish(self.story_timestamp, self.story_author)


def _sticker(text: str) -> StickerWish:
    """Read ``PACK ID:NUMBER``; raises UsageError."""
    from sigcli.client.account.stickers.links import parse_pack_id

    pack_id, colon, number = text.rpartition(":")
    if not colon or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError(
            f"{text!r} is not of the form PACK_ID:NUMBER",
            hint="sigcli --json listStickerPacks shows packs and the numbers of their stickers",
        )
    return StickerWish(parse_pack_id(pack_id), int(number))


def _styles(words: list[str] | None) -> tuple[BodyRange, ...]:
    return tuple(map(parse_text_style, words or ()))


def _refuse_without(option: str, *values: object) -> None:
    if any(value for value in values):
        raise UsageError(f"something is given that only goes with {option}")
