"""The benchmarks' own parts work: every small operation on both sides, once, and the measuring of processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.comparison import Operation
from tests.bench.operations import content, groups, keys, sealed, sessions
from tests.bench.processes import Launcher, RunFailed
from tests.bench.tables import Table
from tests.bench.timing import NodeWork
from tests.interop.oracle import Oracle
from tests.support.requirements import needs_node

_LARGE = ("1,000", "16 MiB")
_OPERATIONS = {
    operation.name: operation
    for part in (keys, sessions, sealed, content, groups)
    for operation in part.OPERATIONS
    if not any(size in operation.name for size in _LARGE)
}


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with needs_node():
        oracle = Oracle()
    with oracle:
        yield oracle


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_both_sides_run(oracle: Oracle, operation: Operation) -> None:
    assert operation.ours().batch(2) > 0
    if operation.theirs is not None:
        arguments = dict(operation.arguments())
        work = NodeWork.create(oracle, operation.name, operation.theirs, arguments)
        assert work.batch(2) > 0


def test_a_process_is_measured_without_the_weight_of_the_one_that_asks(tmp_path: Path) -> None:
    weight = bytearray(200 * 1024 * 1024)
    weight[::4096] = b"x" * len(weight[::4096])
    with Launcher(tmp_path) as launcher:
        small = launcher.run([sys.executable, "-c", "pass"])
        large = launcher.run([sys.executable, "-c", "b'x' * (100 << 20)"])
        busy = launcher.run([sys.executable, "-c", "sum(range(3_000_000))"])
    assert small.peak_mib < 40
    assert 100 < large.peak_mib < 140
    assert busy.cpu_s > small.cpu_s
    assert busy.wall_s > small.wall_s


def test_output_goes_to_a_file_or_through_a_reader(tmp_path: Path) -> None:
    printed = tmp_path / "printed"
    with Launcher(tmp_path) as launcher:
        launcher.run([sys.executable, "-c", "print('one')"], stdout=printed)
        assert printed.read_text() == "one\n"
        program = "import os, stat; print(stat.S_ISFIFO(os.fstat(1).st_mode))"
        launcher.run([sys.executable, "-c", program], stdout=printed, reader=["cat"])
        assert printed.read_text() == "True\n"
        with pytest.raises(RunFailed, match="exit code 3: sorry"):
            launcher.run(
                [sys.executable, "-c", "import sys; print('sorry', file=sys.stderr); sys.exit(3)"]
            )


def test_a_table_is_aligned() -> None:
    table = Table("title", ("name", "µs"))
    table.add("a", "1,000")
    table.add("longer", "2")
    assert table.lines()[2:] == ["name       µs", "-" * 13, "a       1,000", "longer      2"]
    with pytest.raises(ValueError, match="1 cells"):
        table.add("alone")
