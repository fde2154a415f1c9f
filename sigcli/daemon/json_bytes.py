"""JSON as programs read it, compact and UTF-8, and as they write it."""

from __future__ import annotations

import json
import math
from typing import Any


def json_value(text: str | bytes) -> Any:
    """The value of a JSON text (bytes: UTF-8); raises ValueError, or RecursionError.

    Refuses what Python takes besides: the words NaN and Infinity, and numbers that are too large for a float, which no
    answer could give back.
    """
    if isinstance(text, bytes):
        # The decoder would take UTF-16 as well.
        text = text.decode("utf-8-sig")
    return _DECODER.decode(text)


def json_bytes(value: Any) -> bytes:
    """A value as compact UTF-8 JSON; half of a surrogate pair, which has no UTF-8 form, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
