"""Messages of the inbox that are edited, deleted, viewed once or expire: found again, and emptied.

The row of a withdrawn message stays with the reason; its content goes.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sigcli.protocol.limits import MAX_MESSAGE_VERSIONS
from sigcli.store.inbox_rows import COLUMNS, paged, row_of
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database, Transaction
    from sigcli.store.inbox_values import InboxRow, Withdrawal

_VERSIONS = (
    f"SELECT id, {COLUMNS} FROM inbox WHERE (sent_ms = ? OR edits_ms = ?) "  # noqa: S608
    f"AND source = ? AND content IS NOT NULL ORDER BY id LIMIT {MAX_MESSAGE_VERSIONS}"
)
_EXPIRED = f"SELECT id, {COLUMNS} FROM inbox WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?"  # noqa: S608


def senders_at(database: Database, sent_ms: int) -> list[ServiceId]:
    """Who sent the messages with this timestamp that are held or kept here."""
    rows = database.rows(
        "SELECT DISTINCT source FROM inbox WHERE sent_ms = ? AND source IS NOT NULL", (sent_ms,)
    )
    return [ServiceId.from_fixed_width(source) for (source,) in rows]


def find_versions(database: Database, source: ServiceId, sent_ms: int) -> list[InboxRow]:
    """The row of a message and those of its edits, where they still have their content.

    Each version may be named by any of the timestamps; of a very long chain only the nearest are found.
    """
    found: dict[int, InboxRow] = {}
    names, looked_up = deque([sent_ms]), set[int]()
    while names and len(found) < MAX_MESSAGE_VERSIONS:
        name = names.popleft()
        if name in looked_up:
            continue
        looked_up.add(name)
        for row in database.rows(_VERSIONS, (name, name, source.to_fixed_width())):
            version = row_of(row)
            found[version.id] = version
            if version.message is not None:
                names.append(version.message.sent_ms)
                if version.message.edits_ms is not None:
                    names.append(version.message.edits_ms)
    return [found[id] for id in sorted(found) if found[id].withdrawn is None]


def messages_until(database: Database, sent_ms: int) -> Iterator[InboxRow]:
    """Every message of at most that age that still has its content, in order."""
    return paged(database, "sent_ms <= ? AND withdrawn IS NULL AND id > ?", (sent_ms,), 0, None)


def has_expired(database: Database, now_ms: int) -> bool:
    """Whether the time of any message has run out."""
    row = database.row("SELECT 1 FROM inbox WHERE expires_ms <= ? LIMIT 1", (now_ms,))
    return row is not None


def expired(database: Database, now_ms: int, limit: int) -> list[InboxRow]:
    """Messages whose time has run out, the longest ago first, at most ``limit``."""
    return [row_of(row) for row in database.rows(_EXPIRED, (now_ms, limit))]


def withdraw(database: Transaction, id: int, remains: bytes, reason: Withdrawal) -> None:
    """Replace a message's content by what may remain of it."""
    database.write(
        "UPDATE inbox SET content = ?, withdrawn = ?, expires_ms = NULL WHERE id = ?",
        (remains, int(reason), id),
    )


def replace_content(database: Transaction, id: int, content: bytes) -> None:
    """Replace a message's content by another one."""
    database.write("UPDATE inbox SET content = ? WHERE id = ?", (content, id))


def start_timer(database: Transaction, id: int, expires_ms: int) -> None:
    """Let a message expire, unless its timer runs already."""
    database.write(
        "UPDATE inbox SET expires_ms = ? WHERE id = ? AND expires_ms IS NULL", (expires_ms, id)
    )
