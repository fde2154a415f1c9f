"""Comparing the members' identity keys with the service's before a message goes to a group.

A key that has changed would else be met in the middle of the send, after the message was refused. Asked without a
login, at most every few hours for a group; a message never fails because of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.sessions import remember_untrusted
from sigcli.durations import HOUR_MS
from sigcli.errors import NotFound, RateLimited, SigcliError, StoreError, UntrustedIdentity
from sigcli.protocol.limits import MAX_IDENTITY_CHECKS
from sigcli.store.group_members import (
    begin_identity_check,
    is_identity_check_due,
    member_identity_keys,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group
    from sigcli.wire.addresses import ServiceId

INTERVAL_MS = 6 * HOUR_MS
"""For how long a key that was compared, or has just become known, counts as the present one."""


def check_identities(account: Account, group: Group, members: Collection[ServiceId]) -> None:
    """Learn of keys that have changed, at the trust policy's terms; opens transactions. Raises StoreError only."""
    before_ms = account.now_ms() - INTERVAL_MS
    if not is_identity_check_due(account.database, group.id, before_ms):
        return
    wanted = frozenset(members)
    keys = {
        member: key
        for member, key in member_identity_keys(account.database, group.id, before_ms).items()
        if member in wanted and not account.is_own(member)
    }
    if not keys:
        return
    with account.database.transaction() as database:
        # Also if it fails: then the message itself meets what has changed.
        begin_identity_check(database, group.id, account.now_ms())
    try:
        _compare(account, keys)
    except StoreError:
        raise
    except (NotFound, RateLimited):
        return  # a service that compares no keys, or not so many
    except SigcliError as error:
        account.warn(f"the members' identity keys could not be compared: {error.message}")


def _compare(account: Account, keys: dict[ServiceId, bytes]) -> None:
    from sigcli.service.resources.profiles import differing_identity_keys

    members = list(keys)
    for start in range(0, len(members), MAX_IDENTITY_CHECKS):
        asked = {member: keys[member] for member in members[start : start + MAX_IDENTITY_CHECKS]}
        for member, key in differing_identity_keys(account.unidentified, asked).items():
            remember_untrusted(account, member, UntrustedIdentity(identity_key=key))
            account.warn(f"the safety number with {member} has changed")
