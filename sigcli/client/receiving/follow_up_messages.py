"""The messages that receiving causes: delivery receipts, retry requests, answers to those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.applying.retries_out import resend, send_null_message, send_retry_request
from sigcli.client.base.task_items import RetryItem, read_account, read_device, read_timestamp
from sigcli.client.sending.receipts import ReceiptType, send_receipt
from sigcli.durations import DAY_MS
from sigcli.errors import InvalidSession
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.store.recipients import find_by_service_id
from sigcli.store.send_log import find_sent
from sigcli.store.sender_keys import forget_shared_with
from sigcli.store.sessions import archive_session, load_session
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.tasks import Task
    from sigcli.wire.addresses import ProtocolAddress

_OWN = ServiceIdKind.ACI


def confirm_delivery(account: Account, task: Task) -> None:
    """Send one delivery receipt for all messages of a sender; raises ServiceError if it did not go out."""
    sender = read_account(task.target)
    person = find_by_service_id(account.database, sender)
    if person is None or person.contact.blocked:
        return
    timestamps_ms = [read_timestamp(item.item) for item in task.items]
    send_receipt(account, sender, ReceiptType.DELIVERY, timestamps_ms).require()


def ask_again(account: Account, task: Task) -> None:
    """Ask a device to send messages again that could not be decrypted; raises ServiceError."""
    device = read_device(task.target)
    for item in task.items:
        if account.now_ms() - item.created_ms > DAY_MS:
            continue  # nobody keeps messages for longer
        wanted = RetryItem.deserialize(item.item)
        request = DecryptionErrorMessage.deserialize(wanted.error_message)
        send_retry_request(account, device.service_id, request, group_id=wanted.group_id).require()


def answer_retry_requests(account: Account, task: Task) -> None:
    """Send messages again that a device could not decrypt, if it was sent them; raises ServiceError.

    A message that was encrypted for another identity key than the present one was for the person who had that.

    A session that the device speaks of as the present one is ended first, and if there is nothing to send again the
    device learns of its successor by a message without content.
    """
    device = read_device(task.target)
    for item in task.items:
        request = DecryptionErrorMessage.deserialize(item.item)
        ended = _end_session(account, device, request)
        with account.database.transaction() as transaction:
            key = account.protocol_store(transaction).identity(device)
        identity_key = b"" if key is None else key.serialize()
        sent = find_sent(
            account.database, request.timestamp_ms, device, identity_key, account.now_ms()
        )
        if sent is not None and sent.group_id is not None:
            from sigcli.client.sending.group_resending import for_group_member

            sent = for_group_member(account, device, sent)
        if sent is not None:
            resend(account, device, sent, identity_key).require()
        elif ended:
            send_null_message(account, device.service_id).require()


def renew_session(account: Account, task: Task) -> None:
    """Let somebody know of a new session; raises ServiceError if that did not go out."""
    send_null_message(account, read_account(task.target)).require()


def _end_session(
    account: Account, device: ProtocolAddress, request: DecryptionErrorMessage
) -> bool:
    """Archive the session if the message that failed was encrypted with its present ratchet key."""
    if request.ratchet_key is None:
        return False
    database = account.database
    with database.transaction() as transaction:
        try:
            record = load_session(transaction, _OWN, device)
        except InvalidSession:
            return False
        if record is None or not record.current_ratchet_key_matches(request.ratchet_key):
            return False
        archive_session(transaction, _OWN, device)
        forget_shared_with(transaction, device.service_id, device.device_id)
        return True
