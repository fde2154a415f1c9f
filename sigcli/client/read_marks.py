"""Telling a sender, and the own other devices, that messages were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.receipts import ReceiptType, send_receipt
from sigcli.client.sync_sending import has_other_devices, send_sync
from sigcli.store.account_data import READ_RECEIPTS
from sigcli.store.settings import read_setting
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import MessageMark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account import Account
    from sigcli.wire.addresses import ServiceId


def send_read_marks(account: Account, sender: ServiceId, timestamps_ms: Sequence[int]) -> None:
    """Send a read receipt, unless the account's settings forbid it, and mark the messages on the other devices.

    Raises why something of it did not go out.
    """
    error = None
    if read_setting(account.database, READ_RECEIPTS) is not False:
        error = send_receipt(account, sender, ReceiptType.READ, timestamps_ms).error
    if sender.is_aci and has_other_devices(account):
        marks = tuple(MessageMark(sender=sender, timestamp_ms=at) for at in timestamps_ms)
        error = send_sync(account, SyncMessage(read=marks)).error or error
    if error is not None:
        raise error
