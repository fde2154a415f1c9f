"""What a database was asked, and how much work SQLite had with it: the same on every machine, unlike a time."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sigcli.store.database import Database

_EVERY = 10
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass
class Effort:
    """``steps``: of SQLite's virtual machine; ``statements`` with their values in them."""

    steps: int = 0
    statements: list[str] = field(default_factory=list)
    steps_of: Counter[str] = field(default_factory=Counter)

    def most_laborious(self) -> str:
        """The statements with the most steps."""
        return "\n".join(f"{steps}: {text}" for text, steps in self.steps_of.most_common(3))


@contextmanager
def effort_of(database: Database) -> Iterator[Effort]:
    """Count what a block does with a database."""
    connection: sqlite3.Connection = database._connection
    effort = Effort()

    def step() -> int:
        effort.steps += _EVERY
        if effort.statements:
            effort.steps_of[effort.statements[-1]] += _EVERY
        return 0

    connection.set_progress_handler(step, _EVERY)
    connection.set_trace_callback(effort.statements.append)
    try:
        yield effort
    finally:
        connection.set_progress_handler(None, 0)
        connection.set_trace_callback(None)


def scans(database: Database, statements: list[str], tables: frozenset[str]) -> dict[str, str]:
    """The statements that read all of one of these tables, each with its plan.

    Walking along an index of few rows (a partial one, as for what is held) is no such scan.
    """
    connection: sqlite3.Connection = database._connection
    partial = {
        name
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        if " WHERE " in sql
    }
    found = {}
    for statement in dict.fromkeys(statements):
        if not statement.lstrip().upper().startswith(_EXPLAINED):
            continue
        for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
            match = re.match(r"SCAN (\w+)(?:.* INDEX (\w+))?", detail)
            if match and match[1] in tables and match[2] not in partial:
                found[statement] = detail
    return found
