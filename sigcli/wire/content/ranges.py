"""Ranges of a text: mentions and styles."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.mapping import Codec, Value, aci, enumeration, number


class TextStyle(enum.IntEnum):
    """How a range of a text is shown."""

    NONE = 0
    BOLD = 1
    ITALIC = 2
    SPOILER = 3
    STRIKETHROUGH = 4
    MONOSPACE = 5


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BodyRange(Value):
    """A mention (of an ACI) or a style, by start and length in UTF-16 code units."""

    start: int
    length: int
    mention: ServiceId | None = None
    style: TextStyle | int | None = None


BODY_RANGE = Codec(
    BodyRange,
    {
        "start": number("start"),
        "length": number("length"),
        "mention": aci("mentionAciBinary", "mentionAci"),
        "style": enumeration("style", TextStyle),
    },
)
