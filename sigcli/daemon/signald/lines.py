"""Lines of JSON: compact, without null values on any level."""

from __future__ import annotations

import json
from typing import Any


def line(message: dict[str, Any]) -> bytes:
    """One line with its line end. Clients read an answer with one ``recv``: no blanks, no nulls."""
    text = json.dumps(without_nulls(message), ensure_ascii=False, separators=(",", ":"))
    # An unpaired surrogate, as a stranger may send it, has no UTF-8 form.
    return text.encode("utf-8", "replace") + b"\n"


def without_nulls(value: Any) -> Any:
    """The same without keys whose value is None."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(one) for one in value if one is not None]
    return value
