"""Which messages point at an attachment, so that its file goes when the last of them does.

A use begins when its message is printed and outlives the message's row. It ends when the message is withdrawn or its
timer runs out; a file whose uses have all ended is removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sigcli.store.database import Database, Transaction
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class AttachmentUse:
    """One attachment, by its local name, in one message; ``expires_ms`` None: until the message is withdrawn."""

    name: str
    source: ServiceId
    sent_ms: int
    conversation: bytes
    """A group's master key or the other side's service id; empty if it is not known."""
    expires_ms: int | None = None


def add_uses(database: Transaction, uses: Iterable[AttachmentUse]) -> None:
    """Remember uses; one that is known keeps its time."""
    database.write_many(
        "INSERT OR IGNORE INTO attachment_use (name, source, sent_ms, conversation, expires_ms) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (use.name, use.source.to_fixed_width(), use.sent_ms, use.conversation, use.expires_ms)
            for use in uses
        ),
    )


def end_uses(database: Transaction, uses: Iterable[AttachmentUse], now_ms: int) -> None:
    """End uses, whether they are known or not."""
    database.write_many(
        "INSERT OR REPLACE INTO attachment_use (name, source, sent_ms, conversation, expires_ms) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (use.name, use.source.to_fixed_width(), use.sent_ms, use.conversation, now_ms)
            for use in uses
        ),
    )


def end_message(
    database: Transaction,
    source: ServiceId,
    sent_ms: int,
    conversations: Collection[bytes],
    now_ms: int,
) -> None:
    """End what one message uses, if it belongs to one of the conversations."""
    database.write_many(
        "UPDATE attachment_use SET expires_ms = ? "
        "WHERE sent_ms = ? AND source = ? AND conversation = ?",
        ((now_ms, sent_ms, source.to_fixed_width(), one) for one in conversations),
    )


def end_conversation(
    database: Transaction, conversations: Iterable[bytes], until_ms: int, now_ms: int
) -> None:
    """End what the messages of conversations use, up to one that was sent then."""
    database.write_many(
        "UPDATE attachment_use SET expires_ms = ? WHERE sent_ms <= ? AND conversation = ?",
        ((now_ms, until_ms, one) for one in conversations),
    )


def unused_attachments(database: Database, now_ms: int) -> list[str]:
    """The names of attachments all of whose uses have ended."""
    # Not DISTINCT: SQLite would walk along all names for it.
    rows = database.rows(
        "SELECT name FROM attachment_use AS ended WHERE expires_ms <= ? AND NOT EXISTS ("
        "SELECT 1 FROM attachment_use AS live WHERE live.name = ended.name "
        "AND (live.expires_ms IS NULL OR live.expires_ms > ?))",
        (now_ms, now_ms),
    )
    return sorted({name for (name,) in rows})


def has_ended_uses(database: Database, now_ms: int) -> bool:
    """Whether there is anything to forget."""
    row = database.row("SELECT 1 FROM attachment_use WHERE expires_ms <= ? LIMIT 1", (now_ms,))
    return row is not None


def forget_ended_uses(database: Transaction, now_ms: int) -> None:
    """Forget the uses that have ended, once the files are gone."""
    database.write("DELETE FROM attachment_use WHERE expires_ms <= ?", (now_ms,))


def known_names(database: Database, after: str = "", limit: int = -1) -> list[str]:
    """The names of the attachments that a message is known to use, from one on, in order; at most ``limit``."""
    rows = database.rows(
        "SELECT DISTINCT name FROM attachment_use WHERE name > ? ORDER BY name LIMIT ?",
        (after, limit),
    )
    return [name for (name,) in rows]


def forget_uses(database: Transaction, names: Iterable[str]) -> None:
    """Forget every use of attachments that are here no longer."""
    database.write_many("DELETE FROM attachment_use WHERE name = ?", ((name,) for name in names))
