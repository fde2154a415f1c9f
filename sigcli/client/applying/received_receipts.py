"""Receipts and retry requests: what has arrived of the messages that this account has sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import device_target
from sigcli.errors import ProtocolError
from sigcli.store.recipients import update_recipient
from sigcli.store.send_log import find_sent, forget_received
from sigcli.store.sender_keys import forget_shared_with
from sigcli.store.tasks import TaskKind, add_task, find_items
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.envelopes import MAX_TIMESTAMP_MS

if TYPE_CHECKING:
    from sigcli.client.applying.incoming import Applying, IncomingMessage
    from sigcli.wire.content.receipts import ReceiptMessage

MAX_RESENDS = 100
"""Messages that one device is sent again, before it has got them."""
MAX_RECEIPTS_LOOKED_AT = 64
"""Messages named by one receipt that are looked at for a signature."""


def take_receipt(at: Applying, message: IncomingMessage, receipt: ReceiptMessage) -> None:
    """Forget what was kept to send again to a device that has got it."""
    from sigcli.wire.content.receipts import ReceiptType

    if receipt.type != ReceiptType.DELIVERY:
        return
    named = [time for time in receipt.timestamps_ms if time <= MAX_TIMESTAMP_MS]
    person = at.people.get(message.sender.service_id)
    if (
        person.contact.needs_pni_signature
        and message.metadata.destination is ServiceIdKind.ACI
        and _has_got_signature(at, message, named)
    ):
        update_recipient(at.transaction, person.id, needs_pni_signature=False)
        at.people.forget()
    forget_received(at.transaction, named, message.sender)


def _has_got_signature(at: Applying, message: IncomingMessage, timestamps_ms: list[int]) -> bool:
    """Whether one of the messages that a device has got told it which PNI belongs to this account."""
    if not at.account.settings.send_log:
        return True  # what was sent is not known: believe that it was
    from sigcli.wire.content import decode_content

    key = at.store(message).identity(message.sender)
    if key is None:
        return False
    for timestamp_ms in timestamps_ms[:MAX_RECEIPTS_LOOKED_AT]:
        sent = find_sent(at.transaction, timestamp_ms, message.sender, key.serialize(), at.now_ms)
        if sent is not None and decode_content(sent.content).pni_signature is not None:
            return True
    return False


def take_retry_request(at: Applying, message: IncomingMessage) -> None:
    """Have a message sent again that the sender could not decrypt, if it was for this device."""
    from sigcli.protocol.decryption_error import DecryptionErrorMessage

    data = message.content.decryption_error_message
    assert data is not None
    try:
        request = DecryptionErrorMessage.deserialize(data)
    except ProtocolError:
        return
    if request.device_id != at.account.device_id:
        return
    sender = message.sender
    forget_shared_with(at.transaction, sender.service_id, sender.device_id)
    if len(find_items(at.transaction, TaskKind.RESEND, device_target(sender))) >= MAX_RESENDS:
        return
    add_task(
        at.transaction,
        TaskKind.RESEND,
        device_target(sender),
        request.serialize(),
        now_ms=at.now_ms,
    )
