"""Ranges of a text in UTF-16 units, as the user writes them: ``start:length:recipient``, ``start:length:STYLE``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.content.ranges import BodyRange, TextStyle

if TYPE_CHECKING:
    from collections.abc import Iterable

_RANGE = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):(.+)", re.DOTALL)
_STYLES = {style.name: style for style in TextStyle if style is not TextStyle.NONE}


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody, by the user's word for them, is mentioned in this range of a text."""

    start: int
    length: int
    who: str


def parse_mention(text: str) -> Mention:
    """Read ``start:length:recipient``; raises UsageError."""
    start, length, who = _parts(text, "a mention", "RECIPIENT")
    return Mention(start, length, who)


def parse_text_style(text: str) -> BodyRange:
    """Read ``start:length:STYLE``; raises UsageError."""
    start, length, name = _parts(text, "a text style", "STYLE")
    style = _STYLES.get(name.upper())
    if style is None:
        raise UsageError(f"{name} is not a text style", hint=f"the styles are {', '.join(_STYLES)}")
    return BodyRange(start=start, length=length, style=style)


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text) + sum(character > "\uffff" for character in text)


def check_within(text: str, ranges: Iterable[BodyRange | Mention]) -> None:
    """UsageError if a range reaches beyond the text: other clients would silently leave it out."""
    end = utf16_length(text)
    for one in ranges:
        if one.start + one.length > end:
            raise UsageError(
                f"the range {one.start}:{one.length} reaches beyond the text, which ends at {end}",
                hint="positions and lengths count UTF-16 units: most emoji are two",
            )


def _parts(text: str, what: str, last: str) -> tuple[int, int, str]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not of the form START:LENGTH:{last} that {what} has")
    return int(match[1]), int(match[2]), match[3]
