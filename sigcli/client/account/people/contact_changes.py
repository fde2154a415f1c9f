"""What the user notes about somebody, and forgetting it: ``updateContact`` and ``removeContact``.

Names, nicknames and notes reach the account's other devices through the storage service. The primary device tells its
linked ones by the list of contacts as well; a timer is told to the other side as a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.limits import NICKNAME, NOTE, check_texts
from sigcli.client.people.recipients import is_self, resolve_noted
from sigcli.client.sending.sync_sending import has_other_devices
from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_EXPIRE_TIMER_S
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import (
    RecipientChange,
    delete_contact,
    delete_recipient,
    load_recipient,
    set_expire_timer,
    update_recipient,
)
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """What to change; None leaves something as it is, empty text clears it. ``expiration_s`` 0: never."""

    given_name: str | None = None
    family_name: str | None = None
    nickname_given: str | None = None
    nickname_family: str | None = None
    note: str | None = None
    expiration_s: int | None = None


def update_contact(account: Account, word: str, change: ContactChange) -> None:
    """Change what is noted about somebody; a new timer is sent to them.

    Opens transactions of its own. Raises UnknownRecipient, AmbiguousRecipient, UsageError for an impossible timer or
    text, and why the timer did not reach them: it stays changed here, and goes with the next message.
    """
    timer_s = change.expiration_s
    if timer_s is not None and not 0 <= timer_s <= MAX_EXPIRE_TIMER_S:
        raise UsageError("the expiration is a number of seconds from 0, which means never")
    names = _columns(change)
    person = resolve_noted(account, word)
    with account.database.transaction() as database:
        if names:
            update_recipient(database, person.id, **names)
            add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
        has_new_timer = timer_s is not None and set_expire_timer(database, person.id, timer_s)
        person = load_recipient(database, person.id) or person
    if names:
        _tell_linked_devices(account)
    if has_new_timer:
        _send_timer(account, person)


def remove_contact(
    account: Account, word: str, *, hide: bool = False, forget: bool = False
) -> None:
    """Forget what is noted about somebody: they are a stranger again, who has to ask before they are answered.

    ``hide``: keep it, but list them no more. ``forget``: forget their keys and pictures as well, and write no more in
    their sessions, as if they had never been known. Opens transactions of its own. Raises UnknownRecipient,
    AmbiguousRecipient; UsageError for the account itself, and for forgetting somebody who is blocked.
    """
    person = resolve_noted(account, word)
    if is_self(account, person):
        raise UsageError("the account itself cannot be removed from its contacts")
    if forget and person.contact.blocked:
        raise UsageError(
            "somebody who is blocked cannot be forgotten: the block would be as well",
            hint="unblock them first",
        )
    with account.database.transaction() as database:
        if hide:
            update_recipient(
                database,
                person.id,
                hidden=True,
                profile_sharing=False,
                request_state=RequestState.NONE,
            )
        elif forget:
            _forget(database, person)
        else:
            delete_contact(database, person.id)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    if forget and person.aci is not None:
        account.files.write_contact_avatar(person.aci, None)
        account.files.write_profile_avatar(person.aci, None)
    _tell_linked_devices(account)


def _columns(change: ContactChange) -> RecipientChange:
    """What the store is to say; raises UsageError for what is no text, AppLimitExceeded for what is too long."""
    columns: RecipientChange = {}
    if change == ContactChange(expiration_s=change.expiration_s):
        return columns
    texts = (
        change.given_name,
        change.family_name,
        change.nickname_given,
        change.nickname_family,
        change.note,
    )
    try:
        "".join(text or "" for text in texts).encode()
    except UnicodeEncodeError:
        raise UsageError("a name or the note is not UTF-8") from None
    check_texts(
        (change.nickname_given, NICKNAME), (change.nickname_family, NICKNAME), (change.note, NOTE)
    )
    columns["is_contact"] = True
    columns["hidden"] = False
    if change.given_name is not None:
        columns["given_name"] = change.given_name or None
    if change.family_name is not None:
        columns["family_name"] = change.family_name or None
    if change.nickname_given is not None:
        columns["nickname_given"] = change.nickname_given or None
    if change.nickname_family is not None:
        columns["nickname_family"] = change.nickname_family or None
    if change.note is not None:
        columns["note"] = change.note or None
    return columns


def _forget(database: Transaction, person: Recipient) -> None:
    from sigcli.store.address_claims import forget_claims
    from sigcli.store.identity_keys import forget_identity
    from sigcli.store.sender_keys import forget_shared_with
    from sigcli.store.sessions import archive_sessions

    for service_id in (person.aci, person.pni):
        if service_id is not None:
            forget_identity(database, service_id)
            forget_claims(database, service_id)
            # The other side does not know: what it still sends in the old session, or has under way, can be read.
            archive_sessions(database, service_id)
            forget_shared_with(database, service_id)
    delete_recipient(database, person.id)


def _send_timer(account: Account, person: Recipient) -> None:
    """Tell the other side, and the account's other devices; it accepts them, as any message to somebody does."""
    from sigcli.client.sending.audience import Audience
    from sigcli.client.sending.composing import UNSENT_MS
    from sigcli.client.sending.sending import send_composed
    from sigcli.wire.content import DataMessage, DataMessageFlag

    flags = int(DataMessageFlag.EXPIRATION_TIMER_UPDATE)
    message = DataMessage(timestamp_ms=UNSENT_MS, flags=flags)
    outcome = send_composed(account, Audience(people=(person,)), message)
    if (error := outcome.failure(strict=True)) is not None:
        raise error


def _tell_linked_devices(account: Account) -> None:
    """As the primary device, send the list of contacts; that it does not go out is a warning."""
    if not account.keys.is_primary or not has_other_devices(account):
        return
    from sigcli.client.sending.sync_requests import answer_sync_request
    from sigcli.wire.content.sync_state import SyncRequestType

    account.attempt(
        lambda: answer_sync_request(account, SyncRequestType.CONTACTS),
        "the linked devices were not told",
    )
