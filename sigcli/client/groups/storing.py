"""What becomes known of a group, put into the store with everything that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.group_members import save_endorsements
from sigcli.store.groups import find_group, note_group, save_details
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import load_recipient, set_profile_key
from sigcli.store.sender_keys import rotate_sender_key
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.group_members import Endorsements
    from sigcli.store.group_values import Group, GroupDetails, JoinRequest, Member
    from sigcli.wire.addresses import ServiceId
    from sigcli.zkgroup.groups import GroupSecretParams


def store_group(
    account: Account,
    transaction: Transaction,
    params: GroupSecretParams,
    details: GroupDetails,
    endorsements: Endorsements | None = None,
    *,
    told_by_owner: Collection[ServiceId] = (),
) -> Group:
    """Keep a revision of a group, unless a later one is known already.

    Former members cannot read what is sent from now on: this device's sender key is replaced. Profile keys of
    members are learned; those of ``told_by_owner`` replace other ones.
    """
    group_id, master_key = params.get_group_identifier(), params.get_master_key()
    row = note_group(transaction, group_id, master_key)
    known = find_group(transaction, group_id)
    assert known is not None  # just stored
    if known.revision > details.revision:
        return known
    removed = save_details(transaction, row, details, account.now_ms())
    if removed:
        forget_own_sender_key(account, transaction, known)
    if endorsements is not None:
        save_endorsements(transaction, row, endorsements)
    _learn_profile_keys(account, transaction, details, told_by_owner)
    stored = find_group(transaction, group_id)
    assert stored is not None
    return stored


def forget_own_sender_key(account: Account, transaction: Transaction, group: Group) -> None:
    """Have the next message to a group begin with a new sender key."""
    if group.distribution_id is not None:
        rotate_sender_key(transaction, ServiceIdKind.ACI, account.address(), group.distribution_id)


def _learn_profile_keys(
    account: Account,
    transaction: Transaction,
    details: GroupDetails,
    told_by_owner: Collection[ServiceId],
) -> None:
    people: tuple[Member | JoinRequest, ...] = (*details.members, *details.requests)
    for person in people:
        if person.profile_key is None or account.is_own(person.aci):
            continue
        row = recipient_id_of(transaction, person.aci)
        if person.aci not in told_by_owner:
            # A member who adds somebody may name any key for them: it does not replace a known one.
            known = load_recipient(transaction, row)
            if known is not None and known.profile.key is not None:
                continue
        set_profile_key(transaction, row, person.profile_key)
