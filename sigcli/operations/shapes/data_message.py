"""Data messages and edits of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.wire.content.data_message import CURRENT_PROTOCOL_VERSION, DataMessageFlag

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content import DataMessage, EditMessage

LONG_TEXT = "text/x-signal-plain"
"""The content type of an attachment that holds the whole of a text too long for a message."""
# Plain numbers: an enumeration's operators cost more than all the rest of a plain text.
_END_SESSION = int(DataMessageFlag.END_SESSION)
_EXPIRATION_UPDATE = int(DataMessageFlag.EXPIRATION_TIMER_UPDATE)
_PROFILE_KEY_UPDATE = int(DataMessageFlag.PROFILE_KEY_UPDATE)


def edit_message_json(edit: EditMessage, directory: Directory) -> dict[str, Any]:
    """``editMessage``."""
    message = edit.data_message
    return {
        "targetSentTimestamp": edit.target_timestamp_ms,
        "dataMessage": None if message is None else data_message_json(message, directory),
    }


def message_text(message: DataMessage, directory: Directory) -> tuple[str | None, bool]:
    """The text, whole even if it is a long one whose attachment is here, and whether it is only its beginning."""
    is_cut = False
    for pointer in message.attachments:
        if pointer.content_type == LONG_TEXT:
            from sigcli.operations.shapes.attachments import stored_text

            whole = stored_text(pointer, directory)
            if whole:
                return whole, False
            is_cut |= pointer.size is None or pointer.size > len(
                (message.body or "").encode(errors="replace")
            )
    return message.body or None, is_cut


def data_message_json(message: DataMessage, directory: Directory) -> dict[str, Any]:
    """``dataMessage``: five fields always, the others where the message has them."""
    flags = message.flags
    text, is_cut = message_text(message, directory)
    shape: dict[str, Any] = {
        "timestamp": message.timestamp_ms,
        "message": text,
        "expiresInSeconds": message.expire_timer_s,
        "isExpirationUpdate": flags & _EXPIRATION_UPDATE != 0,
        "viewOnce": message.is_view_once,
    }
    if is_cut:
        shape["isMessageIncomplete"] = True
    _add_references(shape, message, directory)
    _add_parts(shape, message, directory)
    _add_polls_and_pins(shape, message, directory)
    if flags & _END_SESSION:
        shape["endSession"] = True
    if flags & _PROFILE_KEY_UPDATE:
        shape["profileKeyUpdate"] = True
    version = message.required_protocol_version
    if version is not None and version > CURRENT_PROTOCOL_VERSION:
        shape["requiredProtocolVersion"] = version
    if message.unknown_fields:
        shape["unknownFields"] = list(message.unknown_fields)
    return shape


def _add_references(shape: dict[str, Any], message: DataMessage, directory: Directory) -> None:
    """What refers to other messages, to people in the text, or to a group."""
    if message.reaction is not None:
        from sigcli.operations.shapes.message_parts import reaction_json

        shape["reaction"] = reaction_json(message.reaction, directory)
    if message.quote is not None:
        from sigcli.operations.shapes.message_parts import quote_json

        shape["quote"] = quote_json(message.quote, directory)
    if message.delete is not None:
        shape["remoteDelete"] = {"timestamp": message.delete.target_timestamp_ms}
    if message.admin_delete is not None:
        from sigcli.operations.shapes.message_parts import target_json

        shape["adminDelete"] = target_json(message.admin_delete, directory)
    if message.body_ranges:
        from sigcli.operations.shapes.ranges import add_ranges

        add_ranges(shape, message.body_ranges, directory)
    if message.group is not None:
        from sigcli.operations.shapes.groups import group_info_json

        shape["groupInfo"] = group_info_json(message.group, directory)
    if message.story_context is not None:
        from sigcli.operations.shapes.message_parts import story_context_json

        shape["storyContext"] = story_context_json(message.story_context, directory)
    if message.group_call_update is not None:
        shape["groupCallUpdate"] = {"eraId": message.group_call_update.era_id}


def _add_parts(shape: dict[str, Any], message: DataMessage, directory: Directory) -> None:
    """What the message carries."""
    if message.attachments:
        from sigcli.operations.shapes.attachments import attachment_json

        shape["attachments"] = [attachment_json(one, directory) for one in message.attachments]
    if message.previews:
        from sigcli.operations.shapes.message_parts import preview_json

        shape["previews"] = [preview_json(one, directory) for one in message.previews]
    if message.sticker is not None:
        from sigcli.operations.shapes.message_parts import sticker_json

        shape["sticker"] = sticker_json(message.sticker)
    if message.contacts:
        from sigcli.operations.shapes.shared_contacts import shared_contact_json

        shape["contacts"] = [shared_contact_json(one, directory) for one in message.contacts]
    if message.payment is not None:
        from sigcli.operations.shapes.payments import add_payment

        add_payment(shape, message.payment)
    if message.gift_badge is not None:
        from sigcli.operations.shapes.payments import gift_badge_json

        shape["giftBadge"] = gift_badge_json(message.gift_badge)


def _add_polls_and_pins(shape: dict[str, Any], message: DataMessage, directory: Directory) -> None:
    if message.poll_create is not None:
        from sigcli.operations.shapes.polls_and_pins import poll_create_json

        shape["pollCreate"] = poll_create_json(message.poll_create)
    if message.poll_vote is not None:
        from sigcli.operations.shapes.polls_and_pins import poll_vote_json

        shape["pollVote"] = poll_vote_json(message.poll_vote, directory)
    if message.poll_terminate is not None:
        shape["pollTerminate"] = {"targetSentTimestamp": message.poll_terminate.target_timestamp_ms}
    if message.pin_message is not None:
        from sigcli.operations.shapes.polls_and_pins import pin_message_json

        shape["pinMessage"] = pin_message_json(message.pin_message, directory)
    if message.unpin_message is not None:
        from sigcli.operations.shapes.message_parts import target_json

        shape["unpinMessage"] = target_json(message.unpin_message, directory)
