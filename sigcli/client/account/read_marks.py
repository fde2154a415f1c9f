"""Telling a sender, and the account's other devices, that messages were read or viewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.configuration import sends_read_receipts
from sigcli.client.sending.receipts import ReceiptType, send_receipt
from sigcli.client.sending.sync_sending import has_other_devices, require_sync, send_sync
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import MessageMark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.errors import SigcliError
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId


def send_read_marks(account: Account, sender: ServiceId, timestamps_ms: Sequence[int]) -> None:
    """Send a read receipt, unless the account's settings forbid it, and mark the messages on the other devices.

    Raises ServiceError or UntrustedIdentity if part of it did not go out.
    """
    error = None
    if sends_read_receipts(account.database):
        error = send_receipt(account, sender, ReceiptType.READ, timestamps_ms).error
    error = _mark(account, sender, ReceiptType.READ, timestamps_ms) or error
    if error is not None:
        raise error


def tell_view_once_opened(account: Account, opened: Sequence[tuple[ServiceId, int]]) -> None:
    """Tell the account's other devices of messages, to be viewed once, that were opened: by sender and timestamp.

    Raises ServiceError or UntrustedIdentity if part of it did not go out.
    """
    if not has_other_devices(account):
        return
    for sender, timestamp_ms in opened:
        mark = MessageMark(sender=sender, timestamp_ms=timestamp_ms)
        require_sync(account, SyncMessage(view_once_open=mark))


def send_marks(
    account: Account, sender: Recipient, kind: ReceiptType, timestamps_ms: Sequence[int]
) -> SendOutcome:
    """Send a read or viewed receipt, and mark the messages on the other devices, whose failure is a warning.

    No result if the account's settings forbid receipts. Opens transactions of its own; raises LoginRefused, StoreError.
    """
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.client.sending.send_results import results_of
    from sigcli.store.timestamps import next_message_timestamp

    service_id = sender.service_id
    # Resolving gives nobody who has neither ACI nor PNI.
    assert service_id is not None
    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
    results = []
    if sends_read_receipts(account.database) and not account.is_own(service_id):
        sent = send_receipt(account, service_id, kind, timestamps_ms, timestamp_ms=timestamp_ms)
        results = results_of([sender], [sent])
    problem = _mark(account, service_id, kind, timestamps_ms)
    if problem is not None:
        account.warn(f"your other devices do not know of this: {problem.message}")
    return SendOutcome(timestamp_ms, tuple(results))


def _mark(
    account: Account, sender: ServiceId, kind: ReceiptType, timestamps_ms: Sequence[int]
) -> SigcliError | None:
    """Mark messages on the account's other devices; what went wrong with that."""
    if not (sender.is_aci and has_other_devices(account)):
        return None
    marks = tuple(MessageMark(sender=sender, timestamp_ms=at) for at in timestamps_ms)
    viewed = kind is ReceiptType.VIEWED
    message = SyncMessage(viewed=marks) if viewed else SyncMessage(read=marks)
    return send_sync(account, message).error
