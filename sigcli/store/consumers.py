"""Consumers: who takes what was received, each under a name and from the place where it stopped.

An event's id is the id of its row in the inbox: it only grows, also from transaction to transaction, and a row that
becomes deliverable later (a held one that is released) is stored again as the newest. A place is the id up to which a
consumer has taken everything. A row goes, or is kept as a delivered one, when the last consumer has taken it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import dataclass
from sigcli.store.inbox import first_since, mark_delivered

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

DEFAULT = "default"
"""Shared by all connections that give no name."""
COMMAND_LINE = "command-line"
"""``sigcli receive``."""
PERMANENT = frozenset([DEFAULT, COMMAND_LINE])
"""Those that are never dropped automatically."""
UNSEEN_MS = 30 * DAY_MS
"""Others are dropped after that time."""
BACKLOG_EVENTS = 10_000
BACKLOG_MS = 30 * DAY_MS
"""What waits for a consumer piles up beyond that many events, or when the oldest of them is older."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """One of them, and how far it has come."""

    name: str
    taken_id: int
    first_seen_ms: int
    last_seen_ms: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What piles up for a consumer: how many events, the oldest of them so many days old."""

    consumer: str
    events: int
    days: int

    @property
    def message(self) -> str:
        """A sentence."""
        age = f", the oldest for {self.days} days" if self.days else ""
        which = "1 event waits" if self.events == 1 else f"{self.events} events wait"
        return f"{which} for the consumer {self.consumer}{age}"

    @property
    def hint(self) -> str:
        """How it ends."""
        if self.consumer == COMMAND_LINE:
            return "run sigcli receive, which takes them"
        return "have its program take them, or forget it with the JSON-RPC method removeConsumer"


def consumers(database: Database) -> list[Consumer]:
    """All of them by name."""
    return [Consumer(*row) for row in database.rows(f"SELECT {_COLUMNS} FROM consumer")]  # noqa: S608


def find_consumer(database: Database, name: str) -> Consumer | None:
    """The one of this name, None if it has never been here."""
    row = database.row(f"SELECT {_COLUMNS} FROM consumer WHERE name = ?", (name,))  # noqa: S608
    return None if row is None else Consumer(*row)


def meet_consumer(database: Transaction, name: str, now_ms: int) -> Consumer:
    """Note that a consumer is here; one that is new begins with what comes from now on.

    The first of all begins with what nobody has taken yet.
    """
    if not database.write("UPDATE consumer SET last_seen_ms = ? WHERE name = ?", (now_ms, name)):
        is_first = database.row("SELECT 1 FROM consumer LIMIT 1") is None
        place = _first_pending_id(database) - 1 if is_first else newest_id(database)
        database.write(
            "INSERT INTO consumer (name, taken_id, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?)",
            (name, place, now_ms, now_ms),
        )
    found = find_consumer(database, name)
    assert found is not None
    return found


def take_until(
    database: Transaction, name: str, until_id: int, now_ms: int, *, keep: bool = False
) -> None:
    """Note that a consumer has taken everything up to an id; places never go back.

    Rows that all have taken then go, or are marked as delivered if messages are kept (``keep``).
    """
    until_id = min(until_id, newest_id(database))
    database.write(
        "INSERT INTO consumer (name, taken_id, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET taken_id = max(taken_id, excluded.taken_id), "
        "last_seen_ms = excluded.last_seen_ms",
        (name, until_id, now_ms, now_ms),
    )
    settle(database, now_ms, keep=keep)


def remove_consumer(database: Transaction, name: str, now_ms: int, *, keep: bool = False) -> bool:
    """Forget a consumer: nothing waits for it any more. False if there is none of this name."""
    if not database.write("DELETE FROM consumer WHERE name = ?", (name,)):
        return False
    settle(database, now_ms, keep=keep)
    return True


def drop_unseen(database: Transaction, now_ms: int, *, keep: bool = False) -> list[str]:
    """Forget those that were not here for 30 days; gives their names."""
    names = [
        one.name
        for one in consumers(database)
        if one.name not in PERMANENT and now_ms - one.last_seen_ms >= UNSEEN_MS
    ]
    for name in names:
        remove_consumer(database, name, now_ms, keep=keep)
    return names


def count_waiting(database: Database, consumer: Consumer) -> int:
    """How many rows it has not taken."""
    row = database.row(
        "SELECT count(*) FROM inbox WHERE id > ? AND awaits_group IS NULL", (consumer.taken_id,)
    )
    return 0 if row is None else int(row[0])


def backlogs(database: Database, now_ms: int) -> list[Backlog]:
    """The consumers for which what was received piles up."""
    found = []
    for consumer in consumers(database):
        waiting = count_waiting(database, consumer)
        oldest_ms = oldest_waiting_ms(database, consumer) if waiting else None
        days = 0 if oldest_ms is None else max(0, now_ms - oldest_ms) // DAY_MS
        if waiting > BACKLOG_EVENTS or days * DAY_MS >= BACKLOG_MS:
            found.append(Backlog(consumer.name, waiting, days))
    return found


def oldest_waiting_ms(database: Database, consumer: Consumer) -> int | None:
    """When the oldest of what it has not taken was stored here; None if it has taken everything."""
    row = database.row(
        "SELECT stored_ms FROM inbox WHERE id > ? AND awaits_group IS NULL ORDER BY id LIMIT 1",
        (consumer.taken_id,),
    )
    return None if row is None else int(row[0])


def newest_id(database: Database) -> int:
    """The id of the newest row that there ever was, 0 if there was none."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'")
    return 0 if row is None else int(row[0])


def furthest_taken_id(database: Database) -> int:
    """The id up to which at least one consumer has taken everything."""
    row = database.row("SELECT coalesce(max(taken_id), 0) FROM consumer")
    return 0 if row is None else int(row[0])


def id_before(database: Database, since_ms: int) -> int:
    """The place from which everything follows that the service has received since a time."""
    first = first_since(database, since_ms)
    return newest_id(database) if first is None else first - 1


_COLUMNS = "name, taken_id, first_seen_ms, last_seen_ms"


def _first_pending_id(database: Database) -> int:
    row = database.row(
        "SELECT min(id) FROM inbox WHERE delivered_ms IS NULL AND awaits_group IS NULL"
    )
    return newest_id(database) + 1 if row is None or row[0] is None else int(row[0])


def settle(database: Transaction, now_ms: int, *, keep: bool) -> None:
    """Remove what all consumers have taken and all watchers have seen.

    Without a consumer everything waits for the first.
    """
    row = database.row("SELECT min(taken_id), (SELECT min(taken_id) FROM watcher) FROM consumer")
    if row is None or row[0] is None:
        return
    taken_id, seen_id = row
    until_id = taken_id if seen_id is None else min(taken_id, seen_id)
    mark_delivered(database, int(until_id), now_ms, keep=keep)
