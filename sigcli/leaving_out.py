"""Imports of modules without the modules that they import but do not need. Imports nothing of sigcli."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Absent(ModuleType):
    """An empty module; if it is used all the same, or by another thread, the real one is loaded."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), attribute)


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """Put an empty module in place of each one that is imported in this block but not used.

    They can be imported afterwards, and are loaded where one is used after all. Does nothing about those that were
    imported before. Their packages must have been imported.
    """
    absent = {name: _Absent(name) for name in names if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name, module in absent.items():
            if sys.modules.get(name) is module:
                sys.modules.pop(name, None)
