"""Lines of JSON: compact, without null values on any level."""

from __future__ import annotations

from typing import Any

from sigcli.daemon.json_bytes import json_bytes


def line(message: dict[str, Any]) -> bytes:
    """One line with its line end. Clients read an answer with one ``recv``: no blanks, no nulls."""
    return json_bytes(without_nulls(message)) + b"\n"


def without_nulls(value: Any) -> Any:
    """The same without keys whose value is None."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(one) for one in value if one is not None]
    return value
