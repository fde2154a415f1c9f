"""Messages that lose their content while they wait here or are kept: deleted, expired, viewed once.

Their rows stay and are printed in their place, without content. What they have left on the disk, attachments too, goes
with it, also of messages that were printed and are not kept.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.client.applying.attachments_in import pointers
from sigcli.client.applying.stored_messages import (
    conversation_of,
    is_view_once,
    remains_of,
    stored_time,
)
from sigcli.client.content.data_messages import data_of, with_data
from sigcli.client.people.attachment_names import attachment_id
from sigcli.errors import InvalidServiceId, MalformedMessage, NoSuchFile
from sigcli.lazy_dataclass import replace
from sigcli.store import attachment_uses, withdrawals
from sigcli.store.attachment_uses import AttachmentUse
from sigcli.store.groups import find_group, standing_of
from sigcli.store.inbox_values import Withdrawal
from sigcli.store.recipients import find_by_number, find_by_service_id
from sigcli.store.send_log import has_old_entries, prune_send_log
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.store.tasks import TaskKind, drop_tasks, find_items
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, decode_content, encode_content
from sigcli.wire.group_access import MemberRole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience
    from sigcli.store.database import Database, Transaction
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.content import AttachmentPointer, DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.sync_deletions import (
        AttachmentDelete,
        ConversationDelete,
        ConversationIdentifier,
        MessageDeletes,
        SyncDeleteForMe,
    )
    from sigcli.wire.content.sync_state import MessageMark

_DELETED = Withdrawal.DELETED
EXPIRED_TOGETHER = 200
"""Messages that expire in one transaction."""
_LOOKED_AT = Setting("attachment_looked_at", str)
"""The last one whose file was looked for, in the order of their names."""
_LOOKED_AT_TOGETHER = 1_000


# --- by their authors and by administrators -------------------------------------------------------


def apply_deletion(
    account: Account, transaction: Transaction, sender: ServiceId, content: Content, now_ms: int
) -> None:
    """Withdraw the message that a deletion names, if its sender may delete it."""
    data = data_of(content)
    if data is None:
        return
    conversations = _same_conversation(transaction, conversation_of(content, sender))
    for author, sent_ms, as_administrator in _deleted(data, sender):
        if not as_administrator or _administers(account, transaction, data.group, sender):
            _withdraw_message(transaction, author, sent_ms, conversations, _DELETED, now_ms)


def apply_own_deletion(account: Account, audience: Audience, data: DataMessage) -> None:
    """Withdraw what a deletion names that went to an audience; opens a transaction of its own."""
    people = (one for person in audience.people for one in (person.aci, person.pni))
    conversations = {one.to_fixed_width() for one in people if one is not None}
    conversations |= {group.master_key for group in audience.groups}
    database, now_ms = account.database, account.now_ms()
    with database.transaction() as transaction:
        for author, sent_ms, _ in _deleted(data, account.aci):
            _withdraw_message(transaction, author, sent_ms, conversations, _DELETED, now_ms)


def _deleted(data: DataMessage, sender: ServiceId) -> Iterator[tuple[ServiceId, int, bool]]:
    """Author and timestamp of what is deleted, and whether that is for an administrator alone to do."""
    if data.delete is not None:
        yield sender, data.delete.target_timestamp_ms, False
    deletion = data.admin_delete
    if deletion is not None and deletion.target_author is not None:
        yield deletion.target_author, deletion.target_timestamp_ms, True


def _administers(
    account: Account, database: Database, group: GroupContext | None, sender: ServiceId
) -> bool:
    """Whether somebody may delete the messages of others in a group; another linked device has made sure itself."""
    if group is None or account.is_own(sender):
        return group is not None
    from sigcli.client.groups.identifiers import group_identifier

    group_id = group_identifier(group)
    standing = None if group_id is None else standing_of(database, group_id, sender)
    return standing is not None and standing.role == MemberRole.ADMINISTRATOR


# --- by the account's other devices ---------------------------------------------------------------


def take_view_once_open(
    account: Account, transaction: Transaction, mark: MessageMark, now_ms: int
) -> None:
    """A message that is viewed once was opened on another linked device."""
    if mark.sender is None or (sent_ms := stored_time(mark.timestamp_ms)) is None:
        return
    for row in withdrawals.find_versions(transaction, mark.sender, sent_ms):
        content = _content(row)
        if is_view_once(content):
            _withdraw(transaction, row, content, Withdrawal.OPENED, now_ms)


def take_deletions_for_me(
    account: Account, transaction: Transaction, deletions: SyncDeleteForMe, now_ms: int
) -> None:
    """Withdraw what was deleted on another linked device."""
    for deletes in deletions.message_deletes:
        _take_message_deletes(transaction, deletes, now_ms)
    for conversation in deletions.conversation_deletes:
        _take_conversation_delete(transaction, conversation, now_ms)
    for attachment in deletions.attachment_deletes:
        _take_attachment_delete(transaction, attachment, now_ms)


def _take_message_deletes(database: Transaction, deletes: MessageDeletes, now_ms: int) -> None:
    conversations = _conversations(database, deletes.conversation)
    reason = Withdrawal.DELETED_FOR_ME
    for message in deletes.messages:
        author = _author(database, message.author, message.author_number)
        if author is not None:
            sent_ms = message.sent_timestamp_ms
            _withdraw_message(database, author, sent_ms, conversations, reason, now_ms)


def _take_conversation_delete(
    database: Transaction, delete: ConversationDelete, now_ms: int
) -> None:
    conversations = _conversations(database, delete.conversation)
    recent = (*delete.most_recent_messages, *delete.most_recent_non_expiring_messages)
    times = [time for one in recent if (time := stored_time(one.sent_timestamp_ms)) is not None]
    if not times or not conversations:
        return
    for row in withdrawals.messages_until(database, max(times)):
        content = _content(row)
        source = row.metadata.source
        if source is not None and conversation_of(content, source) in conversations:
            _withdraw(database, row, content, Withdrawal.DELETED_FOR_ME, now_ms)
    attachment_uses.end_conversation(database, conversations, max(times), now_ms)


def _take_attachment_delete(database: Transaction, delete: AttachmentDelete, now_ms: int) -> None:
    """Take one attachment out of a message."""
    message = delete.target_message
    if message is None or (sent_ms := stored_time(message.sent_timestamp_ms)) is None:
        return
    author = _author(database, message.author, message.author_number)
    if author is None:
        return
    conversations = _conversations(database, delete.conversation)
    for row in withdrawals.find_versions(database, author, sent_ms):
        content = _content(row)
        conversation = conversation_of(content, author)
        if conversation not in conversations:
            continue
        data = data_of(content)
        removed = [one for one in data.attachments if _is_meant(one, delete)] if data else []
        if not removed:
            continue
        remaining = with_data(content, lambda data: _without_attachment(data, delete))
        withdrawals.replace_content(database, row.id, encode_content(remaining))
        names = [name for one in removed if (name := attachment_id(one)) is not None]
        uses = [AttachmentUse(name, author, sent_ms, conversation) for name in names]
        attachment_uses.end_uses(database, uses, now_ms)


def _without_attachment(data: DataMessage, delete: AttachmentDelete) -> DataMessage:
    kept = tuple(one for one in data.attachments if not _is_meant(one, delete))
    return replace(data, attachments=kept)


def _is_meant(pointer: AttachmentPointer, delete: AttachmentDelete) -> bool:
    if delete.client_uuid is not None and delete.client_uuid == pointer.client_uuid:
        return True
    return delete.fallback_digest is not None and delete.fallback_digest == pointer.digest


def _author(
    database: Database, service_id: ServiceId | None, number: str | None
) -> ServiceId | None:
    if service_id is not None or number is None:
        return service_id
    person = find_by_number(database, number)
    return None if person is None else person.aci


def _conversations(
    database: Database, conversation: ConversationIdentifier | None
) -> frozenset[bytes]:
    """What ``conversation_of`` gives for the messages of a conversation."""
    if conversation is None:
        return frozenset()
    if conversation.group_id is not None:
        group = find_group(database, conversation.group_id)
        return frozenset() if group is None else frozenset([group.master_key])
    service_id = _author(database, conversation.thread, conversation.number)
    if service_id is None:
        return frozenset()
    return _same_conversation(database, service_id.to_fixed_width())


# --- by time --------------------------------------------------------------------------------------


def expire(account: Account) -> None:
    """Withdraw the messages whose timers have run out, and remove the files that nothing uses any more.

    What was sent and has expired is not kept to be sent again either. Opens transactions of its own.
    """
    database, now_ms = account.database, account.now_ms()
    has_withdrawn = False
    if has_old_entries(database, now_ms):
        with database.transaction() as transaction:
            has_withdrawn = prune_send_log(transaction, now_ms) > 0
    while rows := withdrawals.expired(database, now_ms, EXPIRED_TOGETHER):
        with database.transaction() as transaction:
            for row in rows:
                _withdraw(transaction, row, _content(row), Withdrawal.EXPIRED, now_ms)
        has_withdrawn = True
    if has_withdrawn:
        database.clear_log()
    if not attachment_uses.has_ended_uses(database, now_ms):
        return
    names = attachment_uses.unused_attachments(database, now_ms)
    for name in names:
        with suppress(NoSuchFile, FileNotFoundError):
            account.files.remove_attachment(name)
    with database.transaction() as transaction:
        for name in names:
            drop_tasks(transaction, TaskKind.ATTACHMENT_DOWNLOAD, name.encode())
        attachment_uses.forget_ended_uses(transaction, now_ms)


def forget_unused(account: Account, removed: Iterable[str]) -> None:
    """Forget the uses of attachments that are neither here nor to be had from the service; opens a transaction.

    Looked at are those that were ``removed``, and some of all others: further ones the next time.
    """
    database, files = account.database, account.files
    others = attachment_uses.known_names(
        database, read_setting(database, _LOOKED_AT) or "", _LOOKED_AT_TOGETHER
    )
    gone = [name for name in (*removed, *others) if files.find_attachment(name) is None]
    with database.transaction() as transaction:
        attachment_uses.forget_uses(
            transaction,
            [
                name
                for name in gone
                if not find_items(transaction, TaskKind.ATTACHMENT_DOWNLOAD, name.encode())
            ],
        )
        is_last = len(others) < _LOOKED_AT_TOGETHER
        write_setting(transaction, _LOOKED_AT, None if is_last else others[-1])


# --- one message ----------------------------------------------------------------------------------


def withdraw_opened(database: Transaction, row: InboxRow) -> None:
    """Keep nothing but its files, for a while, of a message to be viewed once that was printed."""
    withdrawals.withdraw(
        database, row.id, encode_content(remains_of(_content(row))), Withdrawal.OPENED
    )


def _withdraw_message(
    database: Transaction,
    author: ServiceId,
    sent_ms: int,
    conversations: Collection[bytes],
    reason: Withdrawal,
    now_ms: int,
) -> None:
    stored_ms = stored_time(sent_ms)
    if stored_ms is None:
        return
    for row in withdrawals.find_versions(database, author, stored_ms):
        content = _content(row)
        if conversation_of(content, author) in conversations:
            _withdraw(database, row, content, reason, now_ms)
    attachment_uses.end_message(database, author, stored_ms, conversations, now_ms)


def _withdraw(
    database: Transaction, row: InboxRow, content: Content, reason: Withdrawal, now_ms: int
) -> None:
    withdrawals.withdraw(database, row.id, encode_content(remains_of(content)), reason)
    attachment_uses.end_uses(database, uses_of(row, content), now_ms)


def uses_of(row: InboxRow, content: Content, expires_ms: int | None = None) -> list[AttachmentUse]:
    """What a message uses, until a time or for as long as it is not withdrawn."""
    source, message = row.metadata.source, row.message
    if source is None or message is None:
        return []
    names = dict.fromkeys(attachment_id(pointer) for pointer in pointers(content))
    if not names:
        return []
    conversation = conversation_of(content, source)
    return [
        AttachmentUse(name, source, message.sent_ms, conversation, expires_ms)
        for name in names
        if name is not None
    ]


def _content(row: InboxRow) -> Content:
    """What a row holds; nothing for what cannot be read."""
    try:
        return decode_content(row.content or b"")
    except MalformedMessage:
        return Content()


def _same_conversation(database: Database, conversation: bytes) -> frozenset[bytes]:
    """A conversation under each name that it may have: a person has two ids."""
    try:
        service_id = ServiceId.from_fixed_width(conversation)
    except InvalidServiceId:
        return frozenset([conversation])
    person = find_by_service_id(database, service_id)
    ids = (service_id,) if person is None else (service_id, person.aci, person.pni)
    return frozenset(one.to_fixed_width() for one in ids if one is not None)
