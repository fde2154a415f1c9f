"""What this device tells the other devices of its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.steps import run
from sigcli.client.sending.composing import encoded, kept_for_ms
from sigcli.client.sending.delivery import delivery
from sigcli.client.sending.outgoing import DeliveryResult, Outgoing
from sigcli.client.sending.resuming import known_result
from sigcli.errors import HandOverUnknown, SigcliError
from sigcli.lazy_dataclass import replace
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.account_data import MULTI_DEVICE
from sigcli.store.settings import write_setting
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import Content
from sigcli.wire.content.sync_message import SyncMessage

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.wire.content.sync_sent import SyncSent

_MAX_PADDING = 512


def has_other_devices(account: Account) -> bool:
    """Whether the account is known to have devices beside this one: a linked device always has."""
    return account.has_other_devices


def send_sync(account: Account, message: SyncMessage, urgent: bool = False) -> DeliveryResult:
    """Send to the account's other devices, identified; a success without devices if there are none.

    Opens transactions of its own. Failures are in the result; raises LoginRefused, ClientRefused, StoreError.
    """
    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
    return run(sync_delivery(account, message, timestamp_ms, urgent=urgent))


def require_sync(account: Account, message: SyncMessage) -> None:
    """Send to the account's other devices; raises ServiceError if it did not go out."""
    send_sync(account, message).require()


def tell_other_devices(account: Account, message: SyncMessage, of_what: str) -> bool:
    """Send to the account's other devices, if it has any; false after a warning if they could not be told.

    Raises StoreError.
    """
    return not has_other_devices(account) or account.attempt(
        lambda: require_sync(account, message), f"your other devices were not told {of_what}"
    )


def transcript_delivery(
    account: Account, sent: SyncSent, *, urgent: bool = False, part: bytes | None = None
) -> Steps[DeliveryResult]:
    """Show the account's other devices what was sent, in steps; ``part`` as in ``Outgoing``."""
    return sync_delivery(
        account,
        SyncMessage(sent=sent),
        sent.timestamp_ms,
        urgent=urgent,
        hint=ContentHint.RESENDABLE,
        part=part,
        kept_ms=kept_for_ms(sent.message, sent.edit_message),
    )


def try_transcript(
    account: Account, sent: SyncSent, *, urgent: bool = False, part: bytes | None = None
) -> Steps[bool]:
    """Show the account's other devices what was sent, in steps; false after a warning.

    Raises nothing: the message itself has gone out, and is not to be sent once more.
    """
    try:
        problem = (yield from transcript_delivery(account, sent, urgent=urgent, part=part)).error
    except SigcliError as error:
        problem = error
    if isinstance(problem, HandOverUnknown):
        account.warn("your other devices may not see this message")
    elif problem is not None:
        account.warn(f"your other devices do not see this message: {problem.message}")
    return problem is None


def sync_delivery(
    account: Account,
    message: SyncMessage,
    timestamp_ms: int,
    *,
    urgent: bool = False,
    hint: ContentHint = ContentHint.IMPLICIT,
    part: bytes | None = None,
    kept_ms: int | None = None,
) -> Steps[DeliveryResult]:
    """As ``send_sync``, in steps and with a given timestamp."""
    # Padding of random length: the size must not tell the kind of message.
    length = int.from_bytes(account.random(2), "big") % _MAX_PADDING
    padded = replace(message, padding=account.random(length + 1))
    content = encoded(Content(sync_message=padded))
    outgoing = Outgoing(content, timestamp_ms, hint, urgent, part=part, kept_ms=kept_ms)
    result = yield from delivery(account, account.aci, outgoing)
    if known_result(account, outgoing, account.aci) is not None:
        return result  # a daemon's, of which the devices are not known
    if result.succeeded and bool(result.devices) != has_other_devices(account):
        note_other_devices(account, bool(result.devices))
    return result


def note_other_devices(account: Account, exist: bool) -> None:
    """Remember whether the account has other devices; opens a transaction."""
    with account.database.transaction() as database:
        write_setting(database, MULTI_DEVICE, exist)
