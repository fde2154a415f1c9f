"""Rules of every test run: a skip is loud, and an error in CI; long tests begin first; what is opened is closed."""

from __future__ import annotations

import os
import sqlite3
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    # The order is random, repeatable by --randomly-seed. What a test or Hypothesis draws is not tied to it.
    if config.pluginmanager.hasplugin("randomly"):
        config.option.randomly_reset_seed = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with long tests first, and these first in their file: at the end, workers would wait for them.

    What runs processes comes before what does not, so that the end of a run is made of small pieces.
    """
    long_files = {item.path for item in items if item.get_closest_marker("long")}

    def place(item: pytest.Item) -> tuple[bool, bool]:
        return item.path not in long_files, "unit" in item.path.parts

    items.sort(key=place)


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
