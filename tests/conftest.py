"""Rules of every test run: a skip is loud, and an error in CI; long tests begin first; what is opened is closed.

And what all tests would else do again and again is done once: looking for garbage in what the collection left, and the
migrations of new databases.
"""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import sys
import warnings
from functools import partial
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.migrated import copied_databases

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    # The order is random, repeatable by --randomly-seed. What a test or Hypothesis draws is not tied to it.
    if config.pluginmanager.hasplugin("randomly"):
        config.option.randomly_reset_seed = False
    # A shell ignores it for what it starts in the background, and commands that tests interrupt would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _copied_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with copied_databases(tmp_path_factory.mktemp("migrated")):
        yield


# --- the order ------------------------------------------------------------------------------------

LONG_S, PROCESSES_S = 40, 2
"""About how long a test takes that is marked as long, and one that runs processes."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have each worker begin with files that have long tests, these first, and end with what runs no processes.

    At the end, workers then wait for small pieces only.
    """
    long_files = {item.path for item in items if item.get_closest_marker("long")}

    def place(item: pytest.Item) -> tuple[bool, bool]:
        return item.path not in long_files, "unit" in item.path.parts

    items.sort(key=place)
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = dealt(items, workers)


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Items so that equal parts of them, which is what xdist gives its workers at first, take as long as one another.

    A file stays together, but for those of unit tests, with which the parts are filled up to the same number.
    """
    piles: list[list[pytest.Item]] = [[] for _ in range(workers)]
    loads = [0] * workers
    fillers: list[pytest.Item] = []
    for path, group in groupby(items, key=lambda item: item.path):
        if "unit" in path.parts:
            fillers += group
            continue
        least = loads.index(min(loads))
        for item in sorted(group, key=lambda item: item.get_closest_marker("long") is None):
            piles[least].append(item)
            loads[least] += LONG_S if item.get_closest_marker("long") else PROCESSES_S
    left = len(items)
    used = 0
    for index, pile in enumerate(piles):
        size = left // (workers - index)
        count = max(size - len(pile), 0)
        pile += fillers[used : used + count]
        used += count
        left -= len(pile)
    piles[-1] += fillers[used:]
    return list(chain.from_iterable(piles))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where CI is set: what CI does not run is not shown."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


# --- connections that nobody closed ---------------------------------------------------------------

if sys.version_info < (3, 13):  # which warns by itself

    class _Watched(sqlite3.Connection):
        _open_since: str | None = None

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._open_since = os.environ.get("PYTEST_CURRENT_TEST", "before the first test")

        def close(self) -> None:
            super().close()
            self._open_since = None

        def __del__(self) -> None:
            if self._open_since is not None:
                text = f"unclosed database, opened in {self._open_since}"
                warnings.warn(text, ResourceWarning, source=self, stacklevel=2)

    sqlite3.connect = partial(sqlite3.connect, factory=_Watched)  # type: ignore[assignment]
