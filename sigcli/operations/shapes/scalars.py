"""How single values are written: bytes, enumerations, floats."""

from __future__ import annotations

import enum
from binascii import b2a_base64
from typing import overload

UNKNOWN = "UNKNOWN"
_FLOAT32_DIGITS = 9


@overload
def base64_text(data: bytes) -> str: ...
@overload
def base64_text(data: None) -> None: ...
def base64_text(data: bytes | None) -> str | None:
    """Standard base64; None stays None."""
    return None if data is None else b2a_base64(data, newline=False).decode("ascii")


def label(value: int | None) -> str:
    """The name of an enumeration's member; ``UNKNOWN_7`` for a number that has none."""
    if isinstance(value, enum.IntEnum):
        return value.name
    return UNKNOWN if value is None else f"{UNKNOWN}_{value}"


def unless_blank(text: str | None) -> str | None:
    """The text; None if there is nothing to see in it."""
    return text if text and text.strip() else None


def unsigned(number: int) -> int:
    """The id of a call as the unsigned number of 64 bits that it is."""
    return number & 0xFFFFFFFFFFFFFFFF


def colour(argb: int) -> str:
    """A colour as ``#aarrggbb``."""
    return f"#{argb & 0xFFFFFFFF:08x}"


def single_precision(value: float) -> float | None:
    """The shortest number that stands for a 32-bit float; None for what JSON cannot write."""
    import math
    import struct

    if not math.isfinite(value):
        return None
    try:
        exact = struct.pack("<f", value)
    except OverflowError:
        return value
    for digits in range(1, _FLOAT32_DIGITS + 1):
        short = float(f"{value:.{digits}g}")
        if struct.pack("<f", short) == exact:
            return short
    return value
