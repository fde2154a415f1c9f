"""Who would not learn of a new profile key of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.blocked_groups import blocked_groups
from sigcli.store.groups import groups_of

if TYPE_CHECKING:
    from sigcli.store.database import Database
    from sigcli.wire.addresses import ServiceId


def is_key_lost_to(database: Database, own_aci: ServiceId, person: ServiceId | None) -> bool:
    """Whether a new key would stay unknown to somebody: not if they share a group with the account."""
    if person is None or not person.is_aci:
        return True
    shared = set(groups_of(database, own_aci)) & set(groups_of(database, person))
    return not shared - blocked_groups(database)
