"""Asking a sender to send again what could not be decrypted, and answering such requests of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.delivery import deliver
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.timestamps import next_message_timestamp

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.protocol.decryption_error import DecryptionErrorMessage
    from sigcli.store.send_log import SentMessage
    from sigcli.wire.addresses import ProtocolAddress, ServiceId
    from sigcli.wire.key_types import GroupIdentifier


def send_retry_request(
    account: Account,
    sender: ServiceId,
    request: DecryptionErrorMessage,
    *,
    group_id: GroupIdentifier | None = None,
) -> DeliveryResult:
    """Ask for a message again. It travels unencrypted, and sealed where that is possible.

    The service wants every device of the sender addressed; the request itself names the one that it is for.
    Opens transactions of its own. Failures are in the result; raises LoginRefused, StoreError.
    """
    from sigcli.protocol.decryption_error import PlaintextContent

    return deliver(
        account,
        sender,
        Outgoing(
            PlaintextContent.of(request).serialize(),
            _timestamp(account),
            ContentHint.IMPLICIT,
            urgent=False,
            group_id=group_id,
            logged=False,
            plaintext=True,
        ),
    )


def resend(
    account: Account, device: ProtocolAddress, sent: SentMessage, identity_key: bytes
) -> DeliveryResult:
    """Send a logged content again to exactly one device, under its old timestamp and for its old identity key.

    The other devices of the account get a message without content in the same request, since the service takes no
    message that leaves one out. Opens transactions of its own; failures are in the result. Raises LoginRefused,
    ClientRefused, StoreError.
    """
    return deliver(
        account,
        device.service_id,
        Outgoing(
            sent.content,
            sent.timestamp_ms,
            ContentHint(sent.content_hint),
            sent.urgent,
            group_id=sent.group_id,
            logged=False,
            only_device=device.device_id,
            identity_key=identity_key,
        ),
    )


def send_null_message(account: Account, recipient: ServiceId) -> DeliveryResult:
    """Send a message without content, so that a peer learns of a new session.

    Opens transactions of its own. Failures are in the result; raises LoginRefused, StoreError.
    """
    from sigcli.wire.content import Content, encode_content
    from sigcli.wire.content.receipts import NullMessage

    # As long as a short text, so that its size does not stand out.
    padding = account.random(1 + account.random(1)[0] % 140)
    content = encode_content(Content(null_message=NullMessage(padding=padding)))
    outgoing = Outgoing(
        content, _timestamp(account), ContentHint.IMPLICIT, urgent=False, logged=False
    )
    return deliver(account, recipient, outgoing)


def _timestamp(account: Account) -> int:
    with account.database.transaction() as database:
        return next_message_timestamp(database, account.now_ms())
