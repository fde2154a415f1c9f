"""What the devices of the account tell one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.people import address_fields, fields_of, look_up, person_fields
from sigcli.operations.shapes.scalars import base64_text, label

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import MessageMark, SyncBlocked, SyncMessageRequestResponse


def sync_message_json(sync: SyncMessage, directory: Directory) -> dict[str, Any]:
    """``syncMessage``."""
    shape: dict[str, Any] = {}
    if sync.sent is not None:
        kind = "sentMessage" if sync.sent.story_message is None else "sentStoryMessage"
        shape[kind] = _sent(sync.sent, directory)
    if sync.blocked is not None:
        shape["blockedNumbers"] = blocked_people(sync.blocked)
        shape["blockedGroupIds"] = [base64_text(one) for one in sync.blocked.group_ids]
    if sync.read:
        shape["readMessages"] = [_mark(one, directory) for one in sync.read]
    if sync.viewed:
        shape["viewedMessages"] = [_mark(one, directory) for one in sync.viewed]
    if sync.view_once_open is not None:
        shape["viewOnceOpen"] = _mark(sync.view_once_open, directory)
    if sync.message_request_response is not None:
        shape["messageRequestResponse"] = _response(sync.message_request_response, directory)
    if sync.contacts is not None:
        shape["type"] = "CONTACTS_SYNC"
    from sigcli.operations.shapes.sync_changes import add_changes

    add_changes(shape, sync, directory)
    if sync.unknown_fields:
        shape["unknownFields"] = list(sync.unknown_fields)
    return shape


def blocked_people(blocked: SyncBlocked) -> list[str]:
    """Everybody on the list as it came: numbers, then ACIs."""
    return [*blocked.numbers, *map(str, blocked.acis)]


def _sent(sent: SyncSent, directory: Directory) -> dict[str, Any]:
    """A transcript: its recipients, and beside them the message's fields."""
    destination = look_up(sent.destination, directory, sent.destination_number)
    shape = fields_of("destination", destination)
    if sent.story_message is not None:
        from sigcli.operations.shapes.stories import story_message_json

        del shape["destination"]
        shape["timestamp"] = sent.timestamp_ms
        shape |= story_message_json(sent.story_message, directory)
    if sent.edit_message is not None:
        from sigcli.operations.shapes.data_message import edit_message_json

        shape["editMessage"] = edit_message_json(sent.edit_message, directory)
    if sent.message is not None:
        from sigcli.operations.shapes.data_message import data_message_json

        shape |= data_message_json(sent.message, directory)
    if sent.expiration_start_timestamp_ms:
        shape["expirationStartTimestamp"] = sent.expiration_start_timestamp_ms
    if sent.is_recipient_update:
        shape["isRecipientUpdate"] = True
    if sent.unidentified_statuses:
        shape["recipients"] = [
            {
                **address_fields(look_up(one.destination, directory)),
                "sealedSender": one.unidentified,
            }
            for one in sent.unidentified_statuses
        ]
    if sent.story_recipients:
        shape["storyRecipients"] = [
            {
                **address_fields(look_up(one.destination, directory)),
                "allowsReplies": one.is_allowed_to_reply,
                "distributionLists": list(one.distribution_list_ids),
            }
            for one in sent.story_recipients
        ]
    return shape


def _mark(mark: MessageMark, directory: Directory) -> dict[str, Any]:
    shape = person_fields("sender", mark.sender, directory)
    shape["timestamp"] = mark.timestamp_ms
    return shape


def _response(response: SyncMessageRequestResponse, directory: Directory) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": label(response.type)}
    if response.group_id:
        shape["groupId"] = base64_text(response.group_id)
    return shape | person_fields("person", response.thread, directory)
