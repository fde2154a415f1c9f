"""Receipts and typing indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import base64_text, label
from sigcli.wire.content.receipts import ReceiptType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.events import ReceivedEvent
    from sigcli.wire.content.receipts import ReceiptMessage, TypingMessage


def server_receipt_json(event: ReceivedEvent) -> dict[str, Any]:
    """The server's own receipt: the envelope's timestamp is that of the message delivered."""
    return _receipt(event.server_received_ms, ReceiptType.DELIVERY, (event.timestamp_ms,))


def receipt_message_json(receipt: ReceiptMessage, when_ms: int) -> dict[str, Any]:
    """``receiptMessage``, sent at ``when_ms``."""
    return _receipt(when_ms, receipt.type, receipt.timestamps_ms)


def typing_message_json(typing: TypingMessage) -> dict[str, Any]:
    """``typingMessage``."""
    shape: dict[str, Any] = {"action": label(typing.action), "timestamp": typing.timestamp_ms}
    if typing.group_id:
        shape["groupId"] = base64_text(typing.group_id)
    return shape


def _receipt(when_ms: int, type: int, timestamps_ms: Sequence[int]) -> dict[str, Any]:
    return {
        "when": when_ms,
        "isDelivery": type == ReceiptType.DELIVERY,
        "isRead": type == ReceiptType.READ,
        "isViewed": type == ReceiptType.VIEWED,
        "timestamps": list(timestamps_ms),
    }
