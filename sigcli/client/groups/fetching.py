"""Groups from the service: fetched as they are now, or brought up to date along their log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups.changed_details import apply_change
from sigcli.client.groups.changes import open_change
from sigcli.client.groups.credentials import authorization
from sigcli.client.groups.endorsements import receive_endorsements
from sigcli.client.groups.state import decrypt_group
from sigcli.client.groups.storing import store_group
from sigcli.errors import InvalidGroupChange, MalformedAnswer, NotAGroupMember, NotFound
from sigcli.store.group_members import load_endorsements
from sigcli.store.groups import find_group, mark_access_lost
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.resources.groups import LogPage
    from sigcli.store.group_values import Group, GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import GroupMasterKey

MAX_LOG_PAGES = 20


def fetch_group(account: Account, master_key: GroupMasterKey) -> Group:
    """The group as it is now, which is kept. Opens transactions of its own.

    Raises NotAGroupMember (which is remembered), InvalidKey for a damaged master key, MalformedAnswer,
    ServiceError.
    """
    params = GroupSecretParams.derive_from_master_key(master_key)
    try:
        response = account.groups.fetch(authorization(account, params))
    except (NotAGroupMember, NotFound) as error:
        raise _lost(account, params) from error
    if response.group is None:
        raise MalformedAnswer("the group service sent no group")
    known = find_group(account.database, params.get_group_identifier())
    try:
        details = decrypt_group(params, response.group, None if known is None else known.details)
    except InvalidGroupChange as error:
        raise MalformedAnswer(error.message) from error
    endorsements = receive_endorsements(account, params, details, response.endorsements)
    with account.database.transaction() as transaction:
        return store_group(account, transaction, params, details, endorsements)


def catch_up(account: Account, group: Group) -> Group:
    """The group brought up to date: along its log where this account is a member, else fetched.

    Opens transactions of its own; raises NotAGroupMember, ServiceError.
    """
    details = group.details
    if details is None or group.access_lost or details.member(account.aci) is None:
        return fetch_group(account, group.master_key)
    try:
        return _follow_log(account, group, details)
    except (InvalidGroupChange, MalformedAnswer, NotAGroupMember, NotFound):
        # Somebody who left and came back sees nothing of the log from before.
        return fetch_group(account, group.master_key)


def require_fresh_endorsements(account: Account, group: Group) -> Group:
    """The group with endorsements that hold for a while; fetched if they do not, or are unknown."""
    from sigcli.client.groups.endorsements import are_fresh

    if are_fresh(load_endorsements(account.database, group.id), account.now_ms()):
        return group
    return fetch_group(account, group.master_key)


def _follow_log(account: Account, group: Group, details: GroupDetails) -> Group:
    params = group.params
    at_hand = load_endorsements(account.database, group.id)
    expire_s = 0 if at_hand is None else at_hand.expire_s
    told_by_owner: set[ServiceId] = set()
    endorsements = b""
    next_revision: int | None = details.revision + 1
    for _ in range(MAX_LOG_PAGES):
        assert next_revision is not None
        page = account.groups.log(
            authorization(account, params), next_revision, endorsements_expire_s=expire_s
        )
        details, editors = _apply_page(params, details, page)
        told_by_owner |= editors
        endorsements = page.endorsements or endorsements
        next_revision = page.next_revision
        if next_revision is None:
            break
        # The service looks for changes of the members in the last page alone: have it send endorsements in any case.
        expire_s = 0
    else:
        raise InvalidGroupChange("the group's log is too long")
    received = receive_endorsements(account, params, details, endorsements)
    with account.database.transaction() as transaction:
        return store_group(
            account, transaction, params, details, received, told_by_owner=told_by_owner
        )


def _apply_page(
    params: GroupSecretParams, details: GroupDetails, page: LogPage
) -> tuple[GroupDetails, set[ServiceId]]:
    """The group after a page of its log, and who has made the changes in it."""
    editors: set[ServiceId] = set()
    for entry in page.entries:
        if entry.change is not None:
            change = open_change(entry.change, params, None)
            if change.revision <= details.revision:
                continue
            if change.complete or entry.state is None:
                details = apply_change(details, change)
                if change.editor is not None:
                    editors.add(change.editor)
                continue
        if entry.state is not None and entry.state.revision > details.revision:
            details = decrypt_group(params, entry.state, details)
    return details, editors


def _lost(account: Account, params: GroupSecretParams) -> NotAGroupMember:
    """The error when the service does not show the group to this account; noted on a group that is known."""
    with account.database.transaction() as database:
        known = find_group(database, params.get_group_identifier())
        if known is not None:
            mark_access_lost(database, known.id, account.now_ms())
    return NotAGroupMember()
