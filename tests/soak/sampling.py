"""Samples of a daemon's process and of its database, and what may not grow in them."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sigcli.durations import DAY_MS
from sigcli.store.database import Database
from sigcli.store.housekeeping import clean_up
from tests.bench.tables import Table
from tests.soak.reading import JournalReader

_ROWS = 24
_MEMORY_MIB = 150.0
_MEMORY_GROWTH_MIB = 8.0
_DESCRIPTOR_GROWTH = 8
_THREAD_GROWTH = 8
_DATABASE_BYTES_AN_ENVELOPE = 400
"""What is remembered of each envelope for 45 days, so that it is not taken twice, and of sent messages for a day."""
_DATABASE_SLACK_MIB = 4.0
_AGED_GROWTH_MIB = 0.25
_LONGER_THAN_ANYTHING_IS_KEPT_MS = 100 * DAY_MS
_FEWEST_SAMPLES = 9
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look; ``cpu_s`` is that of the process since its start, ``messages`` what has passed it.

    ``envelopes`` is how many the daemon remembers: those messages, receipts, typing, transcripts.
    """

    at_s: float
    pid: int
    messages: int
    kills: int
    resident_mib: float
    descriptors: int
    threads: int
    cpu_s: float
    database_mib: float
    envelopes: int


def look(pid: int, data_dir: Path, at_s: float, messages: int, kills: int) -> Sample | None:
    """A sample, None if the process is gone."""
    try:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        cpu = cpu_s(pid)
        resident_kib, threads = int(status["VmRSS"].split()[0]), int(status["Threads"])
    except (OSError, KeyError):
        return None
    return Sample(
        at_s,
        pid,
        messages,
        kills,
        resident_kib / 1024,
        descriptors,
        threads,
        cpu,
        database_mib(data_dir),
        row_counts(data_dir, "seen_envelope")["seen_envelope"],
    )


def cpu_s(pid: int) -> float:
    """Processor time of a process so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def database_mib(data_dir: Path) -> float:
    """The size of the databases with their logs."""
    return sum(one.stat().st_size for one in data_dir.glob("*/account.db*")) / (1 << 20)


def aged_mib(data_dir: Path) -> float:
    """What would be left in use once all that is kept for a time only is removed: of a copy, by the daily cleanup."""
    now_ms = time.time_ns() // 1_000_000 + _LONGER_THAN_ANYTHING_IS_KEPT_MS
    used = 0
    for path in data_dir.glob("*/account.db"):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            with (
                closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as live,
                closing(sqlite3.connect(copy)) as target,
            ):
                live.backup(target)
            with Database.open(copy) as database:
                is_done = False
                while not is_done:
                    with database.transaction() as transaction:
                        _, is_done = clean_up(transaction, now_ms)
            with closing(sqlite3.connect(copy)) as cleaned:
                cleaned.execute("VACUUM")
            used += copy.stat().st_size
    return used / (1 << 20)


def row_counts(data_dir: Path, *only: str) -> dict[str, int]:
    """How many rows there are, by table (all of them, or ``only`` these); of all accounts in the data directory."""
    counts: dict[str, int] = {}
    for path in data_dir.glob("*/account.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for name in only or [name for (name,) in tables.fetchall()]:
                (count,) = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()
                counts[name] = counts.get(name, 0) + count
    return counts


def print_samples(title: str, samples: Sequence[Sample]) -> None:
    """A row for each part of the time: the last look in it."""
    table = Table(
        title,
        ("s", "messages", "kills", "RSS MiB", "descriptors", "threads", "CPU %", "database MiB"),
    )
    chosen = samples[:: max(1, -(-len(samples) // _ROWS))]
    if samples and chosen[-1] is not samples[-1]:
        chosen = [*chosen, samples[-1]]
    before: Sample | None = None
    for one in chosen:
        busy = "–"
        if before is not None and before.pid == one.pid and one.at_s > before.at_s:
            busy = f"{100 * (one.cpu_s - before.cpu_s) / (one.at_s - before.at_s):.0f}"
        table.add(
            f"{one.at_s:.0f}",
            f"{one.messages:,}",
            str(one.kills),
            f"{one.resident_mib:.1f}",
            str(one.descriptors),
            str(one.threads),
            busy,
            f"{one.database_mib:.2f}",
        )
        before = one
    table.print()


def print_summary(
    part: str,
    sent: dict[str, int],
    readers: Sequence[JournalReader],
    samples: Sequence[Sample],
    aged: Sequence[float],
    *,
    kills: int = 0,
    consumer_kills: int = 0,
) -> None:
    """What came of what was sent, and how the daemon looked in the first and in the last tenth of the time."""
    table = Table(f"Summary: {part}", ("what", "count"))
    table.add("sent", f"{sum(sent.values()):,}")
    for reader in readers:
        table.add(f"arrived, {reader.name}", f"{reader.arrived:,}")
        table.add(f"lost, {reader.name}", f"{reader.lost(sent):,}")
        table.add(f"out of order, {reader.name}", f"{reader.out_of_order:,}")
        table.add(f"repeated, {reader.name}", f"{reader.repeated:,}")
    table.add("kills of the daemon", f"{kills:,}")
    table.add("kills of consumers", f"{consumer_kills:,}")
    tenth = max(1, len(samples) // 10)
    for name, form, of in (
        ("memory, MiB", ".1f", lambda one: one.resident_mib),
        ("descriptors", ".0f", lambda one: one.descriptors),
        ("threads", ".0f", lambda one: one.threads),
        ("database, MiB", ".2f", lambda one: one.database_mib),
    ):
        if samples:
            first, last = (median(map(of, part)) for part in (samples[:tenth], samples[-tenth:]))
            table.add(f"{name}: first, last", f"{first:{form}}, {last:{form}}")
    if samples and aged:
        table.add(
            "envelopes remembered: first, last",
            f"{samples[0].envelopes:,}, {samples[-1].envelopes:,}",
        )
        table.add("database without what is kept for a time, MiB", f"{aged[0]:.2f}, {aged[-1]:.2f}")
    table.print()


def growth(samples: Sequence[Sample], aged: Sequence[float]) -> list[str]:
    """What has grown beyond its bound: the last third beside the second, when everything has been used once.

    ``aged`` is what the database would come down to (MiB), from the end of the first third on: that may not grow.
    """
    if len(samples) < _FEWEST_SAMPLES:
        return []
    third = len(samples) // 3
    middle, last = samples[third : 2 * third], samples[2 * third :]
    faults = []
    most = max(one.resident_mib for one in samples)
    if most > _MEMORY_MIB:
        faults.append(f"{most:.0f} MiB of memory, more than {_MEMORY_MIB:.0f}")
    for name, bound, of in (
        ("MiB of memory", _MEMORY_GROWTH_MIB, lambda one: one.resident_mib),
        ("descriptors", _DESCRIPTOR_GROWTH, lambda one: one.descriptors),
        ("threads", _THREAD_GROWTH, lambda one: one.threads),
    ):
        grown = median(map(of, last)) - median(map(of, middle))
        if grown > bound:
            faults.append(f"{grown:.1f} more {name}, more than {bound}")
    envelopes = last[-1].envelopes - middle[0].envelopes
    grown_mib = last[-1].database_mib - middle[0].database_mib
    if grown_mib > _DATABASE_SLACK_MIB + envelopes * _DATABASE_BYTES_AN_ENVELOPE / (1 << 20):
        faults.append(f"the database grew by {grown_mib:.1f} MiB over {envelopes:,} envelopes")
    if aged and aged[-1] - aged[0] > _AGED_GROWTH_MIB:
        faults.append(f"{aged[-1] - aged[0]:.2f} MiB more of the database outlive every retention")
    return faults
