"""Imports without what they do not need. Imports nothing of sigcli."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Absent(ModuleType):
    """Empty, until another thread that imports it meanwhile uses it: then the module itself is loaded."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), attribute)


@contextmanager
def left_out(name: str) -> Iterator[None]:
    """Have an empty module in the place of one that is imported in here and not used; it can be imported afterwards.

    Where it has been imported before, nothing is done. Its package must have been imported.
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
