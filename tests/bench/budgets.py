"""What is asked of sigcli beside what was measured, in one table; the other parts say more about each row.

Quiet or busy, both sides of a multiple are taken in the same run, in turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import groups, latency, receive_profile, startup
from tests.bench.comparison import compare, progress
from tests.bench.operations.groups import OPERATIONS as GROUP_OPERATIONS
from tests.bench.processes import Launcher
from tests.bench.tables import Table
from tests.interop.oracle import Oracle
from tests.support.large_group import large_group

ROUNDS = 7
_FIRST_SIGHT_S = 2.0
_ENDORSEMENTS = 5.0
_DELAYS_MS = (250, 750)
"""Longer than a command's imports take, which therefore hide none of the round trips."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and what it is to be at most."""

    what: str
    measured: float
    budget: float
    unit: str


def run(rounds: int) -> None:
    """Print the table; a part that cannot be measured here is named behind it."""
    table = Table("Budgets", ("what", "measured", "at most", ""))
    failures = []
    for part in (_whole_processes, _a_message, _round_trips, _groups):
        try:
            for row in part(rounds):
                table.add(
                    row.what,
                    f"{row.measured:.2f}{row.unit}",
                    *startup.against(row.measured, row.budget, row.unit),
                )
        except Exception as problem:
            failures.append(f"{part.__name__.strip('_')}: {problem}")
    progress("")
    table.print()
    for failure in failures:
        print(f"not measured: {failure}", flush=True)


def _whole_processes(rounds: int) -> Iterator[Row]:
    cases = startup.measure(rounds)
    empty_s = median(usage.wall_s for usage in cases[0].usages)
    for case in cases:
        if case.failure is not None or not case.usages:
            continue
        if case.budget is not None:
            wall_s = median(usage.wall_s for usage in case.usages)
            yield Row(case.name, wall_s / empty_s, case.budget, "x")
        if case.memory_budget_mib is not None:
            peak_mib = median(usage.peak_mib for usage in case.usages)
            yield Row(f"{case.name}: peak memory", peak_mib, case.memory_budget_mib, " MiB")


def _a_message(rounds: int) -> Iterator[Row]:
    ours_us, theirs_us = receive_profile.measure(rounds)
    yield Row(
        "draining sealed texts, CPU of one beside libsignal's",
        ours_us / theirs_us,
        receive_profile.BUDGET,
        "x",
    )


def _round_trips(rounds: int) -> Iterator[Row]:
    for case in latency.measure(rounds, _DELAYS_MS):
        if case.budget is not None:
            yield Row(f"round trips: {case.name}", case.round_trips, case.budget, "")


def _groups(rounds: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        folder = Path(name)
        with large_group(folder, groups.MEMBERS) as group, Launcher(folder) as launcher:
            _, usages = groups.measured(group, launcher, 1, groups.REFRESH)
    yield Row("first sight of a group of 1,000, CPU", usages[0].cpu_s, _FIRST_SIGHT_S, " s")
    wanted: Callable[[str], bool] = lambda name: "endorsements" in name and "1,000" in name  # noqa: E731
    with Oracle(timeout_s=600) as oracle:
        for operation in GROUP_OPERATIONS:
            if not wanted(operation.name):
                continue
            found = compare(operation, oracle, rounds)
            if found.theirs_us is not None:
                yield Row(
                    f"{found.name}, beside libsignal",
                    found.ours_us / found.theirs_us,
                    _ENDORSEMENTS,
                    "x",
                )
