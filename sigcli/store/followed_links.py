"""Username links that were followed lately, and the usernames that they led to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction


def note_followed_link(database: Transaction, link: bytes, username: str, now_ms: int) -> None:
    """Remember where a link (48 bytes) leads."""
    database.write(
        "INSERT INTO followed_link (link, username, followed_ms) VALUES (?, ?, ?) "
        "ON CONFLICT (link) DO UPDATE SET username = excluded.username, "
        "followed_ms = excluded.followed_ms",
        (link, username, now_ms),
    )


def find_followed_link(database: Database, link: bytes) -> tuple[str, int] | None:
    """The username that a link led to, and when."""
    row = database.row("SELECT username, followed_ms FROM followed_link WHERE link = ?", (link,))
    return None if row is None else (str(row[0]), int(row[1]))


def forget_followed_link(database: Transaction, link: bytes) -> None:
    """Forget that a link leads there."""
    database.write("DELETE FROM followed_link WHERE link = ?", (link,))


def forget_followed_links(database: Transaction, before_ms: int) -> None:
    """Forget what was not followed since a time."""
    database.write("DELETE FROM followed_link WHERE followed_ms < ?", (before_ms,))
