from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.store import attachment_uses as uses
from sigcli.store.attachment_uses import AttachmentUse
from sigcli.wire.addresses import ServiceId
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database

ALICE = ServiceId.aci(UUID(int=10))
BOB = ServiceId.aci(UUID(int=11))


def test_a_file_is_unused_once_its_last_use_has_ended(database: Database) -> None:
    with database.transaction() as transaction:
        uses.add_uses(
            transaction,
            [
                AttachmentUse("one.png", ALICE, 1, b"c", NOW_MS + 5),
                AttachmentUse("one.png", BOB, 1, b"c"),
                AttachmentUse("two.png", ALICE, 1, b"c", NOW_MS + 5),
            ],
        )
        # What is known keeps its time.
        uses.add_uses(transaction, [AttachmentUse("two.png", ALICE, 1, b"c", NOW_MS + 99)])
    assert not uses.has_ended_uses(database, NOW_MS + 4)
    assert uses.unused_attachments(database, NOW_MS + 5) == ["two.png"]
    with database.transaction() as transaction:
        uses.forget_ended_uses(transaction, NOW_MS + 5)
    assert uses.known_names(database) == ["one.png"]
    with database.transaction() as transaction:
        uses.end_uses(transaction, [AttachmentUse("one.png", BOB, 1, b"c")], NOW_MS)
    assert uses.unused_attachments(database, NOW_MS) == ["one.png"]


def test_uses_end_with_their_message_or_conversation(database: Database) -> None:
    with database.transaction() as transaction:
        uses.add_uses(
            transaction,
            [
                AttachmentUse("a", ALICE, 1, b"with alice"),
                AttachmentUse("b", ALICE, 1, b"group"),
                AttachmentUse("c", ALICE, 2, b"group"),
                AttachmentUse("d", BOB, 9, b"group"),
            ],
        )
        uses.end_message(transaction, ALICE, 1, [b"with alice", b"elsewhere"], NOW_MS)
    assert uses.unused_attachments(database, NOW_MS) == ["a"]
    with database.transaction() as transaction:
        uses.end_conversation(transaction, [b"group"], 2, NOW_MS)
    assert uses.unused_attachments(database, NOW_MS) == ["a", "b", "c"]
    with database.transaction() as transaction:
        uses.forget_uses(transaction, ["a", "d"])
    assert uses.known_names(database) == ["b", "c"]
    assert uses.known_names(database, "a", 1) == ["b"]
    assert uses.known_names(database, "b", 5) == ["c"]
