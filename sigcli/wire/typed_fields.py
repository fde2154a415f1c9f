"""Members of a JSON object or TOML table, read by exact type. A subclass says which error a wrong one raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")
_KINDS = {str: "a string", int: "a whole number", bool: "true or false", list: "a list"}
_MAX = 2**63 - 1


class TypedFields:
    """Null counts as absent. Every method raises the reader's own error, which ``failure`` makes."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def failure(self, name: str, problem: str) -> Exception:
        """The error for a member; ``problem`` completes a sentence that begins with its name."""
        raise NotImplementedError

    def _optional(self, name: str, kind: type[_T]) -> _T | None:
        value = self._fields.get(name)
        # By exact type: a boolean is an int in Python, but it is not a number.
        if value is None or type(value) is kind:
            return value
        raise self.failure(name, f"is not {_KINDS[kind]}")

    def _required(self, name: str, value: _T | None) -> _T:
        if value is None:
            raise self.failure(name, "is missing")
        return value

    def optional_text(self, name: str) -> str | None:
        return self._optional(name, str)

    def text(self, name: str) -> str:
        return self._required(name, self.optional_text(name))

    def optional_integer(self, name: str, minimum: int = 0, maximum: int = _MAX) -> int | None:
        value = self._optional(name, int)
        if value is not None and not minimum <= value <= maximum:
            raise self.failure(name, "is out of range")
        return value

    def integer(
        self, name: str, minimum: int = 0, maximum: int = _MAX, default: int | None = None
    ) -> int:
        value = self.optional_integer(name, minimum, maximum)
        return self._required(name, default if value is None else value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._optional(name, bool)
        return default if value is None else value

    def list(self, name: str) -> list[Any]:
        """The elements of a list, unread; empty if it is absent."""
        return self._optional(name, list) or []

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty if it is absent."""
        values = self.list(name)
        if any(type(value) is not str for value in values):
            raise self.failure(name, "is not a list of strings")
        return tuple(values)

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers; empty if it is absent."""
        values = self.list(name)
        if any(type(value) is not int for value in values):
            raise self.failure(name, "is not a list of whole numbers")
        return tuple(values)
