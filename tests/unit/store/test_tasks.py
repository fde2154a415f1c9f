from __future__ import annotations

from typing import Any

import pytest

from sigcli.store.database import Database
from sigcli.store.tasks import (
    ON_DEMAND_MS,
    STRANGERS_ON_DEMAND_MS,
    Task,
    TaskKind,
    add_task,
    claim_task,
    complete_task,
    count_tasks,
    drop_oldest,
    drop_tasks,
    drop_unwanted,
    due_targets,
    find_items,
    is_scheduled,
    next_due_ms,
    put_off_task,
    release_claims,
)
from tests.unit.store.conftest import NOW_MS

RECEIPT = TaskKind.DELIVERY_RECEIPT


def _claim(database: Database, now_ms: int = NOW_MS, *kinds: TaskKind) -> Task | None:
    with database.transaction() as transaction:
        return claim_task(transaction, now_ms, kinds or None, claim_ms=100)


def test_work_is_merged_by_target_and_done_in_order(database: Database) -> None:
    with database.transaction() as transaction:
        for target, item in ((b"bob", b"1"), (b"ann", b"2"), (b"bob", b"3"), (b"bob", b"1")):
            add_task(transaction, RECEIPT, target, item, now_ms=NOW_MS)
        add_task(transaction, TaskKind.PREKEY_REFRESH, now_ms=NOW_MS)
    first = _claim(database)
    assert first is not None
    assert (first.kind, first.target, first.attempts) == (RECEIPT, b"bob", 0)
    assert [item.item for item in first.items] == [b"1", b"3"]
    only = _claim(database, NOW_MS, TaskKind.PREKEY_REFRESH)
    assert only is not None
    assert only.kind is TaskKind.PREKEY_REFRESH
    second = _claim(database)
    assert second is not None
    assert second.target == b"ann"
    assert _claim(database) is None
    with database.transaction() as transaction:
        complete_task(transaction, [*first.items, *second.items, *only.items])
    assert count_tasks(database) == 0
    assert next_due_ms(database) is None


def test_a_claim_that_is_not_completed_runs_out(database: Database) -> None:
    with database.transaction() as transaction:
        add_task(transaction, RECEIPT, b"bob", b"1", now_ms=NOW_MS)
    assert _claim(database) is not None
    assert _claim(database, NOW_MS + 99) is None
    assert next_due_ms(database) == NOW_MS + 100
    assert _claim(database, NOW_MS + 100) is not None


def test_work_asked_for_while_it_is_done_is_done_again(database: Database) -> None:
    with database.transaction() as transaction:
        add_task(transaction, TaskKind.PREKEY_REFRESH, now_ms=NOW_MS)
    task = _claim(database)
    assert task is not None
    with database.transaction() as transaction:
        add_task(transaction, TaskKind.PREKEY_REFRESH, now_ms=NOW_MS)
        complete_task(transaction, task.items)
    again = _claim(database)
    assert again is not None
    with database.transaction() as transaction:
        complete_task(transaction, again.items)
    assert count_tasks(database, TaskKind.PREKEY_REFRESH) == 0


def test_what_is_put_off_waits_and_counts_its_attempts(database: Database) -> None:
    with database.transaction() as transaction:
        add_task(transaction, RECEIPT, b"bob", b"1", now_ms=NOW_MS, due_ms=NOW_MS + 10)
    assert _claim(database) is None
    task = _claim(database, NOW_MS + 10)
    assert task is not None
    with database.transaction() as transaction:
        put_off_task(transaction, task.items, NOW_MS + 500)
    assert _claim(database, NOW_MS + 499) is None
    task = _claim(database, NOW_MS + 500)
    assert task is not None
    assert task.attempts == 1
    with database.transaction() as transaction:
        assert drop_tasks(transaction, RECEIPT, b"ann") == 0
        assert drop_tasks(transaction, RECEIPT) == 1


def test_work_on_demand_waits_and_is_forgotten_in_the_end(database: Database) -> None:
    kind = TaskKind.ATTACHMENT_DOWNLOAD
    with database.transaction() as transaction:
        add_task(transaction, kind, b"a", b"1", now_ms=NOW_MS, due_ms=ON_DEMAND_MS)
        add_task(transaction, kind, b"a", b"2", now_ms=NOW_MS + 1, due_ms=ON_DEMAND_MS)
        add_task(transaction, kind, b"b", b"3", now_ms=NOW_MS)
    claimed = _claim(database)
    assert claimed is not None
    assert claimed.target == b"b"
    assert _claim(database) is None
    assert find_items(database, kind, b"a") == [b"1", b"2"]
    with database.transaction() as transaction:
        assert drop_unwanted(transaction, NOW_MS + 1) == 1
    assert find_items(database, kind, b"a") == [b"2"]
    assert find_items(database, kind, b"b") == [b"3"]


def test_what_a_dead_receiver_had_claimed_is_free_for_the_next(database: Database) -> None:
    with database.transaction() as transaction:
        add_task(transaction, TaskKind.DELIVERY_RECEIPT, b"bob", b"1", now_ms=NOW_MS)
        assert claim_task(transaction, NOW_MS) is not None
        assert claim_task(transaction, NOW_MS) is None
        release_claims(transaction)
        assert claim_task(transaction, NOW_MS) is not None


# --- what nobody does of itself ---------------------------------------------------------------------


def test_what_waits_for_somebody_to_ask_is_never_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = TaskKind.ATTACHMENT_DOWNLOAD
    with database.transaction() as transaction:
        for number in range(50):
            add_task(transaction, kind, b"%d" % number, now_ms=NOW_MS, due_ms=ON_DEMAND_MS)
        add_task(transaction, RECEIPT, b"bob", now_ms=NOW_MS)
    assert next_due_ms(database) == NOW_MS
    statements: list[str] = []
    row = Database.row

    def noting(self: Database, statement: str, parameters: tuple[Any, ...] = ()) -> Any:
        statements.append(statement)
        return row(self, statement, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "row", noting)
        assert _claim(database) is not None
        assert next_due_ms(database) == NOW_MS + 100
    for statement in (one for one in statements if "FROM task" in one):
        plan = " ".join(
            str(line)
            for line in database.rows(
                f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?")
            )
        )
        assert "USING INDEX task_" in plan
        assert "TEMP B-TREE" not in plan


def test_only_so_much_of_strangers_is_kept(database: Database) -> None:
    kind = TaskKind.ATTACHMENT_DOWNLOAD
    with database.transaction() as transaction:
        add_task(transaction, kind, b"friend", now_ms=NOW_MS, due_ms=ON_DEMAND_MS)
        for number in range(5):
            target = b"stranger %d" % number
            add_task(transaction, kind, target, now_ms=NOW_MS, due_ms=STRANGERS_ON_DEMAND_MS)
        assert drop_oldest(transaction, STRANGERS_ON_DEMAND_MS, 2) == 3
    assert [bool(find_items(database, kind, b"stranger %d" % one)) for one in range(5)] == [
        *[False] * 3,
        *[True] * 2,
    ]
    assert find_items(database, kind, b"friend")
    with database.transaction() as transaction:
        assert drop_unwanted(transaction, NOW_MS + 1) == 3


def test_whether_work_is_done_of_itself(database: Database) -> None:
    kind = TaskKind.ATTACHMENT_DOWNLOAD
    with database.transaction() as transaction:
        add_task(transaction, kind, b"asked for", now_ms=NOW_MS, due_ms=ON_DEMAND_MS)
        add_task(transaction, kind, b"later", now_ms=NOW_MS, due_ms=NOW_MS + 1000)
    waiting = [is_scheduled(database, kind, one) for one in (b"asked for", b"later", b"never")]
    assert waiting == [False, True, False]


def test_targets_that_are_due_are_told_also_while_somebody_is_at_them(database: Database) -> None:
    with database.transaction() as transaction:
        for target in (b"bob", b"ann", b"bob"):
            add_task(transaction, RECEIPT, target, now_ms=NOW_MS)
        add_task(transaction, RECEIPT, b"later", now_ms=NOW_MS, due_ms=NOW_MS + 1)
    assert _claim(database) is not None
    assert due_targets(database, RECEIPT, NOW_MS, 10) == [b"bob", b"ann"]
    assert due_targets(database, RECEIPT, NOW_MS, 1) == [b"bob"]
