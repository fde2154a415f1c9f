"""Showing a group the account's profile key after it was replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups import attributes
from sigcli.client.groups.committing import commit_change
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.profile_credentials import own_presentation
from sigcli.client.sending.group_notifying import tell_of_change
from sigcli.wire import group_changes as wire

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group, GroupDetails


def present_profile_key(account: Account, group: Group) -> None:
    """Put the account's present profile key into a group and tell its members, unless it is there already.

    Opens transactions of its own. Raises GroupCredentialUnavailable, GroupChangeRefused, GroupConflict,
    NotAGroupMember, ServiceError.
    """
    group = fetch_group(account, group.master_key)
    params = group.params
    presentation = own_presentation(account, params)

    def build(details: GroupDetails) -> wire.GroupActions | None:
        own = details.member(account.aci)
        if own is None:
            return None
        present = attributes.decrypt_profile_key(params, own.profile_key_ciphertext, own.aci)
        if present == account.keys.profile_key:
            return None
        shown = (wire.PresentProfileKey(presentation=presentation),)
        return wire.GroupActions(revision=details.revision + 1, modify_member_profile_keys=shown)

    committed = commit_change(account, group, build)
    if committed is not None:
        tell_of_change(account, committed)
