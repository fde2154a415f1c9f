"""What a test run cannot do without: an error in CI, a skip that says so elsewhere."""

from __future__ import annotations

import os
import shutil
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


def needs_program(name: str, package: str) -> str:
    """The path of a program; without it a failure when CI=true, else a skip."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is needed: install {package}", pytrace=False)
        pytest.skip(f"NOT PROVEN: there is no {name}; install {package}")
    return found
