"""Receipts and typing indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import timestamp_text
from sigcli.operations.shapes.scalars import label
from sigcli.wire.content.receipts import ReceiptType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.wire.content.receipts import ReceiptMessage, TypingMessage


def print_server_receipt(lines: Lines, event: ReceivedEvent) -> None:
    """The server's own receipt; the envelope's timestamp is that of the delivered message."""
    _print_receipt(lines, event.server_received_ms, ReceiptType.DELIVERY, (event.timestamp_ms,))


def print_receipt_message(lines: Lines, receipt: ReceiptMessage, when_ms: int) -> None:
    """A receipt, sent at ``when_ms``."""
    _print_receipt(lines, when_ms, receipt.type, receipt.timestamps_ms)


def print_typing_message(lines: Lines, typing: TypingMessage, directory: Directory) -> None:
    """A sender started or stopped typing."""
    lines.line("Received a typing message")
    inner = lines.deeper()
    inner.line(f"Action: {label(typing.action)}")
    inner.time("Timestamp", typing.timestamp_ms)
    if typing.group_id:
        from sigcli.cli.render.groups import print_group

        inner.line("Group Info:")
        print_group(inner.deeper(), typing.group_id, directory)


def _print_receipt(lines: Lines, when_ms: int, type: int, timestamps_ms: Sequence[int]) -> None:
    lines.line("Received a receipt message")
    inner = lines.deeper()
    inner.time("When", when_ms)
    if isinstance(type, ReceiptType):
        inner.line(f"Is {type.name.lower()} receipt")
    inner.line("Timestamps:")
    for timestamp_ms in timestamps_ms:
        inner.line(f"- {timestamp_text(timestamp_ms)}")
