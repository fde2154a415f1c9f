"""Fixtures for tests against the official libsignal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.oracle import Oracle
from tests.support.requirements import needs_node


@pytest.fixture(scope="session")
def _oracle_process() -> Iterator[Oracle]:
    with needs_node():
        oracle = Oracle()
    with oracle:
        yield oracle


@pytest.fixture
def oracle(_oracle_process: Oracle) -> Oracle:
    """The official libsignal, one process for the whole run, its `state` empty."""
    _oracle_process.reset()
    return _oracle_process
