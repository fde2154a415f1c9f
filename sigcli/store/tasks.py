"""Follow-up work: what a received envelope causes, written in the envelope's own transaction.

A task is a kind, a target (whom it concerns) and an item (what exactly). The same triple is stored
once. A worker claims what belongs to one kind and target together, does it, and completes it; a
claim that is not completed in time is free again. A task asked for again while it was being worked
on stays after its completion.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.store.database import Database, Transaction

DEFAULT_CLAIM_MS = 120_000
MAX_ITEMS = 500
"""Items of one target that are claimed together."""
ON_DEMAND_MS = 1 << 62
"""When work is due that is only done once somebody asks for it."""
STRANGERS_ON_DEMAND_MS = ON_DEMAND_MS + 1
"""The same for what strangers have brought about, of which only so much is kept."""


class TaskKind(enum.IntEnum):
    """What is to be done; target and item as the client defines them."""

    DELIVERY_RECEIPT = 1
    """target: the sender; item: a message timestamp."""
    RETRY_REQUEST = 2
    """Ask a sender's device to send a message again."""
    RENEW_SESSION = 3
    """Send a null message, so that a peer device learns of a new session."""
    RESEND = 4
    """Answer a retry request out of the send log."""
    PREKEY_REFRESH = 5
    PROFILE_FETCH = 6
    PROFILE_KEY_UPDATE = 7
    """Send the account's profile key to somebody who lacks it."""
    ATTACHMENT_DOWNLOAD = 8
    SYNC_REQUEST = 9
    """Ask the account's other devices for something."""
    SYNC_ANSWER = 10
    """Answer another of the account's devices, or tell it of a change."""
    GROUP_UPDATE = 11
    STORAGE_SYNC = 12
    ATTRIBUTES_UPDATE = 13
    IDENTITY_CHANGE = 14
    STICKER_PACK_FETCH = 15
    """target: the id of a pack that a message has made known."""
    GROUP_LOOKUP = 20
    """As GROUP_UPDATE, of what a stranger claims of a group: nobody waits for it. In both the item is the master key
    of a group that is not known."""


_ADD = (
    "INSERT INTO task (kind, target, item, created_ms, due_ms) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, target, item) DO UPDATE SET "
    "requested = requested + 1, due_ms = min(due_ms, excluded.due_ms)"
)


@dataclass(frozen=True, slots=True)
class TaskItem:
    """One item under way; ``requested`` tells its completion which request it answers."""

    id: int
    item: bytes
    requested: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class Task:
    """All due items of one kind for one target."""

    kind: TaskKind
    target: bytes
    items: tuple[TaskItem, ...]
    attempts: int
    """How often it was put off before."""


def add_task(
    database: Transaction,
    kind: TaskKind,
    target: bytes = b"",
    item: bytes = b"",
    *,
    now_ms: int,
    due_ms: int | None = None,
) -> None:
    """Ask for work; the same work asked for twice is done once, at the earlier time."""
    database.write(_ADD, (int(kind), target, item, now_ms, now_ms if due_ms is None else due_ms))


def add_tasks(
    database: Transaction,
    kind: TaskKind,
    items: Iterable[tuple[bytes, bytes]],
    *,
    now_ms: int,
    due_ms: int,
) -> None:
    """As ``add_task`` for each of several targets and items."""
    database.write_many(_ADD, ((int(kind), target, item, now_ms, due_ms) for target, item in items))


def claim_task(
    database: Transaction,
    now_ms: int,
    kinds: Sequence[TaskKind] | None = None,
    claim_ms: int = DEFAULT_CLAIM_MS,
) -> Task | None:
    """Take the task that has been due for longest with all due items of its target; None: no work."""
    wanted = tuple(TaskKind if kinds is None else kinds)
    marks = ", ".join("?" * len(wanted))
    first = database.row(
        # "+kind": walk in the order of the index on due_ms and stop at the first; what is not due is never looked at.
        f"SELECT kind, target FROM task WHERE +kind IN ({marks}) "  # noqa: S608
        "AND due_ms <= ? AND claimed_until_ms <= ? ORDER BY due_ms, id LIMIT 1",
        (*map(int, wanted), now_ms, now_ms),
    )
    if first is None:
        return None
    kind, target = first
    rows = database.rows(
        "SELECT id, item, requested, created_ms, attempts FROM task WHERE kind = ? AND target = ? "
        "AND due_ms <= ? AND claimed_until_ms <= ? ORDER BY id LIMIT ?",
        (kind, target, now_ms, now_ms, MAX_ITEMS),
    )
    database.write_many(
        "UPDATE task SET claimed_until_ms = ? WHERE id = ?",
        ((now_ms + claim_ms, row[0]) for row in rows),
    )
    items = tuple(TaskItem(*row[:4]) for row in rows)
    return Task(TaskKind(kind), target, items, max(row[4] for row in rows))


def complete_task(database: Transaction, items: Iterable[TaskItem]) -> None:
    """Remove what was done; what was asked for again meanwhile is free again."""
    keys = [(item.id, item.requested) for item in items]
    database.write_many("DELETE FROM task WHERE id = ? AND requested = ?", keys)
    database.write_many(
        "UPDATE task SET claimed_until_ms = 0 WHERE id = ?", ((id,) for id, _ in keys)
    )


def release_claims(database: Transaction) -> None:
    """Free what a dead receiver had claimed: by the process that has just taken the receiver lease."""
    database.write("UPDATE task SET claimed_until_ms = 0 WHERE claimed_until_ms > 0")


def put_off_task(database: Transaction, items: Iterable[TaskItem], due_ms: int) -> None:
    """Give work back to be tried again later."""
    database.write_many(
        "UPDATE task SET claimed_until_ms = 0, attempts = attempts + 1, due_ms = ? WHERE id = ?",
        ((due_ms, item.id) for item in items),
    )


def drop_tasks(database: Transaction, kind: TaskKind, target: bytes | None = None) -> int:
    """Forget work that has become void; gives how many items."""
    if target is None:
        return database.write("DELETE FROM task WHERE kind = ?", (int(kind),))
    return database.write("DELETE FROM task WHERE kind = ? AND target = ?", (int(kind), target))


def find_items(database: Database, kind: TaskKind, target: bytes) -> list[bytes]:
    """The items that wait or are under way for one target."""
    rows = database.rows(
        "SELECT item FROM task WHERE kind = ? AND target = ? ORDER BY id", (int(kind), target)
    )
    return [item for (item,) in rows]


def due_targets(database: Database, kind: TaskKind, now_ms: int, limit: int) -> list[bytes]:
    """What the work of one kind that is due, or under way, is about, the oldest first."""
    rows = database.rows(
        "SELECT target FROM task WHERE kind = ? AND due_ms <= ? GROUP BY target ORDER BY min(id) LIMIT ?",
        (int(kind), now_ms, limit),
    )
    return [target for (target,) in rows]


def is_scheduled(database: Database, kind: TaskKind, target: bytes) -> bool:
    """Whether work for one target will be done without being asked for, now or later."""
    row = database.row(
        "SELECT 1 FROM task WHERE kind = ? AND target = ? AND due_ms < ? LIMIT 1",
        (int(kind), target, ON_DEMAND_MS),
    )
    return row is not None


def drop_unwanted(database: Transaction, before_ms: int) -> int:
    """Forget work that nobody has asked for since a time; gives how many items."""
    return database.write(
        "DELETE FROM task WHERE due_ms >= ? AND created_ms < ?", (ON_DEMAND_MS, before_ms)
    )


def drop_oldest(database: Transaction, due_ms: int, kept: int) -> int:
    """Forget all but the newest items of those due at exactly this time; gives how many."""
    return database.write(
        "DELETE FROM task WHERE id IN "
        "(SELECT id FROM task WHERE due_ms = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
        (due_ms, kept),
    )


def count_tasks(database: Database, kind: TaskKind | None = None) -> int:
    """How many items wait or are under way."""
    if kind is None:
        row = database.row("SELECT count(*) FROM task")
    else:
        row = database.row("SELECT count(*) FROM task WHERE kind = ?", (int(kind),))
    return 0 if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class FailingTasks:
    """The items of one kind that were put off again and again, and how often at most."""

    kind: int
    items: int
    attempts: int
    oldest_ms: int


def failing_tasks(database: Database, attempts: int) -> list[FailingTasks]:
    """What was put off at least so often, by kind."""
    rows = database.rows(
        "SELECT kind, count(*), max(attempts), min(created_ms) FROM task WHERE attempts >= ? "
        "GROUP BY kind ORDER BY kind",
        (attempts,),
    )
    return [FailingTasks(*row) for row in rows]


def next_due_ms(database: Database) -> int | None:
    """When the earliest task falls due or is free again, None if there is none."""
    # One look at the index for each: what is claimed is little.
    free = database.row(
        "SELECT due_ms FROM task WHERE claimed_until_ms = 0 ORDER BY due_ms LIMIT 1"
    )
    claimed = database.row(
        "SELECT min(max(due_ms, claimed_until_ms)) FROM task WHERE claimed_until_ms > 0"
    )
    times = [row[0] for row in (free, claimed) if row is not None and row[0] is not None]
    return min(times, default=None)
