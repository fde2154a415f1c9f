"""Attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.standing_in import manner
from sigcli.operations.shapes.attachments import UNKNOWN_CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content import AttachmentPointer
    from sigcli.wire.content.message_parts import QuotedAttachment


def print_attachments(
    lines: Lines, attachments: Iterable[AttachmentPointer], directory: Directory
) -> None:
    """The attachments of a message."""
    lines.line("Attachments:")
    for one in attachments:
        lines.line("- Attachment:")
        print_attachment(lines.deeper(), one, directory)


def print_attachment(lines: Lines, pointer: AttachmentPointer, directory: Directory) -> None:
    """What is known about an attachment, and where it is."""
    identifier, path = directory.attachment(pointer)
    lines.line(f"Content-Type: {pointer.content_type or UNKNOWN_CONTENT_TYPE}")
    lines.line(f"Type: {'Stream' if identifier is None else 'Pointer'}")
    if identifier is not None:
        lines.line(f"Id: {identifier}")
    if pointer.upload_timestamp_ms:
        lines.time("Upload timestamp", pointer.upload_timestamp_ms)
    lines.fields([("Caption", pointer.caption), ("Filename", pointer.file_name)])
    if pointer.size is not None or pointer.thumbnail:
        size = "<unavailable>" if pointer.size is None else f"{pointer.size} bytes"
        preview = pointer.thumbnail
        more = f" (Preview is available: {len(preview)} bytes)" if preview else ""
        lines.line(f"Size: {size}{more}")
    flags = [
        name
        for name, is_set in (
            ("voice note", pointer.is_voice_message),
            ("borderless", pointer.is_borderless),
            ("video gif", pointer.is_gif),
        )
        if is_set
    ]
    if flags:
        lines.line(f"Flags: {', '.join(flags)}")
    if pointer.width or pointer.height:
        lines.line(f"Dimensions: {pointer.width or 0}x{pointer.height or 0}")
    if path is not None:
        lines.line(f"Stored plaintext in: {path}")
    elif (why := lines.left.get(identifier or "")) and not manner().stands_in:
        lines.line(f"Not fetched: {why}")


def print_quoted_attachment(lines: Lines, quoted: QuotedAttachment, directory: Directory) -> None:
    """An attachment of a quoted message, of which only a small preview came along."""
    lines.line(f"Content-Type: {quoted.content_type or UNKNOWN_CONTENT_TYPE}")
    lines.line("Type: Stream")
    lines.fields([("Filename", quoted.file_name)])
    if quoted.thumbnail is not None:
        lines.line("Thumbnail:")
        print_attachment(lines.deeper(), quoted.thumbnail, directory)
