"""Where username links led."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.followed_links import (
    find_followed_link,
    forget_followed_link,
    forget_followed_links,
    note_followed_link,
)

if TYPE_CHECKING:
    from sigcli.store.database import Database

LINK, OTHER = bytes(48), bytes([1]) * 48


def test_links_are_remembered_for_a_while(database: Database) -> None:
    with database.transaction() as transaction:
        note_followed_link(transaction, LINK, "ann.01", 10)
        note_followed_link(transaction, LINK, "ann.02", 20)
        note_followed_link(transaction, OTHER, "bob.01", 30)
    assert find_followed_link(database, LINK) == ("ann.02", 20)
    with database.transaction() as transaction:
        forget_followed_links(transaction, 30)
    assert find_followed_link(database, LINK) is None
    assert find_followed_link(database, OTHER) == ("bob.01", 30)
    with database.transaction() as transaction:
        forget_followed_link(transaction, OTHER)
    assert find_followed_link(database, OTHER) is None
