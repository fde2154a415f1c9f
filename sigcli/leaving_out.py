"""Imports without what they do not need. Imports nothing of sigcli."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def left_out(name: str) -> Iterator[None]:
    """Have an empty module in the place of one that is imported in here and not used; it can be imported afterwards.

    Where it has been imported before, nothing is done. Its package must have been imported.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
