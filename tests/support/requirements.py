"""What a test run cannot do without: an error in CI, a skip that says so elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.node import NodeUnavailable


@contextmanager
def needs_node() -> Iterator[None]:
    """Turns NodeUnavailable into a failure when CI=true, else into a skip."""
    try:
        yield
    except NodeUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"node is needed: {error}", pytrace=False)
        pytest.skip(f"NOT PROVEN against the official implementation: {error}")
