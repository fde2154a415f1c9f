"""Telling the people of a group that it has changed: a message without a text that carries the signed change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.outcomes import SendOutcome
from sigcli.client.sending.group_sending import send_group_content
from sigcli.protocol.sealed_sender import ContentHint
from sigcli.store.send_log import prune_send_log
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.content import DataMessage
from sigcli.wire.content.message_parts import GroupContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.groups.committing import Committed
    from sigcli.store.group_values import Group
    from sigcli.wire.addresses import ServiceId

MAX_EMBEDDED_CHANGE = 32 * 1024
"""A larger change is not embedded: those who learn of the revision fetch it."""


def tell_of_change(account: Account, committed: Committed) -> SendOutcome:
    """Tell members, invited people and those who were removed; one result for each.

    Opens transactions of its own. Raises LoginRefused, ClientRefused, StoreError.
    """
    signed = committed.signed_change
    embedded = signed if len(signed) <= MAX_EMBEDDED_CHANGE else None
    return _tell(account, committed.group, embedded, removed=committed.left)


def tell_of_group(account: Account, group: Group) -> SendOutcome:
    """Tell members and invited people of a new group; raises LoginRefused, StoreError."""
    return _tell(account, group, None, removed=())


def _tell(
    account: Account, group: Group, signed_change: bytes | None, *, removed: Sequence[ServiceId]
) -> SendOutcome:
    details = group.details
    assert details is not None  # just made or changed
    with account.database.transaction() as database:
        timestamp_ms = next_message_timestamp(database, account.now_ms())
        prune_send_log(database, account.now_ms())
    message = DataMessage(
        timestamp_ms=timestamp_ms,
        group=GroupContext(
            master_key=group.master_key, revision=details.revision, group_change=signed_change
        ),
        expire_timer_s=details.timer_s,
        profile_key=account.keys.profile_key,
    )
    members = [member.aci for member in details.members if member.aci != account.aci]
    outsiders = [
        person
        for person in (*removed, *(one.service_id for one in details.invitations))
        if not account.is_own(person)
    ]
    results = send_group_content(
        account, group, members, message, outsiders=outsiders, hint=ContentHint.RESENDABLE
    )
    return SendOutcome(timestamp_ms, tuple(results))
