"""What a database holds, for tests that look behind the interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.inbox import pending
from sigcli.store.record_cache import cache_of

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction
    from sigcli.store.prekeys import PreKeyKind
    from sigcli.wire.addresses import ServiceId, ServiceIdKind


def count_pending(database: Database) -> int:
    """How many rows of the inbox were not delivered yet."""
    return sum(1 for _ in pending(database))


def count_prekeys(database: Database, own: ServiceIdKind, kind: PreKeyKind) -> int:
    """How many keys of the batch that the service has are still unused, as far as known here."""
    row = database.row(
        f"SELECT count(*) FROM {kind.table} WHERE own_identity = ? "
        f"AND {kind.rows} AND uploaded_ms IS NOT NULL AND replaced_ms IS NULL",
        (own.value,),
    )
    return 0 if row is None else int(row[0])


def delete_sessions(database: Transaction, service_id: ServiceId) -> int:
    """Forget the sessions with every device of an account; gives how many."""
    cache_of(database, "session").clear()
    return database.write(
        "DELETE FROM session WHERE service_id = ?", (service_id.to_fixed_width(),)
    )
