"""The kinds of sync messages that signal-cli prints as an empty object, as JSON and as text."""

from __future__ import annotations

from typing import Any

import pytest

from sigcli.cli.render.lines import Lines
from sigcli.cli.render.sync_changes import print_changes
from sigcli.operations.shapes.sync_messages import sync_message_json
from sigcli.wire.content import AttachmentPointer
from sigcli.wire.content.payments import MobileCoinPayment, SyncOutgoingPayment
from sigcli.wire.content.sync_calls import (
    CallEventDirection,
    CallEventKind,
    CallEventType,
    CallLinkUpdateType,
    CallLogEventType,
    SyncCallEvent,
    SyncCallLinkUpdate,
    SyncCallLogEvent,
)
from sigcli.wire.content.sync_deletions import (
    AddressableMessage,
    AttachmentBackfillRequest,
    AttachmentBackfillResponse,
    AttachmentDelete,
    BackfilledAttachment,
    BackfilledAttachments,
    BackfillError,
    BackfillStatus,
    ConversationDelete,
    ConversationIdentifier,
    LocalOnlyConversationDelete,
    MessageDeletes,
    SyncDeleteForMe,
)
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import (
    FetchLatestType,
    StickerPackOperationType,
    SyncConfiguration,
    SyncDeviceNameChange,
    SyncFetchLatest,
    SyncKeys,
    SyncPniChangeNumber,
    SyncRequest,
    SyncRequestType,
    SyncStickerPackOperation,
    SyncUsernameChange,
    SyncVerified,
    VerifiedState,
)
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, StickerPackId
from tests.unit.operations.shapes.known_people import ALICE_ACI, BOB_ACI, KnownPeople

BOB = {"person": str(BOB_ACI), "personNumber": None, "personUuid": str(BOB_ACI)}
ALICE = {"person": "+15550101", "personNumber": "+15550101", "personUuid": str(ALICE_ACI)}
WITH_BOB = ConversationIdentifier(thread=BOB_ACI)
MESSAGE = AddressableMessage(author=BOB_ACI, sent_timestamp_ms=5)
MESSAGE_SHAPE = {
    "author": str(BOB_ACI),
    "authorNumber": None,
    "authorUuid": str(BOB_ACI),
    "sentTimestamp": 5,
}

CASES: list[tuple[str, dict[str, Any], Any, list[str]]] = [
    (
        "request",
        {"request": SyncRequest(type=SyncRequestType.CONTACTS)},
        {"type": "CONTACTS"},
        ["Received sync request", "  Type: CONTACTS"],
    ),
    (
        "verified",
        {
            "verified": SyncVerified(
                destination=BOB_ACI, identity_key=b"k", state=VerifiedState.VERIFIED
            )
        },
        {
            "destination": str(BOB_ACI),
            "destinationNumber": None,
            "destinationUuid": str(BOB_ACI),
            "identityKey": "aw==",
            "state": "VERIFIED",
        },
        [
            "Received sync verified",
            f"  Destination: {BOB_ACI}",
            f"  Destination uuid: {BOB_ACI}",
            "  Identity key: aw==",
            "  State: VERIFIED",
        ],
    ),
    (
        "configuration",
        {"configuration": SyncConfiguration(read_receipts=True, link_previews=False)},
        {
            "readReceipts": True,
            "unidentifiedDeliveryIndicators": None,
            "typingIndicators": None,
            "linkPreviews": False,
        },
        ["Received sync configuration", "  Read receipts: true", "  Link previews: false"],
    ),
    (
        "fetchLatest",
        {"fetch_latest": SyncFetchLatest(type=FetchLatestType.LOCAL_PROFILE)},
        {"type": "LOCAL_PROFILE"},
        ["Received sync fetch latest", "  Type: LOCAL_PROFILE"],
    ),
    (
        "keys",
        {"keys": SyncKeys(account_entropy_pool="secret", master_key=GroupMasterKey(b"secret"))},
        ["accountEntropyPool", "master"],
        ["Received sync keys", "  - accountEntropyPool", "  - master"],
    ),
    (
        "stickerPackOperations",
        {
            "sticker_pack_operations": (
                SyncStickerPackOperation(
                    pack_id=StickerPackId(b"\x0a"),
                    pack_key=b"secret",
                    type=StickerPackOperationType.REMOVE,
                ),
            )
        },
        [{"packId": "0a", "type": "REMOVE"}],
        ["Received sync sticker pack operations", "  -", "    Pack id: 0a", "    Type: REMOVE"],
    ),
    (
        "outgoingPayment",
        {
            "outgoing_payment": SyncOutgoingPayment(
                recipient=ALICE_ACI,
                note="\x1b[2Jlunch",
                mobile_coin=MobileCoinPayment(receipt=b"r"),
            )
        },
        {
            "recipient": "+15550101",
            "recipientNumber": "+15550101",
            "recipientUuid": str(ALICE_ACI),
            "note": "\x1b[2Jlunch",
            "mobileCoin": {
                "recipientAddress": None,
                "amountPicoMob": None,
                "feePicoMob": None,
                "receipt": "cg==",
                "ledgerBlockTimestamp": None,
                "ledgerBlockIndex": None,
            },
        },
        [
            "Received sync outgoing payment",
            "  Recipient: +15550101",
            "  Recipient number: +15550101",
            f"  Recipient uuid: {ALICE_ACI}",
            "  Note: \\x1b[2Jlunch",
            "  Mobile coin:",
            "    Receipt: cg==",
        ],
    ),
    (
        "changeNumber",
        {
            "pni_change_number": SyncPniChangeNumber(
                new_number="+15550102", identity_key_pair=b"secret"
            )
        },
        {"newNumber": "+15550102"},
        ["Received sync change number", "  New number: +15550102"],
    ),
    (
        "deviceNameChange",
        {"device_name_change": SyncDeviceNameChange(device_id=3)},
        {"deviceId": 3},
        ["Received sync device name change", "  Device id: 3"],
    ),
    (
        "usernameChange",
        {"username_change": SyncUsernameChange()},
        {},
        ["Received sync username change"],
    ),
    (
        "callEvent",
        {
            "call_event": SyncCallEvent(
                conversation_id=b"k",
                call_id=2**64 - 1,
                timestamp_ms=5,
                type=CallEventType.VIDEO_CALL,
                direction=CallEventDirection.INCOMING,
                event=CallEventKind.NOT_ACCEPTED,
            )
        },
        {
            "conversationId": "aw==",
            "id": 2**64 - 1,
            "timestamp": 5,
            "type": "VIDEO_CALL",
            "direction": "INCOMING",
            "event": "NOT_ACCEPTED",
        },
        [
            "Received sync call event",
            "  Conversation id: aw==",
            f"  Id: {2**64 - 1}",
            "  Timestamp: 5",
            "  Type: VIDEO_CALL",
            "  Direction: INCOMING",
            "  Event: NOT_ACCEPTED",
        ],
    ),
    (
        "callLinkUpdate",
        {
            "call_link_update": SyncCallLinkUpdate(
                root_key=b"secret", admin_passkey=b"secret", type=CallLinkUpdateType.UPDATE
            )
        },
        {"type": "UPDATE"},
        ["Received sync call link update", "  Type: UPDATE"],
    ),
    (
        "callLogEvent",
        {"call_log_event": SyncCallLogEvent(type=CallLogEventType.CLEAR, timestamp_ms=5)},
        {"type": "CLEAR", "timestamp": 5, "conversationId": None, "id": None},
        ["Received sync call log event", "  Type: CLEAR", "  Timestamp: 5"],
    ),
    (
        "deleteForMe",
        {
            "delete_for_me": SyncDeleteForMe(
                message_deletes=(MessageDeletes(conversation=WITH_BOB, messages=(MESSAGE,)),),
                conversation_deletes=(
                    ConversationDelete(
                        conversation=ConversationIdentifier(group_id=GroupIdentifier(b"\x01")),
                        most_recent_messages=(MESSAGE,),
                        is_full_delete=True,
                    ),
                ),
                local_only_conversation_deletes=(
                    LocalOnlyConversationDelete(
                        conversation=ConversationIdentifier(number="+15550101")
                    ),
                ),
                attachment_deletes=(
                    AttachmentDelete(
                        conversation=None, target_message=MESSAGE, fallback_digest=b"d"
                    ),
                ),
            )
        },
        {
            "messages": [{"conversation": BOB, "messages": [MESSAGE_SHAPE]}],
            "conversations": [
                {
                    "conversation": {"groupId": "AQ=="},
                    "isFullDelete": True,
                    "mostRecentMessages": [MESSAGE_SHAPE],
                }
            ],
            "emptyConversations": [ALICE],
            "attachments": [{"conversation": None, "message": MESSAGE_SHAPE}],
        },
        [],
    ),
    (
        "attachmentBackfillRequest",
        {
            "attachment_backfill_request": AttachmentBackfillRequest(
                target_message=MESSAGE, target_conversation=WITH_BOB
            )
        },
        {"conversation": BOB, "message": MESSAGE_SHAPE},
        [],
    ),
    (
        "attachmentBackfillResponse",
        {
            "attachment_backfill_response": AttachmentBackfillResponse(
                target_message=MESSAGE,
                target_conversation=None,
                attachments=BackfilledAttachments(
                    attachments=(
                        BackfilledAttachment(status=BackfillStatus.TERMINAL_ERROR),
                        BackfilledAttachment(attachment=AttachmentPointer(content_type="a/b")),
                    )
                ),
                error=BackfillError.MESSAGE_NOT_FOUND,
            )
        },
        {
            "conversation": None,
            "message": MESSAGE_SHAPE,
            "error": "MESSAGE_NOT_FOUND",
            "attachments": [
                {"status": "TERMINAL_ERROR"},
                {
                    "contentType": "a/b",
                    "filename": None,
                    "id": None,
                    "size": None,
                    "width": None,
                    "height": None,
                    "caption": None,
                    "uploadTimestamp": None,
                    "localPath": None,
                    "isVoiceNote": False,
                },
            ],
        },
        [],
    ),
]


@pytest.mark.parametrize(("name", "held", "shape", "text"), CASES, ids=[name for name, *_ in CASES])
def test_a_sync_message_says_what_it_is(
    name: str, held: dict[str, Any], shape: Any, text: list[str]
) -> None:
    sync = SyncMessage(**held)
    assert sync_message_json(sync, KnownPeople()) == {name: shape}
    assert "secret" not in str(sync_message_json(sync, KnownPeople()))
    lines = Lines()
    print_changes(lines, sync, KnownPeople())
    printed = lines.joined().split("\n")
    assert printed == text or (not text and printed[0].startswith("Received sync "))


def test_every_kind_of_sync_message_has_a_form() -> None:
    elsewhere = {
        "sent", "contacts", "blocked", "view_once_open", "message_request_response", "read", "viewed",
    }  # fmt: skip
    silent = {"padding", "unknown_fields"}
    covered = {field for _, held, *_ in CASES for field in held}
    assert set(SyncMessage.__slots__) == covered | elsewhere | silent
