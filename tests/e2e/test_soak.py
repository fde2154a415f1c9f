"""The short form of ``tests/run soak``: a daemon and its consumers killed at random lose nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sigcli.store.database import Database
from tests.soak.killed import Plan, print_outcome, run_killed
from tests.soak.reading import JournalReader
from tests.soak.sampling import Sample, aged_mib, database_mib, growth

MESSAGES = 200
KILLS = 3


def test_each_message_arrives_in_order_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_killed(tmp_path, Plan(MESSAGES, KILLS, KILLS, senders=1))
    assert outcome.faults == []
    assert outcome.messages == MESSAGES
    assert outcome.kills == KILLS
    assert outcome.consumer_kills == 2 * KILLS
    print_outcome(outcome)
    said = capsys.readouterr().out
    assert re.search(rf"^sent +{MESSAGES}$", said, re.MULTILINE)
    assert re.search(r"^lost, socket +0$", said, re.MULTILINE)
    assert re.search(r"^repeated, events +0$", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("1\ts0 0\n2\ts0 2\n", "s0 2 where 1 was expected: lost or out of order"),
        ("1\ts0 0\n2\ts0 0\n", "s0 0 came again, where 1 was expected"),
        ("2\ts0 0\n1\ts0 1\n", "id 1 after 2"),
    ],
)
def test_what_a_journal_must_not_hold_is_found(tmp_path: Path, lines: str, fault: str) -> None:
    path = tmp_path / "socket.journal"
    path.write_text(lines)
    reader = JournalReader(path)
    reader.read()
    assert reader.faults == [f"socket: {fault}"]


def test_what_never_came_is_found(tmp_path: Path) -> None:
    path = tmp_path / "socket.journal"
    path.write_text("1\ts0 0\n2\t\n3\ts1 0\n4\ts0")
    reader = JournalReader(path)
    reader.read()
    assert reader.missing({"s0": 1, "s1": 1}) == []
    assert reader.missing({"s0": 2, "s1": 1}) == ["socket: of s0, 1 of 2 arrived"]


def test_growth_is_found() -> None:
    def samples(memory_mib: float, descriptors: float, database_mib: float) -> list[Sample]:
        return [
            Sample(n, 1, n, 0, 60 + n * memory_mib, int(n * descriptors), 9, n, n * database_mib, n)
            for n in range(30)
        ]

    assert growth(samples(0, 0, 0), [1.0, 1.1]) == []
    assert "MiB of memory" in growth(samples(1.5, 0, 0), [])[0]
    assert "descriptors" in growth(samples(0, 2, 0), [])[0]
    # A leak of 200 bytes a message over some hours is one.
    hours = [
        Sample(n, 1, 500 * n, 0, 60 + 500 * n * 200 / (1 << 20), 50, 20, n, 1, 500 * n)
        for n in range(400)
    ]
    assert "MiB of memory" in growth(hours, [])[0]
    assert "database grew" in growth(samples(0, 0, 1), [])[0]
    assert "outlive" in growth(samples(0, 0, 0), [1.0, 1.5])[0]


def test_a_database_comes_down_to_what_is_kept_for_good(tmp_path: Path) -> None:
    folder = tmp_path / "account"
    folder.mkdir()
    with Database.create(folder / "account.db") as database:
        before = aged_mib(tmp_path)
        with database.transaction() as transaction:
            for n in range(20_000):
                transaction.write(
                    "INSERT INTO seen_envelope (server_guid, ciphertext_hash, seen_ms) VALUES (?, ?, ?)",
                    (str(n), n.to_bytes(8), 1_700_000_000_000),
                )
        assert database_mib(tmp_path) > before + 1
        assert aged_mib(tmp_path) <= before + 0.1
