"""Operations of sigcli beside the same of the official libsignal, in turns in one run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.tables import Table
from tests.bench.timing import NodeWork, Timed, Work, batch_size
from tests.interop.oracle import Oracle


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: how each side makes its work; ``theirs`` is JavaScript (see :class:`NodeWork`).

    ``at_least`` steps make a batch where one step is not like the next.
    """

    name: str
    ours: Callable[[], Work]
    theirs: str | None = None
    arguments: Callable[[], Mapping[str, Any]] = dict
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians over all batches; ``theirs_us`` is None where libsignal's Node package has no such call."""

    name: str
    ours_us: float
    theirs_us: float | None


def compare(operation: Operation, oracle: Oracle, rounds: int) -> Comparison:
    """Time both sides in turns, so that a busy moment of the machine meets both."""
    sides: list[Timed] = [operation.ours()]
    if operation.theirs is not None:
        arguments = dict(operation.arguments())
        sides.append(NodeWork.create(oracle, operation.name, operation.theirs, arguments))
    sizes = [batch_size(side, operation.at_least) for side in sides]
    batches: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, size, found in zip(sides, sizes, batches, strict=True):
            found.append(side.batch(size))
    medians = [median(found) for found in batches]
    return Comparison(operation.name, medians[0], medians[1] if len(medians) > 1 else None)


def compare_all(
    title: str, operations: Iterable[Operation], oracle: Oracle, rounds: int
) -> list[Comparison]:
    """Time operations one after the other and print their table."""
    table = Table(title, ("operation", "sigcli µs", "libsignal µs", "ratio"))
    found = []
    for operation in operations:
        progress(operation.name)
        result = compare(operation, oracle, rounds)
        oracle.reset()
        theirs, ratio = "–", "–"
        if result.theirs_us is not None:
            theirs = microseconds(result.theirs_us)
            ratio = f"{result.ours_us / result.theirs_us:.1f}"
        table.add(result.name, microseconds(result.ours_us), theirs, ratio)
        found.append(result)
    progress("")
    table.print()
    return found


def progress(text: str) -> None:
    """Show on a terminal what is being measured."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def microseconds(value_us: float) -> str:
    """Three digits of meaning, thousands apart."""
    if value_us < 10:
        return f"{value_us:.2f}"
    if value_us < 100:
        return f"{value_us:.1f}"
    return f"{value_us:,.0f}"
