"""The receiver lease: one process at a time receives for an account, while others send.

The row names the holder by machine, pid and start time. A holder that is dead is replaced at once;
one on another machine, which cannot be seen from here, when its heartbeat has stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import LeaseLost, ReceiverBusy
from sigcli.store.processes import ProcessId
from sigcli.values import dataclass

if TYPE_CHECKING:
    from sigcli.store.database import Database

HEARTBEAT_INTERVAL_MS = 30_000
"""How often a holder renews."""
HEARTBEAT_EXPIRY_MS = 120_000
"""After this silence a holder that cannot be seen counts as dead."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to receive, held by a process since ``acquired_ms``."""

    holder: ProcessId
    acquired_ms: int


def acquire(database: Database, now_ms: int, holder: ProcessId | None = None) -> Lease:
    """Take the lease for this process (or ``holder``), in a transaction; raises ReceiverBusy."""
    holder = holder or ProcessId.own()
    present = _read(database)
    if present is not None:
        lease, heartbeat_ms = present
        if lease.holder != holder and not _is_over(lease, heartbeat_ms, now_ms):
            raise ReceiverBusy(lease.holder.pid)
    database.write(
        "INSERT OR REPLACE INTO receiver_lease "
        "(id, machine, pid, process_start, acquired_ms, heartbeat_ms) VALUES (1, ?, ?, ?, ?, ?)",
        (holder.machine, holder.pid, holder.start, now_ms, now_ms),
    )
    return Lease(holder, now_ms)


def renew(database: Database, lease: Lease, now_ms: int) -> None:
    """Say that the holder still receives, in a transaction; raises LeaseLost."""
    if not database.write(
        "UPDATE receiver_lease SET heartbeat_ms = ? WHERE machine = ? AND pid = ? "
        "AND process_start = ? AND acquired_ms = ?",
        (now_ms, *_key(lease)),
    ):
        raise LeaseLost


def release(database: Database, lease: Lease) -> None:
    """Give the lease back, in a transaction; nothing happens if it was lost."""
    database.write(
        "DELETE FROM receiver_lease WHERE machine = ? AND pid = ? "
        "AND process_start = ? AND acquired_ms = ?",
        _key(lease),
    )


def receiver(database: Database, now_ms: int) -> ProcessId | None:
    """Who receives at present, None if nobody does."""
    present = _read(database)
    if present is None or _is_over(*present, now_ms):
        return None
    return present[0].holder


def _read(database: Database) -> tuple[Lease, int] | None:
    row = database.row(
        "SELECT machine, pid, process_start, acquired_ms, heartbeat_ms FROM receiver_lease"
    )
    if row is None:
        return None
    machine, pid, start, acquired_ms, heartbeat_ms = row
    return Lease(ProcessId(machine, pid, start), acquired_ms), heartbeat_ms


def _is_over(lease: Lease, heartbeat_ms: int, now_ms: int) -> bool:
    alive = lease.holder.is_alive()
    if alive is None:
        return now_ms - heartbeat_ms > HEARTBEAT_EXPIRY_MS
    return not alive


def _key(lease: Lease) -> tuple[str, int, str, int]:
    holder = lease.holder
    return holder.machine, holder.pid, holder.start, lease.acquired_ms
