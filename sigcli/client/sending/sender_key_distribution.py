"""This device's sender key for a group: made, distributed, and replaced when somebody has it who should not."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.groups.storing import forget_own_sender_key
from sigcli.client.sending.sessions import devices_to_address
from sigcli.durations import DAY_MS
from sigcli.errors import InvalidSession
from sigcli.lazy_dataclass import dataclass
from sigcli.store.groups import find_group, set_distribution
from sigcli.store.sender_keys import (
    devices_with_sender_key,
    load_sender_key,
    rotate_sender_key,
    sender_key_created_ms,
)
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.group_values import Group
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import GroupIdentifier

MAX_SENDER_KEY_AGE_MS = 14 * DAY_MS
_OWN = ServiceIdKind.ACI


@dataclass(frozen=True, slots=True)
class Distribution:
    """This device's sender key for a group; ``chain_id`` tells one from the next."""

    id: UUID
    chain_id: int
    message: bytes = field(repr=False)
    lacking: tuple[ServiceId, ...]
    """Members with a device that was not given it yet."""


def own_distribution(
    account: Account, transaction: Transaction, group: Group, members: Sequence[ServiceId]
) -> Distribution:
    """This device's sender key, replaced if it is old or a former member has it."""
    from sigcli.protocol.sender_keys import create_distribution

    current = find_group(transaction, group.group_id) or group
    distribution_id = current.distribution_id
    if distribution_id is None:
        distribution_id = UUID(bytes=account.random(16), version=4)
        set_distribution(transaction, current.id, distribution_id)
    sender = account.address()
    holders = devices_with_sender_key(transaction, distribution_id)
    created_ms = sender_key_created_ms(transaction, _OWN, sender, distribution_id)
    if created_ms is not None and (
        not 0 <= account.now_ms() - created_ms < MAX_SENDER_KEY_AGE_MS
        or not {holder.service_id for holder in holders} <= _member_ids(current)
    ):
        rotate_sender_key(transaction, _OWN, sender, distribution_id)
        holders = set()
    store = account.protocol_store(transaction)
    try:
        message = create_distribution(sender, distribution_id, store, account.random)
    except InvalidSession:
        rotate_sender_key(transaction, _OWN, sender, distribution_id)
        holders = set()
        message = create_distribution(sender, distribution_id, store, account.random)
    lacking = tuple(
        member
        for member in members
        if any(
            ProtocolAddress(member, device) not in holders
            for device in devices_to_address(account, member)
        )
    )
    chain = chain_id(account, distribution_id)
    assert chain is not None  # it was made a moment ago
    return Distribution(distribution_id, chain, message, lacking)


def chain_id(account: Account, distribution_id: UUID) -> int | None:
    """Which of this device's sender keys for a group is the present one."""
    record = load_sender_key(account.database, _OWN, account.address(), distribution_id)
    return record.states[0].chain_id if record is not None and record.states else None


def rotate_own(account: Account, group_id: GroupIdentifier) -> None:
    """Have the next message begin with a new sender key; opens a transaction."""
    with account.database.transaction() as database:
        group = find_group(database, group_id)
        if group is not None:
            forget_own_sender_key(account, database, group)


def _member_ids(group: Group) -> set[ServiceId]:
    return set() if group.details is None else {member.aci for member in group.details.members}
