"""The job of showing a person, or a group, the account's profile key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def update_profile_key(account: Account, target: bytes) -> None:
    """Do one task: ``target`` is an account, or a group's identifier. Raises ServiceError, UntrustedIdentity."""
    from sigcli.client.base.task_items import read_account
    from sigcli.client.people.known_people import is_accepted
    from sigcli.store.groups import find_group
    from sigcli.store.recipients import find_by_service_id

    group = find_group(account.database, GroupIdentifier(target))
    if group is not None:
        from sigcli.client.account.groups.own_profile_key import present_profile_key

        present_profile_key(account, group)
        return
    person = find_by_service_id(account.database, read_account(target))
    if person is not None and person.aci and is_accepted(person) and not person.contact.blocked:
        from sigcli.client.sending.profile_key_sharing import send_profile_key

        send_profile_key(account, person.aci)
