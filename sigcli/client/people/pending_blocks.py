"""Blocks and unblocks that were made while the account's list of blocked people was not known yet.

The list, once it comes, may be older than they are: they are applied on top of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigcli.client.people.blocked_groups import set_group_blocked
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import update_recipient
from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Transaction

_PENDING = Setting("block_wishes", str)
"""JSON: ``people`` and ``groups``, each a mapping from an id to whether it is to be blocked."""


def note_pending_blocks(
    database: Transaction,
    people: Iterable[ServiceId],
    group_ids: Iterable[GroupIdentifier],
    *,
    blocked: bool,
) -> None:
    """Remember what was blocked or unblocked."""
    pending = _read(database)
    pending["people"].update({str(service_id): blocked for service_id in people})
    pending["groups"].update({group_id.hex(): blocked for group_id in group_ids})
    write_setting(database, _PENDING, json.dumps(pending, separators=(",", ":")))


def apply_pending_blocks(database: Transaction) -> bool:
    """Apply them to the list that has just come, and forget them; false if there are none."""
    if read_setting(database, _PENDING) is None:
        return False
    pending = _read(database)
    for text, blocked in pending["people"].items():
        row_id = recipient_id_of(database, ServiceId.parse(text))
        update_recipient(database, row_id, blocked=blocked)
    for text, blocked in pending["groups"].items():
        set_group_blocked(database, GroupIdentifier(bytes.fromhex(text)), blocked)
    write_setting(database, _PENDING, None)
    return True


def _read(database: Database) -> dict[str, dict[str, bool]]:
    pending: dict[str, dict[str, bool]] = json.loads(read_setting(database, _PENDING) or "{}")
    return {"people": pending.get("people", {}), "groups": pending.get("groups", {})}
