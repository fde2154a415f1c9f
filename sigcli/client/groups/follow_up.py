"""What a received message causes for its group: bringing it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NotAGroupMember
from sigcli.store.groups import find_group

if TYPE_CHECKING:
    from sigcli.client.account import Account


def update_group(account: Account, group_id: bytes) -> None:
    """Fetch what is new of a group; being no member any more is no error. Raises ServiceError, ProtocolError."""
    from sigcli.client.groups.fetching import catch_up

    group = find_group(account.database, group_id)
    if group is None:
        return
    try:
        catch_up(account, group)
    except NotAGroupMember:
        return
