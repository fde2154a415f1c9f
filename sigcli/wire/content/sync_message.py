"""Sync messages: what the devices of one account tell each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.mapping import Codec, Value, data, message, messages

if TYPE_CHECKING:
    from sigcli.wire.content.payments import SyncOutgoingPayment
    from sigcli.wire.content.sync_calls import (
        SyncCallEvent,
        SyncCallLinkUpdate,
        SyncCallLogEvent,
    )
    from sigcli.wire.content.sync_deletions import (
        AttachmentBackfillRequest,
        AttachmentBackfillResponse,
        SyncDeleteForMe,
    )
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import (
        MessageMark,
        SyncBlocked,
        SyncConfiguration,
        SyncContacts,
        SyncDeviceNameChange,
        SyncFetchLatest,
        SyncKeys,
        SyncMessageRequestResponse,
        SyncPniChangeNumber,
        SyncRequest,
        SyncStickerPackOperation,
        SyncUsernameChange,
        SyncVerified,
    )

_STATE = "sigcli.wire.content.sync_state"
_CALLS = "sigcli.wire.content.sync_calls"
_DELETIONS = "sigcli.wire.content.sync_deletions"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncMessage(Value):
    """One thing that one of the account's devices tells the others; all but the tuples exclude one another."""

    sent: SyncSent | None = None
    contacts: SyncContacts | None = None
    request: SyncRequest | None = None
    blocked: SyncBlocked | None = None
    verified: SyncVerified | None = None
    configuration: SyncConfiguration | None = None
    view_once_open: MessageMark | None = None
    fetch_latest: SyncFetchLatest | None = None
    keys: SyncKeys | None = None
    message_request_response: SyncMessageRequestResponse | None = None
    outgoing_payment: SyncOutgoingPayment | None = None
    pni_change_number: SyncPniChangeNumber | None = None
    call_event: SyncCallEvent | None = None
    call_link_update: SyncCallLinkUpdate | None = None
    call_log_event: SyncCallLogEvent | None = None
    delete_for_me: SyncDeleteForMe | None = None
    device_name_change: SyncDeviceNameChange | None = None
    attachment_backfill_request: AttachmentBackfillRequest | None = None
    attachment_backfill_response: AttachmentBackfillResponse | None = None
    username_change: SyncUsernameChange | None = None
    read: tuple[MessageMark, ...] = ()
    viewed: tuple[MessageMark, ...] = ()
    sticker_pack_operations: tuple[SyncStickerPackOperation, ...] = ()
    padding: bytes | None = None
    unknown_fields: tuple[int, ...] = ()
    """Numbers of fields that this schema lacks; read only."""


SYNC_MESSAGE = Codec(
    SyncMessage,
    {
        "sent": message("sent", "sigcli.wire.content.sync_sent:SYNC_SENT"),
        "contacts": message("contacts", f"{_STATE}:SYNC_CONTACTS"),
        "request": message("request", f"{_STATE}:SYNC_REQUEST"),
        "blocked": message("blocked", f"{_STATE}:SYNC_BLOCKED"),
        "verified": message("verified", f"{_STATE}:SYNC_VERIFIED"),
        "configuration": message("configuration", f"{_STATE}:SYNC_CONFIGURATION"),
        "view_once_open": message("viewOnceOpen", f"{_STATE}:MESSAGE_MARK"),
        "fetch_latest": message("fetchLatest", f"{_STATE}:SYNC_FETCH_LATEST"),
        "keys": message("keys", f"{_STATE}:SYNC_KEYS"),
        "message_request_response": message(
            "messageRequestResponse", f"{_STATE}:SYNC_MESSAGE_REQUEST_RESPONSE"
        ),
        "outgoing_payment": message(
            "outgoingPayment", "sigcli.wire.content.payments:SYNC_OUTGOING_PAYMENT"
        ),
        "pni_change_number": message("pniChangeNumber", f"{_STATE}:SYNC_PNI_CHANGE_NUMBER"),
        "call_event": message("callEvent", f"{_CALLS}:SYNC_CALL_EVENT"),
        "call_link_update": message("callLinkUpdate", f"{_CALLS}:SYNC_CALL_LINK_UPDATE"),
        "call_log_event": message("callLogEvent", f"{_CALLS}:SYNC_CALL_LOG_EVENT"),
        "delete_for_me": message("deleteForMe", f"{_DELETIONS}:SYNC_DELETE_FOR_ME"),
        "device_name_change": message("deviceNameChange", f"{_STATE}:SYNC_DEVICE_NAME_CHANGE"),
        "attachment_backfill_request": message(
            "attachmentBackfillRequest", f"{_DELETIONS}:ATTACHMENT_BACKFILL_REQUEST"
        ),
        "attachment_backfill_response": message(
            "attachmentBackfillResponse", f"{_DELETIONS}:ATTACHMENT_BACKFILL_RESPONSE"
        ),
        "username_change": message("usernameChange", f"{_STATE}:SYNC_USERNAME_CHANGE"),
        "read": messages("read", f"{_STATE}:MESSAGE_MARK"),
        "viewed": messages("viewed", f"{_STATE}:MESSAGE_MARK"),
        "sticker_pack_operations": messages(
            "stickerPackOperation", f"{_STATE}:SYNC_STICKER_PACK_OPERATION"
        ),
        "padding": data("padding"),
    },
)
