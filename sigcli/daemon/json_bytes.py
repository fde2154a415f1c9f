"""JSON as programs read it: compact and UTF-8, whatever letters are in it."""

from __future__ import annotations

import json
from typing import Any


def json_bytes(value: Any) -> bytes:
    """A value as compact UTF-8 JSON; half of a surrogate pair, which has no UTF-8 form, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
