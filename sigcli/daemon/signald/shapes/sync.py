"""Sync messages from the account's other devices, calls and receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.shapes.messages import (
    attachment_shape,
    data_message_shape,
    story_shape,
)
from sigcli.daemon.signald.shapes.people import address_of, address_of_id
from sigcli.operations.shapes.scalars import base64_text, label, unsigned

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.call_message import CallMessage
    from sigcli.wire.content.receipts import ReceiptMessage, TypingMessage
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_sent import SyncSent


def receipt_shape(receipt: ReceiptMessage, when_ms: int) -> dict[str, Any]:
    """``receipt_message``."""
    return {
        "type": label(receipt.type),
        "timestamps": list(receipt.timestamps_ms),
        "when": when_ms,
    }


def typing_shape(typing: TypingMessage, *, is_older: bool = False) -> dict[str, Any]:
    """``typing_message``."""
    group_id = base64_text(typing.group_id) if typing.group_id else None
    return {
        "action": label(typing.action),
        "timestamp": typing.timestamp_ms,
        "groupId" if is_older else "group_id": group_id,
    }


def call_shape(call: CallMessage) -> dict[str, Any]:
    """``call_message``."""
    shape: dict[str, Any] = {
        "destination_device_id": call.destination_device_id,
        "multi_ring": False,
    }
    if call.offer is not None:
        shape["offer_message"] = {
            "id": unsigned(call.offer.id),
            "type": label(call.offer.type),
            "opaque": base64_text(call.offer.opaque),
        }
    if call.answer is not None:
        shape["answer_message"] = {
            "id": unsigned(call.answer.id),
            "opaque": base64_text(call.answer.opaque),
        }
    if call.ice_updates:
        shape["ice_update_message"] = [
            {"id": unsigned(one.id), "opaque": base64_text(one.opaque)} for one in call.ice_updates
        ]
    if call.busy is not None:
        shape["busy_message"] = {"id": unsigned(call.busy.id)}
    if call.hangup is not None:
        shape["hangup_message"] = {
            "id": unsigned(call.hangup.id),
            "type": label(call.hangup.type),
            "device_id": call.hangup.device_id,
        }
    return shape


def sync_shape(
    sync: SyncMessage, directory: Directory, *, is_older: bool = False
) -> dict[str, Any]:
    """``sync_message``."""
    shape: dict[str, Any] = {}
    if sync.sent is not None:
        shape["sent"] = _sent(sync.sent, directory, is_older=is_older)
    if sync.read:
        shape["readMessages"] = [
            {"sender": address_of_id(one.sender, directory), "timestamp": one.timestamp_ms}
            for one in sync.read
        ]
    if sync.contacts is not None:
        if sync.contacts.blob is not None:
            shape["contacts"] = attachment_shape(sync.contacts.blob, directory)
        shape["contactsComplete"] = sync.contacts.complete
    if sync.blocked is not None:
        acis = [address_of(directory.person(one)) for one in sync.blocked.acis]
        numbers = [address_of(directory.person_by_number(one)) for one in sync.blocked.numbers]
        addresses = acis + [one for one in numbers if one not in acis]
        shape["blockedList"] = {
            "addresses": addresses,
            "groupIds": [base64_text(one) for one in sync.blocked.group_ids],
        }
    if sync.configuration is not None:
        told = sync.configuration
        shape["configuration"] = {
            "readReceipts": _told(told.read_receipts),
            "unidentifiedDeliveryIndicators": _told(told.unidentified_delivery_indicators),
            "typingIndicators": _told(told.typing_indicators),
            "linkPreviews": _told(told.link_previews),
        }
    if sync.view_once_open is not None:
        shape["viewOnceOpen"] = {
            "sender": address_of_id(sync.view_once_open.sender, directory),
            "timestamp": sync.view_once_open.timestamp_ms,
        }
    _add_rest(shape, sync, directory)
    return shape


def _add_rest(shape: dict[str, Any], sync: SyncMessage, directory: Directory) -> None:
    if sync.verified is not None:
        key = sync.verified.identity_key
        shape["verified"] = {
            "destination": address_of_id(sync.verified.destination, directory),
            "identityKey": None if key is None else key.hex(),
            "verified": label(sync.verified.state),
        }
    if sync.sticker_pack_operations:
        shape["stickerPackOperations"] = [
            {
                "packID": one.pack_id.hex(),
                "packKey": None if one.pack_key is None else one.pack_key.hex(),
                "type": label(one.type),
            }
            for one in sync.sticker_pack_operations
        ]
    if sync.fetch_latest is not None:
        shape["fetchType"] = label(sync.fetch_latest.type)
    if sync.message_request_response is not None:
        response = sync.message_request_response
        shape["messageRequestResponse"] = {
            "person": address_of_id(response.thread, directory),
            "groupId": base64_text(response.group_id) if response.group_id else None,
            "type": label(response.type),
        }
    if sync.request is not None:
        shape["request"] = label(sync.request.type)


def _sent(sent: SyncSent, directory: Directory, *, is_older: bool) -> dict[str, Any]:
    destination = address_of_id(sent.destination, directory)
    if destination is None and sent.destination_number:
        destination = address_of(directory.person_by_number(sent.destination_number))
    shape: dict[str, Any] = {
        "destination": destination,
        "timestamp": sent.timestamp_ms,
        "expirationStartTimestamp": sent.expiration_start_timestamp_ms or 0,
        "unidentifiedStatus": {
            str(one.destination): one.unidentified
            for one in sent.unidentified_statuses
            if one.destination is not None
        },
        "isRecipientUpdate": sent.is_recipient_update,
    }
    if sent.message is not None:
        shape["message"] = data_message_shape(sent.message, directory, is_older=is_older)
    if sent.story_message is not None:
        shape["story"] = story_shape(sent.story_message, directory)
    return shape


def _told(value: bool | None) -> dict[str, bool] | None:
    return None if value is None else {"present": value}
