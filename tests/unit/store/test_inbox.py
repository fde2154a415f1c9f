from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.protocol.limits import MAX_MESSAGE_VERSIONS
from sigcli.store import inbox, inbox_rows, withdrawals
from sigcli.store.inbox_values import (
    EnvelopeMetadata,
    InboxFailure,
    InboxMessage,
    InboxRow,
    Withdrawal,
)
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from tests.support import stored
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

ALICE = ServiceId.aci(UUID(int=10))
BOB = ServiceId.pni(UUID(int=11))
DAY_MS = 24 * 3600 * 1000


def _metadata(guid: str | None, source: ServiceId | None = ALICE) -> EnvelopeMetadata:
    return EnvelopeMetadata(
        server_guid=guid,
        envelope_type=6,
        timestamp_ms=NOW_MS - 2,
        server_received_ms=NOW_MS - 1,
        server_delivered_ms=NOW_MS,
        source=source,
        source_device=3,
        destination=ServiceIdKind.PNI,
        sealed=True,
        urgent=False,
        story=True,
    )


def _store(database: Transaction, number: int) -> int:
    guid, hash = f"guid {number}", inbox.ciphertext_hash(b"%d" % number)
    return inbox.store_content(database, _metadata(guid), b"content %d" % number, hash, NOW_MS)


def _contents(database: Database) -> list[bytes | None]:
    return [row.content for row in inbox.pending(database)]


def test_a_row_comes_back_as_it_was_stored(database: Database) -> None:
    with database.transaction() as transaction:
        id = inbox.store_content(transaction, _metadata("g", BOB), b"hello", b"h" * 32, NOW_MS)
    (row,) = inbox.pending(database)
    assert row == InboxRow(id, _metadata("g", BOB), b"hello", None, None, NOW_MS, None)
    assert "hello" not in repr(row)


def test_pending_rows_come_in_order_across_pages_and_meet_late_arrivals(database: Database) -> None:
    total = inbox_rows.PAGE_SIZE * 2 + 1
    with database.transaction() as transaction:
        ids = [_store(transaction, number) for number in range(total)]
    rows = inbox.pending(database)
    seen = [next(rows).id]
    with database.transaction() as transaction:  # somebody writes while the rows are printed
        ids.append(_store(transaction, total))
        inbox.mark_delivered(transaction, seen[-1], NOW_MS)
    seen += [row.id for row in rows]
    assert seen == ids
    assert [row.id for row in inbox.pending(database, after_id=ids[4], limit=2)] == ids[5:7]
    assert (
        len(list(inbox.pending(database, limit=inbox_rows.PAGE_SIZE + 1)))
        == inbox_rows.PAGE_SIZE + 1
    )
    assert stored.count_pending(database) == total


def test_a_redelivery_is_known_by_guid_or_ciphertext_long_after_its_row_went(
    database: Database,
) -> None:
    hash = inbox.ciphertext_hash(b"ciphertext")
    with database.transaction() as transaction:
        id = inbox.store_content(transaction, _metadata("guid"), b"x", hash, NOW_MS)
        inbox.mark_delivered(transaction, id, NOW_MS)
        inbox.prune_inbox(transaction, NOW_MS + 44 * DAY_MS)
    assert list(inbox.replay(database)) == []
    assert inbox.was_seen(database, "guid", None)
    assert inbox.was_seen(database, None, hash)
    assert not inbox.was_seen(database, None, None)
    assert not inbox.was_seen(database, "other", inbox.ciphertext_hash(b"other"))
    with database.transaction() as transaction:
        inbox.prune_inbox(transaction, NOW_MS + 46 * DAY_MS)
    assert not inbox.was_seen(database, "guid", hash)


def test_envelopes_without_content_are_not_taken_for_one_another(database: Database) -> None:
    assert inbox.ciphertext_hash(b"") is None
    with database.transaction() as transaction:
        inbox.store_content(transaction, _metadata(None), None, inbox.ciphertext_hash(b""), NOW_MS)
        inbox.store_content(transaction, _metadata(None), None, inbox.ciphertext_hash(b""), NOW_MS)
    assert stored.count_pending(database) == 2


def test_the_memory_of_envelopes_is_bounded(database: Database) -> None:
    with database.transaction() as transaction:
        for number in range(2500):
            inbox.mark_seen(transaction, f"{number}", None, NOW_MS + number)
        steps = 1
        while not inbox.prune_inbox(transaction, NOW_MS + 2100 + inbox.SEEN_RETENTION_MS):
            steps += 1
        assert steps > 1
    assert database.row("SELECT count(*), min(seen_ms) FROM seen_envelope") == (399, NOW_MS + 2101)


@pytest.mark.parametrize("keep", [False, True])
def test_delivered_rows_go_unless_messages_are_kept(database: Database, keep: bool) -> None:
    with database.transaction() as transaction:
        ids = [_store(transaction, number) for number in range(3)]
        inbox.mark_delivered(transaction, ids[1], NOW_MS + 5, keep=keep)
    assert _contents(database) == [b"content 2"]
    assert [row.id for row in inbox.replay(database)] == (ids[:2] if keep else [])
    assert [row.id for row in inbox.replay(database, since_ms=NOW_MS)] == []
    with database.transaction() as transaction:
        inbox.prune_inbox(transaction, NOW_MS + 5 + DAY_MS, keep_messages_ms=DAY_MS)
    assert list(inbox.replay(database)) == []
    assert _contents(database) == [b"content 2"]  # undelivered: never pruned


def test_a_held_row_outlives_its_delivery_and_comes_out_after_trust(database: Database) -> None:
    failure = InboxFailure("untrustedIdentity", "not trusted")
    with database.transaction() as transaction:
        first = inbox.store_failure(
            transaction, _metadata("a"), failure, b"a" * 32, NOW_MS, held_envelope=b"envelope"
        )
        _store(transaction, 1)
        inbox.store_failure(
            transaction, _metadata("c"), InboxFailure("noSession", ""), None, NOW_MS
        )
        inbox.mark_delivered(transaction, first, NOW_MS)
        inbox.prune_inbox(transaction, NOW_MS + DAY_MS)
    assert [row.failure and row.failure.code for row in inbox.pending(database)] == [
        None,
        "noSession",
    ]
    (held,) = inbox.held(database, ALICE)
    assert (held.envelope, held.failure) == (b"envelope", failure)
    assert list(inbox.held(database, BOB)) == []
    assert [row.id for row in inbox.held(database)] == [first]
    with database.transaction() as transaction:
        inbox.store_released(transaction, held, held.metadata, b"at last", NOW_MS + 9)
    assert _contents(database)[-1] == b"at last"  # it is printed now, after what came meanwhile
    assert list(inbox.held(database)) == []
    assert inbox.was_seen(database, "a", None)


def test_an_envelope_is_not_held_for_ever_but_its_failure_is_printed(database: Database) -> None:
    failure = InboxFailure("untrustedIdentity", "not trusted")
    with database.transaction() as transaction:
        for guid in ("printed", "not printed"):
            inbox.store_failure(
                transaction, _metadata(guid), failure, None, NOW_MS, held_envelope=b"envelope"
            )
        inbox.mark_delivered(transaction, 1, NOW_MS)
        inbox.prune_inbox(transaction, NOW_MS + inbox.HELD_RETENTION_MS)
    assert list(inbox.held(database)) == []
    assert [row.metadata.server_guid for row in inbox.pending(database)] == ["not printed"]
    assert list(inbox.replay(database)) == []


def test_a_held_row_that_fails_otherwise_is_printed_as_that(database: Database) -> None:
    failure = InboxFailure("untrustedIdentity", "not trusted")
    with database.transaction() as transaction:
        inbox.store_failure(transaction, _metadata("a"), failure, None, NOW_MS, held_envelope=b"e")
        (held,) = inbox.held(transaction)
        inbox.fail_held(transaction, held, InboxFailure("invalidMessage", ""), NOW_MS)
    (row,) = inbox.pending(database)
    assert row.failure == InboxFailure("invalidMessage", "")
    assert row.envelope is None


def _message(
    database: Transaction,
    number: int,
    sent_ms: int,
    edits_ms: int | None = None,
    source: ServiceId = ALICE,
    expires_ms: int | None = None,
) -> int:
    message = InboxMessage(sent_ms, edits_ms, expires_ms)
    metadata = _metadata(f"message {number}", source)
    return inbox.store_content(database, metadata, b"%d" % number, None, NOW_MS, message)


def _ids(rows: list[InboxRow]) -> list[int]:
    return [row.id for row in rows]


def test_the_versions_of_a_message_are_found_by_any_of_their_names(database: Database) -> None:
    with database.transaction() as transaction:
        first = _message(transaction, 1, 100)
        second = _message(transaction, 2, 200, edits_ms=100)
        third = _message(transaction, 3, 300, edits_ms=200)
        _message(transaction, 4, 400, edits_ms=99)
        other = _message(transaction, 5, 100, source=BOB)
        for name in (100, 200, 300):
            assert _ids(withdrawals.find_versions(transaction, ALICE, name)) == [
                first,
                second,
                third,
            ]
        assert _ids(withdrawals.find_versions(transaction, BOB, 100)) == [other]
        assert withdrawals.find_versions(transaction, BOB, 500) == []
        withdrawals.withdraw(transaction, second, b"", Withdrawal.DELETED)
        # It has nothing to lose any more, and still leads from the first to the third.
        assert _ids(withdrawals.find_versions(transaction, ALICE, 100)) == [first, third]
    assert [row.withdrawn for row in inbox.pending(database)][1] is Withdrawal.DELETED


def test_messages_expire_once_their_time_is_known(database: Database) -> None:
    with database.transaction() as transaction:
        _message(transaction, 1, 100)
        timed = _message(transaction, 2, 200)
        running = _message(transaction, 3, 300, expires_ms=NOW_MS + 5)
        withdrawals.start_timer(transaction, timed, NOW_MS + 9)
        withdrawals.start_timer(transaction, running, NOW_MS + 99)
    assert not withdrawals.has_expired(database, NOW_MS + 4)
    assert _ids(withdrawals.expired(database, NOW_MS + 5, 10)) == [running]
    assert _ids(withdrawals.expired(database, NOW_MS + 9, 10)) == [running, timed]
    assert len(withdrawals.expired(database, NOW_MS + 9, 1)) == 1
    with database.transaction() as transaction:
        withdrawals.withdraw(transaction, timed, b"", Withdrawal.EXPIRED)
        withdrawals.replace_content(transaction, running, b"less")
    assert _ids(withdrawals.expired(database, NOW_MS + 9, 10)) == [running]
    assert _contents(database) == [b"1", b"", b"less"]
    rows = withdrawals.messages_until(database, 300)
    assert [row.content for row in rows] == [b"1", b"less"]


def test_of_an_endless_chain_of_edits_the_nearest_are_found(database: Database) -> None:
    with database.transaction() as transaction:
        ids = [_message(transaction, n, 100 + n, edits_ms=99 + n) for n in range(300)]
        found = _ids(withdrawals.find_versions(transaction, ALICE, 200))
        assert len(found) <= MAX_MESSAGE_VERSIONS + 1
        assert {ids[99], ids[100], ids[101]} <= set(found)
        # Many under one name as well.
        for n in range(300):
            _message(transaction, 1000 + n, 5000, edits_ms=4000)
        assert len(withdrawals.find_versions(transaction, ALICE, 5000)) == MAX_MESSAGE_VERSIONS
