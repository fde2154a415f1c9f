"""Blocks and unblocks that were made while the own list of blocked people was not known yet.

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

_WISHES = Setting("block_wishes", str)
"""JSON: ``people`` and ``groups``, each a mapping from an id to whether it is to be blocked."""


def note_block_wishes(
    database: Transaction,
    people: Iterable[ServiceId],
    group_ids: Iterable[GroupIdentifier],
    *,
    blocked: bool,
) -> None:
    """Remember what was blocked or unblocked."""
    wishes = _read(database)
    wishes["people"].update({str(service_id): blocked for service_id in people})
    wishes["groups"].update({group_id.hex(): blocked for group_id in group_ids})
    write_setting(database, _WISHES, json.dumps(wishes, separators=(",", ":")))


def apply_block_wishes(database: Transaction) -> bool:
    """Apply them to the list that has just come, and forget them; false if there are none."""
    if read_setting(database, _WISHES) is None:
        return False
    wishes = _read(database)
    for text, blocked in wishes["people"].items():
        row_id = recipient_id_of(database, ServiceId.parse(text))
        update_recipient(database, row_id, blocked=blocked)
    for text, blocked in wishes["groups"].items():
        set_group_blocked(database, GroupIdentifier(bytes.fromhex(text)), blocked)
    write_setting(database, _WISHES, None)
    return True


def _read(database: Database) -> dict[str, dict[str, bool]]:
    wishes: dict[str, dict[str, bool]] = json.loads(read_setting(database, _WISHES) or "{}")
    return {"people": wishes.get("people", {}), "groups": wishes.get("groups", {})}
