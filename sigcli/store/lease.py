"""The receiver lease: one process at a time receives for an account, while others send.

The row names the holder by machine, pid and start time. A holder that is dead is replaced at once;
one on another machine, which cannot be seen from here, when its heartbeat has stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import LeaseLost, ReceiverBusy
from sigcli.lazy_dataclass import dataclass
from sigcli.store.processes import ProcessId

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

HEARTBEAT_INTERVAL_MS = 30_000
"""How often a holder renews."""
HEARTBEAT_EXPIRY_MS = 120_000
"""After this silence a holder that cannot be seen counts as dead."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to receive, held by a process since ``acquired_ms``."""

    holder: ProcessId
    acquired_ms: int
    is_shared: bool = False
    """Whether the holder receives for all consumers as long as it runs: others take what it stores."""
    is_caught_up: bool = False
    """Whether the service has said that nothing waits there (noted by a holder that shares)."""


def acquire(
    database: Transaction, now_ms: int, holder: ProcessId | None = None, *, shared: bool = False
) -> Lease:
    """Take the lease for this process (or ``holder``); raises ReceiverBusy."""
    holder = holder or ProcessId.own()
    present = _read(database)
    if present is not None:
        lease, heartbeat_ms = present
        # Within a process that receives for all, a receiver of one's own takes what it stores as well.
        is_another = lease.holder != holder or (lease.is_shared and not shared)
        if is_another and not _is_over(lease, heartbeat_ms, now_ms):
            raise ReceiverBusy(lease.holder.pid, is_shared=lease.is_shared)
    database.write(
        "INSERT OR REPLACE INTO receiver_lease "
        "(id, machine, pid, process_start, acquired_ms, heartbeat_ms, is_shared) "
        "VALUES (1, ?, ?, ?, ?, ?, ?)",
        (holder.machine, holder.pid, holder.start, now_ms, now_ms, shared),
    )
    return Lease(holder, now_ms, shared)


def note_caught_up(database: Transaction, lease: Lease, is_caught_up: bool) -> None:
    """Say whether anything may wait at the service."""
    database.write(
        "UPDATE receiver_lease SET is_caught_up = ? WHERE machine = ? AND pid = ? "
        "AND process_start = ? AND acquired_ms = ?",
        (is_caught_up, *_key(lease)),
    )


def renew(database: Transaction, lease: Lease, now_ms: int) -> None:
    """Say that the holder still receives; raises LeaseLost."""
    if not database.write(
        "UPDATE receiver_lease SET heartbeat_ms = ? WHERE machine = ? AND pid = ? "
        "AND process_start = ? AND acquired_ms = ?",
        (now_ms, *_key(lease)),
    ):
        raise LeaseLost


def release(database: Transaction, lease: Lease) -> None:
    """Give the lease back; nothing happens if it was lost."""
    database.write(
        "DELETE FROM receiver_lease WHERE machine = ? AND pid = ? "
        "AND process_start = ? AND acquired_ms = ?",
        _key(lease),
    )


def present_lease(database: Database, now_ms: int) -> Lease | None:
    """The lease of the process that receives at present, None if none does."""
    present = _read(database)
    return None if present is None or _is_over(*present, now_ms) else present[0]


def receiver(database: Database, now_ms: int) -> ProcessId | None:
    """Who receives at present, None if nobody does."""
    lease = present_lease(database, now_ms)
    return None if lease is None else lease.holder


def _read(database: Database) -> tuple[Lease, int] | None:
    row = database.row(
        "SELECT machine, pid, process_start, acquired_ms, heartbeat_ms, is_shared, is_caught_up "
        "FROM receiver_lease"
    )
    if row is None:
        return None
    machine, pid, start, acquired_ms, heartbeat_ms, is_shared, is_caught_up = row
    lease = Lease(ProcessId(machine, pid, start), acquired_ms, bool(is_shared), bool(is_caught_up))
    return lease, heartbeat_ms


def _is_over(lease: Lease, heartbeat_ms: int, now_ms: int) -> bool:
    alive = lease.holder.is_alive()
    if alive is None:
        return now_ms - heartbeat_ms > HEARTBEAT_EXPIRY_MS
    return not alive


def _key(lease: Lease) -> tuple[str, int, str, int]:
    holder = lease.holder
    return holder.machine, holder.pid, holder.start, lease.acquired_ms
