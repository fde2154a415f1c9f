"""Reactions, quotes, previews, mentions and styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.render.lines import contact
from sigcli.operations.shapes.people import look_up
from sigcli.operations.shapes.scalars import label

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import BodyRange
    from sigcli.wire.content.message_parts import (
        AdminDelete,
        Preview,
        Quote,
        Reaction,
        StoryContext,
    )
    from sigcli.wire.content.polls_and_pins import PinMessage, UnpinMessage


def contact_of(service_id: ServiceId | None, directory: Directory) -> str:
    """The person with this service id, as text."""
    return contact(look_up(service_id, directory))


def print_target(
    lines: Lines, target: AdminDelete | PinMessage | Reaction | UnpinMessage, directory: Directory
) -> None:
    """The message that is referred to."""
    lines.line(f"Target author: {contact_of(target.target_author, directory)}")
    lines.time("Target timestamp", target.target_timestamp_ms)


def print_story_context(lines: Lines, context: StoryContext, directory: Directory) -> None:
    """The story that a message answers."""
    lines.line(f"Sender: {contact_of(context.author, directory)}")
    lines.line(f"Sent timestamp: {context.sent_timestamp_ms}")


def print_preview(lines: Lines, preview: Preview, directory: Directory) -> None:
    """The preview of a link."""
    lines.line(f"Title: {preview.title or ''}")
    lines.line(f"Description: {preview.description or ''}")
    if preview.date_ms:
        lines.time("Date", preview.date_ms)
    lines.line(f"Url: {preview.url}")
    if preview.image is not None:
        from sigcli.cli.render.attachments import print_attachment

        lines.line("Image:")
        print_attachment(lines.deeper(), preview.image, directory)


def print_reaction(lines: Lines, reaction: Reaction, directory: Directory) -> None:
    """The emoji and the message that it is for."""
    lines.line(f"Emoji: {reaction.emoji}")
    print_target(lines, reaction, directory)
    lines.flag("Is remove", reaction.is_remove)


def print_quote(lines: Lines, quote: Quote, directory: Directory) -> None:
    """The quoted message."""
    lines.line(f"Id: {quote.timestamp_ms}")
    lines.line(f"Author: {contact_of(quote.author, directory)}")
    if quote.text is not None:
        lines.text("Text", quote.text)
    print_mentions(lines, quote.body_ranges, directory)
    if quote.attachments:
        from sigcli.cli.render.attachments import print_quoted_attachment

        lines.line("Attachments:")
        for one in quote.attachments:
            lines.line("- Attachment:")
            print_quoted_attachment(lines.deeper(), one, directory)


def print_mentions(lines: Lines, ranges: tuple[BodyRange, ...], directory: Directory) -> None:
    """The people mentioned in a text, if any."""
    mentions = [one for one in ranges if one.mention is not None]
    if mentions:
        lines.line("Mentions:")
    for one in mentions:
        lines.line(f"- {contact_of(one.mention, directory)}: {one.start} (length: {one.length})")


def print_text_styles(lines: Lines, ranges: tuple[BodyRange, ...]) -> None:
    """The styles of a text, if any."""
    styles = [one for one in ranges if one.style is not None]
    if styles:
        lines.line("Text styles:")
    for one in styles:
        lines.line(f"- {label(one.style)}: {one.start} (length: {one.length})")
