"""Phone numbers as people write them at home: read with the country of the account's number, as signal-cli does."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9(][0-9 ./()\-]*")
_SHORTEST = 3
_NORTH_AMERICA = "1"
_KEEPS_ZERO = frozenset({"39", "378", "379"})
"""Italy and its neighbours: the zero in front belongs to the number."""
_SHORT_CODE = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
"""The country codes of one and two digits (ITU-T E.164); all others have three."""


def international_number(word: str, own_number: str | None) -> str | None:
    """The number with ``+`` and country code that a word of digits stands for; None if it stands for none.

    Digits that begin with the account's country code and are as many as its number's, or more, are a number that only
    lacks its ``+``.
    """
    if own_number is None or not _DIGITS.fullmatch(word):
        return None
    digits = re.sub(r"\D", "", word)
    if len(digits) < _SHORTEST:
        return None
    own = own_number.removeprefix("+")
    code = country_code(own)
    if digits.startswith("00"):
        return "+" + digits[2:]
    if code == _NORTH_AMERICA and digits.startswith("011"):
        return "+" + digits[3:]
    if digits.startswith(code) and len(digits) >= len(own):
        return "+" + digits
    if digits.startswith("0") and code not in _KEEPS_ZERO:
        digits = digits[1:]
    return f"+{code}{digits}"


def country_code(digits: str) -> str:
    """The country code that a number without ``+`` begins with."""
    short = _SHORT_CODE.match(digits)
    return short[0] if short else digits[:3]
