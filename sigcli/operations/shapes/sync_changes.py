"""The sync messages that signal-cli prints as an empty object: what another linked device asks for, has set or done.

Secrets stay out: of keys it is said which there are, of a call link nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.people import fields_of, look_up, person_fields
from sigcli.operations.shapes.scalars import base64_text, label, unsigned

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.payments import SyncOutgoingPayment
    from sigcli.wire.content.sync_calls import SyncCallEvent, SyncCallLogEvent
    from sigcli.wire.content.sync_deletions import (
        AddressableMessage,
        AttachmentBackfillRequest,
        AttachmentBackfillResponse,
        ConversationIdentifier,
        SyncDeleteForMe,
    )
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import SyncConfiguration, SyncKeys, SyncVerified


def add_changes(shape: dict[str, Any], sync: SyncMessage, directory: Directory) -> None:
    """Add an object for each of these kinds that a message has."""
    if sync.request is not None:
        shape["request"] = {"type": label(sync.request.type)}
    if sync.verified is not None:
        shape["verified"] = _verified(sync.verified, directory)
    if sync.configuration is not None:
        shape["configuration"] = _configuration(sync.configuration)
    if sync.fetch_latest is not None:
        shape["fetchLatest"] = {"type": label(sync.fetch_latest.type)}
    if sync.keys is not None:
        shape["keys"] = _keys(sync.keys)
    if sync.sticker_pack_operations:
        shape["stickerPackOperations"] = [
            {"packId": one.pack_id.hex(), "type": label(one.type)}
            for one in sync.sticker_pack_operations
        ]
    if sync.outgoing_payment is not None:
        shape["outgoingPayment"] = _payment(sync.outgoing_payment, directory)
    if sync.pni_change_number is not None:
        shape["changeNumber"] = {"newNumber": sync.pni_change_number.new_number}
    if sync.device_name_change is not None:
        shape["deviceNameChange"] = {"deviceId": sync.device_name_change.device_id}
    if sync.username_change is not None:
        shape["usernameChange"] = {}
    _add_calls(shape, sync)
    _add_deletions(shape, sync, directory)


def _add_calls(shape: dict[str, Any], sync: SyncMessage) -> None:
    if sync.call_event is not None:
        shape["callEvent"] = _call_event(sync.call_event)
    if sync.call_link_update is not None:
        shape["callLinkUpdate"] = {"type": label(sync.call_link_update.type)}
    if sync.call_log_event is not None:
        shape["callLogEvent"] = _call_log_event(sync.call_log_event)


def _add_deletions(shape: dict[str, Any], sync: SyncMessage, directory: Directory) -> None:
    if sync.delete_for_me is not None:
        shape["deleteForMe"] = _delete_for_me(sync.delete_for_me, directory)
    request, response = sync.attachment_backfill_request, sync.attachment_backfill_response
    if request is not None:
        shape["attachmentBackfillRequest"] = _backfill(request, directory)
    if response is not None:
        shape["attachmentBackfillResponse"] = _backfill_response(response, directory)


# --- people and settings --------------------------------------------------------------------------


def _verified(verified: SyncVerified, directory: Directory) -> dict[str, Any]:
    return {
        **person_fields("destination", verified.destination, directory),
        "identityKey": base64_text(verified.identity_key),
        "state": label(verified.state),
    }


def _configuration(configuration: SyncConfiguration) -> dict[str, Any]:
    return {
        "readReceipts": configuration.read_receipts,
        "unidentifiedDeliveryIndicators": configuration.unidentified_delivery_indicators,
        "typingIndicators": configuration.typing_indicators,
        "linkPreviews": configuration.link_previews,
    }


def _keys(keys: SyncKeys) -> list[str]:
    held = {
        "accountEntropyPool": keys.account_entropy_pool,
        "mediaRootBackupKey": keys.media_root_backup_key,
        "master": keys.master_key,
    }
    return [name for name, value in held.items() if value is not None]


def _payment(payment: SyncOutgoingPayment, directory: Directory) -> dict[str, Any]:
    shape = {**person_fields("recipient", payment.recipient, directory), "note": payment.note}
    coin = payment.mobile_coin
    if coin is not None:
        shape["mobileCoin"] = {
            "recipientAddress": base64_text(coin.recipient_address),
            "amountPicoMob": coin.amount_pico_mob,
            "feePicoMob": coin.fee_pico_mob,
            "receipt": base64_text(coin.receipt),
            "ledgerBlockTimestamp": coin.ledger_block_timestamp_ms,
            "ledgerBlockIndex": coin.ledger_block_index,
        }
    return shape


# --- calls ----------------------------------------------------------------------------------------


def _call_event(event: SyncCallEvent) -> dict[str, Any]:
    return {
        "conversationId": base64_text(event.conversation_id),
        "id": _call_id(event.call_id),
        "timestamp": event.timestamp_ms,
        "type": label(event.type),
        "direction": label(event.direction),
        "event": label(event.event),
    }


def _call_log_event(event: SyncCallLogEvent) -> dict[str, Any]:
    return {
        "type": label(event.type),
        "timestamp": event.timestamp_ms,
        "conversationId": base64_text(event.conversation_id),
        "id": _call_id(event.call_id),
    }


def _call_id(id: int | None) -> int | None:
    return None if id is None else unsigned(id)


# --- deletions and lost attachments ---------------------------------------------------------------


def _delete_for_me(deletions: SyncDeleteForMe, directory: Directory) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    if deletions.message_deletes:
        shape["messages"] = [
            {
                "conversation": _conversation(one.conversation, directory),
                "messages": [_message(message, directory) for message in one.messages],
            }
            for one in deletions.message_deletes
        ]
    if deletions.conversation_deletes:
        shape["conversations"] = [
            {
                "conversation": _conversation(one.conversation, directory),
                "isFullDelete": one.is_full_delete,
                "mostRecentMessages": [
                    _message(message, directory) for message in one.most_recent_messages
                ],
            }
            for one in deletions.conversation_deletes
        ]
    if deletions.local_only_conversation_deletes:
        shape["emptyConversations"] = [
            _conversation(one.conversation, directory)
            for one in deletions.local_only_conversation_deletes
        ]
    if deletions.attachment_deletes:
        shape["attachments"] = [
            {
                "conversation": _conversation(one.conversation, directory),
                "message": _message(one.target_message, directory),
            }
            for one in deletions.attachment_deletes
        ]
    return shape


def _backfill(
    asked: AttachmentBackfillRequest | AttachmentBackfillResponse, directory: Directory
) -> dict[str, Any]:
    return {
        "conversation": _conversation(asked.target_conversation, directory),
        "message": _message(asked.target_message, directory),
    }


def _backfill_response(
    response: AttachmentBackfillResponse, directory: Directory
) -> dict[str, Any]:
    shape = _backfill(response, directory)
    if response.error is not None:
        shape["error"] = label(response.error)
    if response.attachments is not None:
        from sigcli.operations.shapes.attachments import attachment_json

        shape["attachments"] = [
            {"status": None if one.status is None else label(one.status)}
            if one.attachment is None
            else attachment_json(one.attachment, directory)
            for one in response.attachments.attachments
        ]
    return shape


def _conversation(
    conversation: ConversationIdentifier | None, directory: Directory
) -> dict[str, Any] | None:
    if conversation is None:
        return None
    if conversation.group_id is not None:
        return {"groupId": base64_text(conversation.group_id)}
    return fields_of("person", look_up(conversation.thread, directory, conversation.number))


def _message(message: AddressableMessage | None, directory: Directory) -> dict[str, Any] | None:
    if message is None:
        return None
    author = look_up(message.author, directory, message.author_number)
    return {**fields_of("author", author), "sentTimestamp": message.sent_timestamp_ms}
