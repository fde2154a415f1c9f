from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.hand_overs import RETENTION_MS, begin_message, note_begun
from sigcli.store.housekeeping import INTERVAL_MS, clean_up, is_cleanup_due
from sigcli.store.inbox import mark_delivered, replay, store_content
from sigcli.store.inbox_values import EnvelopeMetadata
from sigcli.store.send_log import SentMessage, log_sent
from tests.support.stored import count_pending
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database


def test_old_things_go_once_a_day_and_nothing_undelivered_does(database: Database) -> None:
    metadata = EnvelopeMetadata("guid", 1, NOW_MS, NOW_MS, NOW_MS)
    assert is_cleanup_due(database, NOW_MS)
    with database.transaction() as transaction:
        delivered = store_content(transaction, metadata, b"a", None, NOW_MS)
        store_content(transaction, metadata, b"b", None, NOW_MS)
        mark_delivered(transaction, delivered, NOW_MS, keep=True)
        log_sent(transaction, SentMessage(NOW_MS, b"c", 0, urgent=True), {}, NOW_MS)
        clean_up(transaction, NOW_MS, keep_messages_ms=INTERVAL_MS)
    assert [row.content for row in replay(database)] == [b"a"]
    assert not is_cleanup_due(database, NOW_MS + INTERVAL_MS - 1)
    assert is_cleanup_due(database, NOW_MS - 1)
    assert is_cleanup_due(database, NOW_MS + INTERVAL_MS)
    with database.transaction() as transaction:
        clean_up(transaction, NOW_MS + INTERVAL_MS, keep_messages_ms=INTERVAL_MS)
    assert list(replay(database)) == []
    assert database.row("SELECT count(*) FROM send_log") == (0,)
    assert count_pending(database) == 1


def test_what_was_done_for_callers_is_forgotten_though_nothing_more_is(database: Database) -> None:
    database.hand_over_id = b"0123456789abcdef"
    with database.transaction() as transaction:
        note_begun(transaction, 1, NOW_MS)
        begin_message(transaction, 1)
    later_ms = NOW_MS + RETENTION_MS
    for now_ms, kept in ((later_ms - 1, 1), (later_ms, 0)):
        with database.transaction() as transaction:
            clean_up(transaction, now_ms)
        for table in ("hand_over", "hand_over_part"):
            assert database.row(f"SELECT count(*) FROM {table}") == (kept,)


def test_very_much_goes_in_steps(database: Database) -> None:
    metadata = EnvelopeMetadata("guid", 1, NOW_MS, NOW_MS, NOW_MS)
    with database.transaction() as transaction:
        for _ in range(2_500):
            last = store_content(transaction, metadata, b"a", None, NOW_MS)
        mark_delivered(transaction, last, NOW_MS, keep=True)
    later_ms = NOW_MS + 2 * INTERVAL_MS
    removed = []
    while is_cleanup_due(database, later_ms):
        with database.transaction() as transaction:
            _, is_done = clean_up(transaction, later_ms, keep_messages_ms=INTERVAL_MS)
        assert is_done != is_cleanup_due(database, later_ms)
        removed.append(2_500 - len(list(replay(database))))
    assert removed == [1_000, 2_000, 2_500]
