"""One change of a group, committed: built for the present revision, and built anew if somebody else was faster."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.groups.changed_details import apply_change
from sigcli.client.groups.changes import open_change
from sigcli.client.groups.credentials import authorization, server_params
from sigcli.client.groups.endorsements import receive_endorsements
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.storing import store_group
from sigcli.errors import (
    Conflict,
    Forbidden,
    GroupChangeRefused,
    GroupConflict,
    InvalidGroupChange,
    MalformedAnswer,
    NotAGroupMember,
)
from sigcli.lazy_dataclass import dataclass, fields
from sigcli.wire.group_changes import GroupActions, decode_actions, encode_group_change
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group, GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_changes import GroupChange, GroupChangeResponse

    Build = Callable[[GroupDetails], GroupActions | None]

MAX_ATTEMPTS = 5
_SET_BY_SERVICE = ("revision", "source_user_id", "group_id", "unknown_fields")


@dataclass(frozen=True, slots=True)
class Committed:
    """A change that the service has made: the group before and after it, and the signed change."""

    before: GroupDetails
    group: Group
    signed_change: bytes = field(repr=False)

    @property
    def left(self) -> tuple[ServiceId, ...]:
        """Those who were members before and are not any more."""
        details = self.group.details
        return tuple(
            member.aci
            for member in self.before.members
            if details is None or details.member(member.aci) is None
        )


def commit_change(account: Account, group: Group, build: Build) -> Committed | None:
    """Have the service make a change; None if there is nothing to change.

    ``build`` is called for the group as it is, again whenever somebody else has changed it meanwhile. Opens
    transactions of its own. Raises what ``build`` raises, GroupChangeRefused, GroupConflict, NotAGroupMember,
    ServiceError.
    """
    params = group.params
    for _ in range(MAX_ATTEMPTS):
        details = group.details
        if details is None:
            raise NotAGroupMember
        actions = build(details)
        if actions is None:
            return None
        try:
            response = account.groups.change(authorization(account, params), actions)
        except Conflict:
            group = fetch_group(account, group.master_key)
            continue
        except Forbidden as error:
            raise GroupChangeRefused from error
        return _committed(account, params, details, actions, response)
    raise GroupConflict


def _committed(
    account: Account,
    params: GroupSecretParams,
    before: GroupDetails,
    actions: GroupActions,
    response: GroupChangeResponse,
) -> Committed:
    change = response.change
    if change is None:
        raise MalformedAnswer("the group service did not send the change back")
    try:
        opened = open_change(change, params, server_params(account))
        after = apply_change(before, opened)
    except InvalidGroupChange as error:
        account.warn(f"the change was made, but cannot be followed: {error.message}")
        return Committed(
            before, fetch_group(account, params.get_master_key()), encode_group_change(change)
        )
    _warn_of_omissions(account, actions, change)
    endorsements = receive_endorsements(account, params, after, response.endorsements)
    with account.database.transaction() as transaction:
        told_by_owner = (account.aci,)
        stored = store_group(
            account, transaction, params, after, endorsements, told_by_owner=told_by_owner
        )
    return Committed(before, stored, encode_group_change(change))


def _warn_of_omissions(account: Account, asked: GroupActions, change: GroupChange) -> None:
    """Warn of the parts of a change that the service left out."""
    made = decode_actions(change.actions)
    left_out = [
        one.name.replace("_", " ")
        for one in fields(GroupActions)
        if one.name not in _SET_BY_SERVICE
        and getattr(asked, one.name)
        and not getattr(made, one.name)
    ]
    if left_out:
        account.warn(f"the service left out a part of the change: {', '.join(left_out)}")
