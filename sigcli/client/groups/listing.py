"""The groups that are known here."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.groups.lookup import format_link, require_group
from sigcli.client.people.blocked_groups import blocked_groups
from sigcli.errors import NotAGroupMember
from sigcli.lazy_dataclass import dataclass
from sigcli.store.groups import find_group, list_groups

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group, and how the account stands to it."""

    group: Group
    is_member: bool
    is_blocked: bool
    invite_link: str | None = field(repr=False)


def is_member(account: Account, group: Group) -> bool:
    """Whether the account is a full member, as far as is known."""
    details = group.details
    return not group.access_lost and details is not None and bool(details.member(account.aci))


def listed_groups(account: Account, group_ids: Sequence[str] = ()) -> list[ListedGroup]:
    """All groups from the store, or those with these ids, which are fetched anew.

    Raises InvalidGroupId, UnknownGroup, and ServiceError; being no member any more is no error.
    """
    if not group_ids:
        # A group that the service does not show, and of which nothing is known, may be invented.
        groups = [
            group
            for group in list_groups(account.database)
            if group.details is not None or not group.access_lost
        ]
    else:
        groups = [_refreshed(account, require_group(account, text)) for text in group_ids]
    blocked = blocked_groups(account.database)
    return [_listed(account, group, blocked) for group in groups]


def listed_group(account: Account, group_id: str) -> ListedGroup:
    """A group as the store has it; raises InvalidGroupId, UnknownGroup."""
    group = require_group(account, group_id)
    return _listed(account, group, blocked_groups(account.database))


def _listed(account: Account, group: Group, blocked: Container[bytes]) -> ListedGroup:
    return ListedGroup(
        group,
        is_member(account, group),
        group.group_id in blocked,
        None if group.details is None else format_link(group.master_key, group.details),
    )


def _refreshed(account: Account, group: Group) -> Group:
    from sigcli.client.groups.fetching import fetch_group

    try:
        return fetch_group(account, group.master_key)
    except NotAGroupMember:
        return find_group(account.database, group.group_id) or group
