"""Parsed records that a batch of envelopes uses again and again.

What was read is true until this transaction ends, and beyond it until another process commits or something is rolled
back: the database counts these epochs. Outside a transaction nothing is taken from here.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sigcli.store.database import Database

V = TypeVar("V")


def cache_of(database: Database, name: str) -> RecordCache[Any]:
    """The cache of one kind of record; one for each open database, so that all its users agree."""
    cache = database.caches.get(name)
    if cache is None:
        cache = database.caches[name] = RecordCache(database)
    return cache


class RecordCache(Generic[V]):
    """The most recently used values by key, as long as they are known to be those on disk.

    As many as a large group has members, whose records a message to it needs several times over.
    """

    __slots__ = ("_database", "_epoch", "_size", "_values")

    def __init__(self, database: Database, size: int = 1_024) -> None:
        self._database = database
        self._size = size
        self._epoch = -1
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value as it is on disk, None if that is not known."""
        if self._epoch != self._database.epoch or not self._database.in_transaction:
            return None
        return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        """Remember what was just read or written."""
        if not self._database.in_transaction:
            return
        if self._epoch != self._database.epoch:
            self._values.clear()
            self._epoch = self._database.epoch
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._size:
            self._values.popitem(last=False)

    def discard(self, key: Hashable) -> None:
        """Forget one value that was removed from the disk."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
