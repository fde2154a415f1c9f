"""Telling senders that their messages were delivered, read or viewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.composing import encoded
from sigcli.client.sending.delivery import deliver
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.client.sending.pni_proof import pni_signature_for
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import Content
from sigcli.wire.content.receipts import ReceiptMessage, ReceiptType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.wire.addresses import ServiceId

__all__ = ["ReceiptType", "send_receipt"]


def send_receipt(
    account: Account,
    recipient: ServiceId,
    kind: ReceiptType,
    timestamps_ms: Iterable[int],
    *,
    timestamp_ms: int | None = None,
) -> DeliveryResult:
    """Send one receipt for some messages of one sender, named by their timestamps.

    The receipt gets a timestamp of its own unless one is given. Opens transactions of its own. Failures are in the
    result. Raises LoginRefused, ClientRefused, StoreError.
    """
    receipt = ReceiptMessage(type=kind, timestamps_ms=tuple(timestamps_ms))
    signature = pni_signature_for(account, recipient)
    content = encoded(Content(receipt_message=receipt, pni_signature=signature))
    if timestamp_ms is None:
        with account.database.transaction() as database:
            timestamp_ms = next_message_timestamp(database, account.now_ms())
    outgoing = Outgoing(content, timestamp_ms, ContentHint.IMPLICIT, urgent=False)
    return deliver(account, recipient, outgoing)
