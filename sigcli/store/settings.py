"""Single values of an account by name: the ``key_value`` table with types.

What each of them means stands in ``account_data``; other files of this room keep counters here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sigcli.errors import AccountIncomplete, DatabaseDamaged
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

T = TypeVar("T", bytes, str, int, bool)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """The name and type of one value."""

    name: str
    kind: type[T]


def read_setting(database: Database, setting: Setting[T]) -> T | None:
    """The value, None if it was never set; raises DatabaseDamaged for one of another type."""
    row = database.row("SELECT value FROM key_value WHERE key = ?", (setting.name,))
    return None if row is None else _typed(setting, row[0])


def read_settings(database: Database, *settings: Setting[Any]) -> list[Any]:
    """Several values at one go, in their order; raises DatabaseDamaged for one of another type."""
    marks = ", ".join("?" * len(settings))
    rows = database.rows(
        f"SELECT key, value FROM key_value WHERE key IN ({marks})",  # noqa: S608
        tuple(one.name for one in settings),
    )
    found: dict[str, object] = dict(rows)
    return [_typed(one, found[one.name]) if one.name in found else None for one in settings]


class AllSettings:
    """Every value of an account, read at one go."""

    __slots__ = ("_values",)

    def __init__(self, database: Database) -> None:
        self._values: dict[str, object] = dict(database.rows("SELECT key, value FROM key_value"))

    def get(self, setting: Setting[T]) -> T | None:
        """The value, None if it was never set; raises DatabaseDamaged for one of another type."""
        value = self._values.get(setting.name)
        return None if value is None else _typed(setting, value)

    def require(self, setting: Setting[T]) -> T:
        """A value that every account has; raises AccountIncomplete and DatabaseDamaged."""
        return present(self.get(setting), setting.name.replace("_", " "))


def present(value: V | None, what: str) -> V:
    """A value that every account has; raises AccountIncomplete with its name if it is None."""
    if value is None:
        raise AccountIncomplete(f"the account has no {what}")
    return value


def write_setting(database: Transaction, setting: Setting[T], value: T | None) -> None:
    """Set the value, or forget it (None)."""
    if value is None:
        database.write("DELETE FROM key_value WHERE key = ?", (setting.name,))
        return
    database.write(
        "INSERT INTO key_value (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (setting.name, int(value) if setting.kind is bool else value),
    )


def _typed(setting: Setting[T], value: object) -> T:
    stored = int if setting.kind is bool else setting.kind
    if not isinstance(value, stored):
        raise DatabaseDamaged(f"the account's {setting.name} has another type")
    return setting.kind(value)
