"""The outer line: the account, the envelope, and the exception if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.wire.content import Content


def receive_object(event: ReceivedEvent, directory: Directory) -> dict[str, Any]:
    """What ``receive --json`` prints of one event; never raises for any content."""
    shape: dict[str, Any] = {
        "account": event.account.identifier,
        "envelope": _envelope(event, directory),
    }
    failure = event.failure
    if failure is not None:
        shape["exception"] = {"message": failure.message, "type": failure.type}
    return shape


def _envelope(event: ReceivedEvent, directory: Directory) -> dict[str, Any]:
    source = event.source
    shape: dict[str, Any] = {
        "source": None,
        "sourceNumber": None,
        "sourceUuid": None,
        "sourcePni": None,
        "sourceName": None,
        "sourceDevice": event.source_device,
        "timestamp": event.timestamp_ms,
        "serverReceivedTimestamp": event.server_received_ms,
        "serverDeliveredTimestamp": event.server_delivered_ms,
        "serverGuid": event.server_guid,
        "sealedSender": event.sealed,
    }
    if source is not None:
        uuid = source.uuid
        shape["source"] = source.number or uuid or source.identifier
        shape["sourceNumber"] = source.number
        shape["sourceUuid"] = uuid
        shape["sourcePni"] = str(source.pni) if source.pni else None
        shape["sourceName"] = source.name
    if event.message_request:
        shape["messageRequest"] = True
    if event.failure is not None:
        return shape
    if event.is_delivery_receipt:
        from sigcli.operations.shapes.receipts import server_receipt_json

        shape["receiptMessage"] = server_receipt_json(event)
    if event.content is not None:
        _add_content(shape, event, event.content, directory)
    if event.withdrawn is not None:
        from sigcli.operations.shapes.withdrawn import mark_withdrawn

        mark_withdrawn(shape, event.withdrawn)
    return shape


def _add_content(
    shape: dict[str, Any], event: ReceivedEvent, content: Content, directory: Directory
) -> None:
    if content.data_message is not None:
        from sigcli.operations.shapes.data_message import data_message_json

        shape["dataMessage"] = data_message_json(content.data_message, directory)
    if content.edit_message is not None:
        from sigcli.operations.shapes.data_message import edit_message_json

        shape["editMessage"] = edit_message_json(content.edit_message, directory)
    if content.story_message is not None:
        from sigcli.operations.shapes.stories import story_message_json

        shape["storyMessage"] = story_message_json(content.story_message, directory)
    if content.sync_message is not None:
        from sigcli.operations.shapes.sync_messages import sync_message_json

        shape["syncMessage"] = sync_message_json(content.sync_message, directory)
    if content.call_message is not None:
        from sigcli.operations.shapes.calls import call_message_json

        shape["callMessage"] = call_message_json(content.call_message)
    if content.receipt_message is not None:
        from sigcli.operations.shapes.receipts import receipt_message_json

        shape["receiptMessage"] = receipt_message_json(content.receipt_message, event.timestamp_ms)
    if content.typing_message is not None:
        from sigcli.operations.shapes.receipts import typing_message_json

        shape["typingMessage"] = typing_message_json(content.typing_message)
    if content.unknown_fields:
        shape["unknownFields"] = list(content.unknown_fields)
