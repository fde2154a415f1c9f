"""What a message may have beside text and attachments.

Mentions, styles, a quote, a preview, a sticker, the story it answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.client.content.text_ranges import Mention, check_within
from sigcli.client.people.recipients import resolve_known
from sigcli.errors import UnknownRecipient, UsageError
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.content import BodyRange
from sigcli.wire.content.message_parts import Preview, Quote, QuotedAttachment, StoryContext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.key_types import StickerPackId

_CONTENT_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}", re.ASCII)
_QUOTED_ATTACHMENT = re.compile(r"([^:]+)(?::([^:]+)(?::(.+))?)?")
VIEW_ONCE_PROTOCOL = 3
MENTIONS_PROTOCOL = 6


@dataclass(frozen=True, slots=True)
class QuotedFile:
    """An attachment of the quoted message; ``preview`` is a file or data URI to show in its place."""

    content_type: str
    file_name: str | None = None
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteOptions:
    """A message to quote, by timestamp and author (a word of the user's), and what it says."""

    timestamp_ms: int
    author: str
    text: str = ""
    mentions: tuple[Mention, ...] = ()
    styles: tuple[BodyRange, ...] = ()
    files: tuple[QuotedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """What to show of a link; ``image`` is a file or data URI."""

    url: str
    title: str = ""
    description: str = ""
    image: str | None = None


@dataclass(frozen=True, slots=True)
class StoryOptions:
    """The story to answer, by timestamp and author (a word of the user's)."""

    timestamp_ms: int
    author: str


@dataclass(frozen=True, slots=True)
class StickerOptions:
    """A sticker to send, by its pack (16 bytes) and its number there."""

    pack_id: StickerPackId
    sticker_id: int


@dataclass(frozen=True, slots=True)
class Extras:
    """Everything that options add to a message."""

    mentions: tuple[Mention, ...] = ()
    styles: tuple[BodyRange, ...] = ()
    find_mentions: bool = False
    """Whether @number, @uuid and @name in the text mention somebody."""
    quote: QuoteOptions | None = None
    preview: PreviewOptions | None = None
    story: StoryOptions | None = None
    sticker: StickerOptions | None = None
    view_once: bool = False
    voice_note: bool = False

    @property
    def says_more(self) -> bool:
        """Whether there is anything here that is neither text nor an attachment."""
        parts = (self.mentions, self.styles, self.quote, self.preview, self.story, self.sticker)
        return any(parts)


def words_for_quoted_file(content_type: str, name: str | None = None) -> str:
    """The word for ``parse_quoted_file`` that means a file of this type and name, never one with a preview.

    A stranger may have chosen both: a preview would be a file of this machine.
    """
    kind = content_type if _CONTENT_TYPE.fullmatch(content_type) else "application/octet-stream"
    return f"{kind}:{name.replace(':', '_')}" if name else kind


def parse_quoted_file(text: str) -> QuotedFile:
    """Read ``type[:name[:preview]]``; raises UsageError."""
    match = _QUOTED_ATTACHMENT.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not of the form TYPE[:NAME[:PREVIEW]]")
    return QuotedFile(match[1], match[2], match[3])


def with_extras(account: Account, message: DataMessage, text: str, extras: Extras) -> DataMessage:
    """The message with everything that options add; ``text`` is the whole text, however much of it the body holds.

    The people named are looked up before anything is uploaded. Raises UnknownRecipient, AmbiguousRecipient,
    AttachmentUnreadable, AttachmentRefused, AttachmentTooLarge, UnknownStickerPack, ServiceError, and UsageError for a
    range outside of its text.
    """
    ranges = _ranges(account, text, extras.mentions, extras.styles)
    if extras.find_mentions:
        from sigcli.client.sending.mention_finding import find_mentions

        ranges += find_mentions(account, text, ranges)
    quote = None if extras.quote is None else _quote(account, extras.quote)
    story = extras.story
    context = None
    if story is not None:
        author = require_aci(account, story.author)
        context = StoryContext(author=author, sent_timestamp_ms=story.timestamp_ms)
    version = max(
        VIEW_ONCE_PROTOCOL if extras.view_once else 0,
        MENTIONS_PROTOCOL if any(one.mention is not None for one in ranges) else 0,
    )
    sticker = None
    if extras.sticker is not None:
        from sigcli.client.sending.sticker_sending import sticker_to_send

        sticker = sticker_to_send(account, extras.sticker.pack_id, extras.sticker.sticker_id)
    if extras.quote is not None and quote is not None:
        quote = replace(quote, attachments=_quoted(account, extras.quote.files))
    return replace(
        message,
        body_ranges=tuple(sorted(ranges, key=lambda one: (one.start, -one.length))),
        quote=quote,
        previews=(_preview(account, text, extras.preview),) if extras.preview else (),
        story_context=context,
        sticker=sticker,
        is_view_once=extras.view_once,
        required_protocol_version=version or None,
    )


def require_aci(account: Account, word: str) -> ServiceId:
    """The ACI of somebody; raises UnknownRecipient, also if only a PNI is known, AmbiguousRecipient, ServiceError."""
    aci = resolve_known(account, word).aci
    if aci is None:
        raise UnknownRecipient(
            "an author is named by ACI, and the ACI of this one is not known",
            hint="name them by ACI",
        )
    return aci


def _ranges(
    account: Account, text: str, mentions: Iterable[Mention], styles: tuple[BodyRange, ...]
) -> tuple[BodyRange, ...]:
    mentions = tuple(mentions)
    check_within(text, (*mentions, *styles))
    return styles + tuple(
        BodyRange(start=one.start, length=one.length, mention=require_aci(account, one.who))
        for one in mentions
    )


def _quote(account: Account, options: QuoteOptions) -> Quote:
    return Quote(
        timestamp_ms=options.timestamp_ms,
        author=require_aci(account, options.author),
        text=options.text,
        body_ranges=_ranges(account, options.text, options.mentions, options.styles),
    )


def _quoted(account: Account, files: Iterable[QuotedFile]) -> tuple[QuotedAttachment, ...]:
    quoted = []
    for file in files:
        thumbnail = None
        if file.preview is not None:
            from sigcli.client.content.attachments_out import upload_attachments

            (thumbnail,) = upload_attachments(account, [file.preview])
        quoted.append(
            QuotedAttachment(
                content_type=file.content_type, file_name=file.file_name, thumbnail=thumbnail
            )
        )
    return tuple(quoted)


def _preview(account: Account, text: str, options: PreviewOptions) -> Preview:
    if options.url not in text:
        account.warn("the preview is not shown: its link does not occur in the text")
    image = None
    if options.image is not None:
        from sigcli.client.content.attachments_out import upload_attachments

        (image,) = upload_attachments(account, [options.image])
    return Preview(
        url=options.url, title=options.title, description=options.description, image=image
    )
