"""Groups: known by their master keys; shared of one is whether the user takes part in it, and whether it is blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups.identifiers import identifier_of
from sigcli.client.people.blocked_groups import blocked_groups, set_group_blocked
from sigcli.client.storage.merging import incoming, outgoing
from sigcli.lazy_dataclass import replace
from sigcli.store.groups import list_group_keys, note_group, set_accepted
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.storage_records import GroupV2Record

if TYPE_CHECKING:
    from typing import Any

    from sigcli.client.base.account import Account
    from sigcli.client.storage.merging import Shared
    from sigcli.store.database import Transaction
    from sigcli.store.groups import GroupKey
    from sigcli.wire.key_types import GroupMasterKey

_MASTER_KEY_LENGTH = 32
_FIELDS = {"blocked": "blocked", "accepted": "whitelisted"}
"""The database's name of what is shared, and the record's."""
_STICKY = ("blocked",)


def is_usable(record: GroupV2Record) -> bool:
    """Whether a record names a group."""
    return len(record.master_key) == _MASTER_KEY_LENGTH


class KnownGroups:
    """The groups of the database by their master keys, with what is shared of them."""

    def __init__(self, account: Account) -> None:
        self._groups = {one.master_key: one for one in list_group_keys(account.database)}
        self._blocked = blocked_groups(account.database)

    def find(self, master_key: GroupMasterKey) -> GroupKey | None:
        return self._groups.get(master_key)

    def all(self) -> list[GroupKey]:
        return list(self._groups.values())

    def shared(self, group: GroupKey) -> Shared:
        return {"blocked": group.group_id in self._blocked, "accepted": group.accepted}


def take_group(
    account: Account,
    transaction: Transaction,
    known: KnownGroups,
    record: GroupV2Record,
    last_seen: GroupV2Record | None,
    now_ms: int,
) -> None:
    """Bring the database to a usable record that is new; unknown groups are to be fetched."""
    group = known.find(record.master_key)
    if group is None:
        if (new_id := identifier_of(record.master_key)) is None:
            return
        group_id = new_id
        note_group(transaction, group_id, record.master_key)
        local: Shared = {}
    else:
        group_id, local = group.group_id, known.shared(group)
    change = incoming(
        None if last_seen is None else _of_record(last_seen),
        local,
        _of_record(record),
        sticky=_STICKY,
    )
    if "blocked" in change:
        set_group_blocked(transaction, group_id, bool(change["blocked"]))
    if "accepted" in change:
        set_accepted(transaction, group_id, bool(change["accepted"]))
    if (group is None or not group.is_known) and not record.blocked:
        add_task(transaction, TaskKind.GROUP_UPDATE, group_id, now_ms=now_ms)


def edited_group(record: GroupV2Record, known: KnownGroups, group: GroupKey) -> GroupV2Record:
    """The record with what the database says differently; the same one if that is nothing."""
    edits: dict[str, Any] = {
        _FIELDS[name]: value
        for name, value in outgoing(_of_record(record), known.shared(group)).items()
    }
    return replace(record, **edits) if edits else record


def new_group(known: KnownGroups, group: GroupKey) -> GroupV2Record | None:
    """A record for a group that has none; None for one that this account is not in."""
    if not group.is_known or group.access_lost:
        return None
    return edited_group(GroupV2Record(master_key=group.master_key), known, group)


def _of_record(record: GroupV2Record) -> Shared:
    return {name: getattr(record, field) for name, field in _FIELDS.items()}
