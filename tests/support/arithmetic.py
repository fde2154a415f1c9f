"""The tests of a module twice: with Python's own integers, and with gmpy2's (the extra ``fast``) for every batch."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from sigcli.crypto import field

_NEVER = 2**63


@pytest.fixture(scope="module", params=["python", "gmpy2"], autouse=True)
def arithmetic(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which of them; import it into a module to have it used there."""
    if request.param == "gmpy2" and find_spec("gmpy2") is None:
        pytest.skip("gmpy2 is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(field, "LARGE_BATCH", 1 if request.param == "gmpy2" else _NEVER)
        yield request.param
