"""Attachments on this device, and contents of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import print_line, timestamp_text

if TYPE_CHECKING:
    from sigcli.operations.shapes.data import Data
    from sigcli.operations.shapes.stored_attachments import StoredAttachments


def show_data(result: Data) -> None:
    """The contents in base64, as signal-cli prints them."""
    print_line(result.base64)


def show_attachments(result: StoredAttachments) -> None:
    """One line an attachment."""
    for one in result.attachments:
        print_line(
            f"{one.id} {one.content_type or 'unknown type'} {one.size} bytes"
            f" stored {timestamp_text(one.stored_ms)}"
        )
