"""Watchers: runs that wait for certain messages, from when they began, beside the consumers that take what comes.

What comes stays until each of them has seen it. They are no consumers: what they pass over stays untaken, and what they
print counts as taken by the command line's consumer, which meets it later (``printed_ahead``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.consumers import newest_id, settle
from sigcli.store.processes import ProcessId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Transaction


def begin_watch(database: Transaction, now_ms: int, *, keep: bool) -> tuple[int, int]:
    """Watch what comes from now on; gives the watcher's id and the place that it begins at."""
    forget_dead(database, now_ms, keep=keep)
    holder, place = ProcessId.own(), newest_id(database)
    id = database.insert(
        "INSERT INTO watcher (taken_id, machine, pid, process_start) VALUES (?, ?, ?, ?)",
        (place, holder.machine, holder.pid, holder.start),
    )
    return id, place


def note_watched(
    database: Transaction,
    watcher: int,
    until_id: int,
    printed: Iterable[int],
    now_ms: int,
    *,
    keep: bool,
) -> None:
    """A watcher has seen everything up to an id, and has printed the rows with these ids."""
    database.write_many(
        "UPDATE inbox SET printed_ahead = 1 WHERE id = ?", ((id,) for id in printed)
    )
    database.write("UPDATE watcher SET taken_id = ? WHERE id = ?", (until_id, watcher))
    settle(database, now_ms, keep=keep)


def end_watch(database: Transaction, watcher: int, now_ms: int, *, keep: bool) -> None:
    """Stop watching: nothing waits for it any longer."""
    database.write("DELETE FROM watcher WHERE id = ?", (watcher,))
    settle(database, now_ms, keep=keep)


def forget_dead(database: Transaction, now_ms: int, *, keep: bool) -> None:
    """Forget the watchers whose processes do not live any more, as far as that can be seen from here."""
    dead = [
        (id,)
        for id, *holder in database.rows("SELECT id, machine, pid, process_start FROM watcher")
        if ProcessId(*holder).is_alive() is False
    ]
    if dead:
        database.write_many("DELETE FROM watcher WHERE id = ?", dead)
        settle(database, now_ms, keep=keep)
