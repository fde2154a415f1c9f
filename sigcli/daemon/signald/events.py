"""The events that subscribers get, made from those that ``receive`` prints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V0, V1
from sigcli.daemon.signald.shapes.messages import data_message_shape, story_shape
from sigcli.daemon.signald.shapes.people import address_of
from sigcli.daemon.signald.shapes.sync import call_shape, receipt_shape, sync_shape, typing_shape

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, Failure, ReceivedEvent
    from sigcli.client.live.live_state import LiveState

INCOMING = "IncomingMessage"
_SEALED = "UNIDENTIFIED_SENDER"
_PLAIN = "CIPHERTEXT"
_RECEIPT = "RECEIPT"
_FAILURES = {
    "ProtocolInvalidMessageException": "ProtocolInvalidMessageError",
    "ProtocolNoSessionException": "ProtocolNoSessionError",
    "ProtocolInvalidKeyIdException": "ProtocolInvalidKeyIdError",
    "DuplicateMessageException": "DuplicateMessageError",
    "UntrustedIdentityException": "UntrustedIdentityError",
}


def incoming(event: ReceivedEvent, directory: Directory) -> dict[str, Any]:
    """An event for v1 subscribers, without the account: IncomingMessage, or the error of a failed one."""
    if event.failure is not None:
        return {
            "type": _FAILURES.get(event.failure.type, "InternalError"),
            "version": V1,
            "data": {
                "sender": (event.source.identifier if event.source else None),
                "sender_device": event.source_device,
                "timestamp": event.timestamp_ms,
                "message": event.failure.message,
            },
            "error": True,
        }
    data: dict[str, Any] = {
        "account": event.account.number or event.account.uuid,
        "source": address_of(event.source),
        "source_device": event.source_device,
        "type": _envelope_type(event),
        "timestamp": event.timestamp_ms,
        "server_receiver_timestamp": event.server_received_ms,
        "server_deliver_timestamp": event.server_delivered_ms,
        "has_legacy_message": False,
        "has_content": event.content is not None,
        "unidentified_sender": event.sealed,
        "server_guid": event.server_guid or "",
    }
    content = event.content
    if content is not None:
        if content.data_message is not None:
            data["data_message"] = data_message_shape(content.data_message, directory)
        if content.sync_message is not None:
            data["sync_message"] = sync_shape(content.sync_message, directory)
        if content.call_message is not None:
            data["call_message"] = call_shape(content.call_message)
        if content.receipt_message is not None:
            data["receipt_message"] = receipt_shape(content.receipt_message, event.timestamp_ms)
        if content.typing_message is not None:
            data["typing_message"] = typing_shape(content.typing_message)
        if content.story_message is not None:
            data["story_message"] = story_shape(content.story_message, directory)
    return {"type": INCOMING, "version": V1, "data": data}


def older_message(event: ReceivedEvent, directory: Directory) -> dict[str, Any]:
    """An event for v0 subscribers."""
    if event.failure is not None:
        return _older_failure(event, event.failure)
    data: dict[str, Any] = {
        "username": event.account.number or event.account.uuid,
        "source": address_of(event.source),
        "sourceDevice": event.source_device,
        "uuid": event.server_guid,
        "type": _envelope_type(event),
        "timestamp": event.timestamp_ms,
        "timestampISO": _iso(event.timestamp_ms),
        "serverTimestamp": event.server_received_ms,
        "serverDeliveredTimestamp": event.server_delivered_ms,
        "hasLegacyMessage": False,
        "hasContent": event.content is not None,
        "isUnidentifiedSender": event.sealed,
    }
    content = event.content
    if content is not None:
        if content.data_message is not None:
            data["dataMessage"] = data_message_shape(content.data_message, directory, is_older=True)
        if content.sync_message is not None:
            data["syncMessage"] = sync_shape(content.sync_message, directory, is_older=True)
        if content.call_message is not None:
            data["callMessage"] = call_shape(content.call_message)
        if content.receipt_message is not None:
            data["receipt"] = receipt_shape(content.receipt_message, event.timestamp_ms)
        if content.typing_message is not None:
            data["typing"] = typing_shape(content.typing_message, is_older=True)
    return {"type": "message", "data": data}


def listening(version: str, name: str) -> dict[str, Any]:
    """What a new subscriber gets at once: messages are received."""
    if version == V0:
        return {"type": "listen_started", "data": name}
    return {"type": "ListenerState", "version": V1, "data": {"connected": True}, "account": name}


def connection_state(version: str, name: str, state: LiveState) -> dict[str, Any]:
    """The state of the connection to the service."""
    word = (
        "AUTHENTICATION_FAILED"
        if state.is_logged_out
        else "CONNECTED"
        if state.is_connected
        else "RECONNECTING"
    )
    data = {"state": word, "socket": "IDENTIFIED"}
    if version == V0:
        return {"type": "websocket_connection_state_change", "data": data}
    return {"type": "WebSocketConnectionState", "version": V1, "data": data, "account": name}


def _envelope_type(event: ReceivedEvent) -> str:
    if event.is_delivery_receipt:
        return _RECEIPT
    return _SEALED if event.sealed else _PLAIN


def _older_failure(event: ReceivedEvent, failure: Failure) -> dict[str, Any]:
    source = address_of(event.source)
    if failure.untrusted_identity:
        return {
            "type": "inbound_identity_failure",
            "data": {
                "local_address": address_of(event.account),
                "remote_address": source,
            },
        }
    return {
        "type": "unreadable_message",
        "data": {
            "username": event.account.number or event.account.uuid,
            "source": source,
            "sourceDevice": event.source_device,
            "timestamp": event.timestamp_ms,
            "message": failure.message,
        },
    }


def _iso(timestamp_ms: int) -> str:
    """``yyyy-MM-ddTHH:mm:ss.SSSZ``; a stranger's timestamp may be beyond the last possible year."""
    try:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp_ms // 1000))
    except (OverflowError, ValueError, OSError):
        return ""
    return f"{seconds}.{timestamp_ms % 1000:03d}Z"
