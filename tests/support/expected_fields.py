"""Comparing JSON with a description of its fields, exactly both ways: nothing missing, nothing more.

A description is JSON as well. An object has exactly the fields named; ``"*": "name"`` brings in those of a shared one,
and a leading ``+`` marks a field that signal-cli does not have. A list has exactly these elements. Text names the types
that a value may have (``"string|null"``), or after ``=`` the very text; ``"{name}"`` stands for a value of the test.
Anything else is the value itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "milliseconds": lambda value: _is_integer(value) and value > 1_500_000_000_000,
    "boolean": lambda value: isinstance(value, bool),
    "uuid": lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value)),
    "pni": lambda value: isinstance(value, str) and bool(_UUID.fullmatch(value[4:])),
    "number": lambda value: isinstance(value, str) and bool(_NUMBER.fullmatch(value)),
    "base64": _is_base64,
}


class Description:
    """What JSON is to look like; ``objects`` are the shared ones, ``values`` what names in braces stand for."""

    def __init__(self, objects: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        self._objects = objects
        self._values = values

    def differences(self, expected: Any, actual: Any, path: str = "") -> list[str]:
        """Where JSON differs from the description, and how; empty if it does not."""
        if isinstance(expected, dict):
            return self._in_object(expected, actual, path)
        if isinstance(expected, list):
            if not isinstance(actual, list) or len(actual) != len(expected):
                return [f"{path}: {actual!r} is no list of {len(expected)}"]
            found = []
            for index, one in enumerate(expected):
                found += self.differences(one, actual[index], f"{path}[{index}]")
            return found
        if isinstance(expected, str) and not expected.startswith(("=", "{")):
            types = [_TYPES[name] for name in expected.split("|")]
            return (
                [] if any(fits(actual) for fits in types) else [f"{path}: {actual!r}, {expected}"]
            )
        value = self._value(expected)
        same = type(actual) is type(value) and actual == value
        return [] if same else [f"{path}: {actual!r} is not {value!r}"]

    def _in_object(self, expected: dict[str, Any], actual: Any, path: str) -> list[str]:
        if not isinstance(actual, dict):
            return [f"{path}: {actual!r} is no object"]
        fields = self._fields(expected)
        found = [f"{path}.{name}: is missing" for name in fields if name not in actual]
        found += [f"{path}.{name}: {actual[name]!r} is more" for name in actual.keys() - fields]
        for name in fields.keys() & actual.keys():
            found += self.differences(fields[name], actual[name], f"{path}.{name}")
        return found

    def _fields(self, expected: dict[str, Any]) -> dict[str, Any]:
        shared = expected.get("*")
        fields = {} if shared is None else self._fields(self._objects[shared])
        own = {name.removeprefix("+"): one for name, one in expected.items() if name != "*"}
        return {**fields, **own}

    def _value(self, expected: Any) -> Any:
        if not isinstance(expected, str):
            return expected
        if expected.startswith("="):
            return expected[1:]
        return self._values[expected.strip("{}")]
