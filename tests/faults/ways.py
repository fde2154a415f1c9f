"""How a struck run went, so that those that went alike need not all be followed by an honest run.

Two are alike if they ended alike, made the same requests, were cut in the same response, and left the same behind: in
each table of each device and of the service as many rows of the same shape, in each folder as many files. Keys,
ciphertexts, ids and times are others in each run; flags, counters and states are not, and belong to the shape.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.world import World

_LARGEST_FLAG = 1000
_LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Way:
    """See above; ``cut`` is the response that was cut, None where none was."""

    cut: str | None
    exit_code: int
    error: str
    requests: tuple[str, ...]
    left: str

    @property
    def is_struck(self) -> bool:
        return self.cut is not None


def shape_of(world: World, before: str) -> str:
    """What all devices and the service have stored, as a digest; ``before``: the state from which they began."""
    found: list[tuple[str, Any]] = []
    for path in sorted(world.root.rglob("*.db")):
        if world.is_as_saved(path, before):
            continue
        found.append((str(path.relative_to(world.root).parts[0]), _database(path)))
    for name, count in sorted(_files(world.root).items()):
        found.append((name, count))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _files(root: Path) -> Counter[str]:
    """How many lie where; by the device's name and the last folder's, since accounts' folders have names by chance."""
    count = Counter[str]()
    for path in root.rglob("*"):
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal")):
            whose, *_ = path.relative_to(root).parts
            kind = path.parent.name
            count[f"{whose} {kind if kind.isalpha() else ''}"] += 1
    return count


def _database(path: Path) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return [(name, _table(database, name)) for (name,) in sorted(tables)]


def _table(database: sqlite3.Connection, name: str) -> list[tuple[Any, int]]:
    rows = database.execute(f'SELECT * FROM "{name}"')
    return sorted(Counter(tuple(map(_shape, row)) for row in rows).items())


def _shape(value: Any) -> str:
    if isinstance(value, int) and abs(value) < _LARGEST_FLAG:
        return str(value)
    if isinstance(value, str) and len(value) < _LONGEST_NAME and value.replace("_", "").isalpha():
        return value
    return type(value).__name__
