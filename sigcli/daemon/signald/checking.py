"""The fields of a request, checked and read by their declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import BOOLEAN, STRING, Structure
from sigcli.daemon.signald.structures import ADDRESS
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.daemon.signald.declaring import Field


@dataclass(frozen=True, slots=True)
class Address:
    """A person, as a request names them."""

    number: str | None = None
    uuid: str | None = None

    @property
    def word(self) -> str:
        """The form that operations take."""
        return self.uuid or self.number or ""


class _Checker:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def fields(self, structure: Structure, given: Mapping[str, Any], within: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in structure.fields:
            value = given.get(field.name)
            name = f"{within}{field.name}"
            if value is None:
                if field.required:
                    self.problems.append(f"missing required argument: {name}")
                continue
            found[field.name] = self._value(field, value, name)
        for names in structure.exactly_one:
            count = sum(given.get(name) is not None for name in names)
            if count != 1:
                self.problems.append(f"exactly one required of: {', '.join(names)} ({count} found)")
        for names in structure.at_least_one:
            if not any(given.get(name) is not None for name in names):
                self.problems.append(f"at least one required of: {' or '.join(names)}")
        return found

    def _value(self, field: Field, value: Any, name: str) -> Any:
        if not field.many:
            return self._one(field.kind, value, name)
        if not isinstance(value, list):
            self.problems.append(f"{name} must be a list")
            return []
        return [self._one(field.kind, one, name) for one in value if one is not None]

    def _one(self, kind: str | Structure, value: Any, name: str) -> Any:
        if kind is ADDRESS:
            return self._address(value, name)
        if isinstance(kind, Structure):
            if isinstance(value, dict):
                return self.fields(kind, value, f"{name}.")
            self.problems.append(f"{name} must be an object")
            return {}
        if kind == STRING:
            if isinstance(value, str):
                return value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(value)  # a code without quotes
            self.problems.append(f"{name} must be a string")
            return ""
        if kind == BOOLEAN:
            if isinstance(value, str) and value.lower() in ("true", "false"):
                return value.lower() == "true"
            if not isinstance(value, bool):
                self.problems.append(f"{name} must be true or false")
            return value is True
        return self._number(value, name)

    def _number(self, value: Any, name: str) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
            self.problems.append(f"{name} must be a number")
            return 0
        return value

    def _address(self, value: Any, name: str) -> Address:
        if isinstance(value, str) and value:
            return Address(number=value) if value.startswith("+") else Address(uuid=value)
        if isinstance(value, dict):
            number, uuid = value.get("number"), value.get("uuid")
            texts = [one for one in (number, uuid) if one is not None]
            if any(texts) and all(isinstance(one, str) for one in texts):
                return Address(number or None, uuid or None)
        self.problems.append(f"at least one required of: {name}.number or {name}.uuid")
        return Address()


def check(structure: Structure, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The declared fields that are present, read; and what is wrong with them, in signald's words."""
    checker = _Checker()
    found = checker.fields(structure, given, "")
    return found, checker.problems
