"""Groups that are to be brought up to date: a message told of them, or another linked device.

Messages that wait for a group are judged, and take effect, as soon as it has been fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.jobs import work_off
from sigcli.client.groups.verdicts import Verdict
from sigcli.errors import MalformedMessage, NotAGroupMember
from sigcli.store import inbox
from sigcli.store.group_claims import note_false_claim
from sigcli.store.groups import find_group, standing_of
from sigcli.store.tasks import TaskKind
from sigcli.wire.addresses import ProtocolAddress
from sigcli.wire.content import decode_content
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey

if TYPE_CHECKING:
    from sigcli.client.applying.applying import ContentApplier
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.inbox_values import InboxRow
    from sigcli.store.tasks import Task

JUDGED_TOGETHER = 50
"""Messages that are judged in one transaction."""


def update_group(account: Account, task: Task) -> int:
    """Fetch what is new of a group, and judge what waits for it; gives how many messages were released.

    Being no member is no error. Raises ServiceError, ProtocolError.
    """
    from sigcli.client.groups.fetching import catch_up, fetch_group

    group = find_group(account.database, GroupIdentifier(task.target))
    was_known = group is not None and group.details is not None
    master_key = next((one.item for one in task.items if one.item), b"")
    try:
        if group is not None:
            catch_up(account, group)
        elif master_key:
            fetch_group(account, GroupMasterKey(master_key))
        else:
            return 0
    except NotAGroupMember:
        pass
    return release_messages(account, GroupIdentifier(task.target), is_new=not was_known)


def release_messages(account: Account, group_id: GroupIdentifier, *, is_new: bool = False) -> int:
    """Judge what waits for a group by what is known of it now; gives how many messages were released.

    ``is_new``: nothing was known of the group before. Opens transactions of its own.
    """
    database = account.database
    released = 0
    applier: ContentApplier | None = None
    while rows := inbox.awaiting(database, group_id, JUDGED_TOGETHER):
        if applier is None:
            from sigcli.client.applying.applying import ContentApplier

            applier = ContentApplier(account)
        with database.transaction() as transaction:
            applier.begin(transaction, account.now_ms())
            for row in rows:
                released += _release(account, transaction, applier, row, group_id, is_new=is_new)
    return released


def _release(
    account: Account,
    transaction: Transaction,
    applier: ContentApplier,
    row: InboxRow,
    group_id: GroupIdentifier,
    *,
    is_new: bool,
) -> bool:
    """One message in its turn; whether it is printed."""
    from sigcli.client.applying.incoming import IncomingMessage
    from sigcli.client.groups.acceptance import group_of, take_part
    from sigcli.client.groups.contexts import is_known_person

    metadata = row.metadata
    if metadata.source is None or metadata.source_device is None:
        inbox.drop_held(transaction, row)
        return False
    try:
        content = decode_content(row.content or b"")
    except MalformedMessage:
        inbox.drop_held(transaction, row)
        return False
    message = IncomingMessage(
        metadata,
        known_sender=ProtocolAddress(metadata.source, metadata.source_device),
        content=content,
    )
    is_taken = applier.judge(message, fetched=True) is Verdict.TAKEN
    standing = standing_of(transaction, group_id, metadata.source)
    context = group_of(content)
    if not is_taken or standing is None or (context and context.revision > standing.revision):
        note_false_claim(transaction, group_id, metadata.source, account.now_ms())
    if not is_taken:
        inbox.drop_held(transaction, row)
        return False
    if is_new and is_known_person(account, metadata.source):
        # The first message about a new group comes from the person who added this account to it.
        take_part(account, transaction, group_id)
    if not applier.apply_to_conversation(message):
        inbox.drop_held(transaction, row)
        return False
    inbox.store_released(
        transaction, row, metadata, row.content or b"", account.now_ms(), row.message
    )
    return True


def update_waiting_groups(account: Account) -> None:
    """Fetch the groups for which that is due; one that fails is a warning, and is put off. Raises StoreError."""
    work_off(
        account,
        (TaskKind.GROUP_UPDATE,),
        lambda task: update_group(account, task),
        complaint="a group could not be fetched yet",
    )
