"""Imports of modules without the modules that they import but do not need. Imports nothing of sigcli."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Absent(ModuleType):
    """An empty module; if another thread imports and uses it meanwhile, the real one is loaded."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), attribute)


@contextmanager
def left_out(name: str) -> Iterator[None]:
    """Put an empty module in place of one that is imported in this block but not used; it can be imported afterwards.

    Does nothing if it was imported before. Its package must have been imported.
    """
    if name in sys.modules:
        yield
        return
    absent = sys.modules[name] = _Absent(name)
    try:
        yield
    finally:
        if sys.modules.get(name) is absent:
            sys.modules.pop(name, None)
