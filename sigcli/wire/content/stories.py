"""Stories: a picture, a video or a text that everyone on a list can see for a day."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.content.attachments import ATTACHMENT_POINTER, AttachmentPointer
from sigcli.wire.content.message_parts import GROUP_CONTEXT, PREVIEW, GroupContext, Preview
from sigcli.wire.content.ranges import BODY_RANGE, BodyRange
from sigcli.wire.limits import MAX_PARTS, MAX_RANGES
from sigcli.wire.mapping import (
    Codec,
    Value,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
    numbers,
    text,
)

if TYPE_CHECKING:
    from sigcli.wire.key_types import ProfileKeyBytes


class StoryTextStyle(enum.IntEnum):
    """The face of a story's text."""

    DEFAULT = 0
    REGULAR = 1
    BOLD = 2
    SERIF = 3
    SCRIPT = 4
    CONDENSED = 5


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Gradient(Value):
    """A background of colours (0xAARRGGBB) at positions from 0 to 1; the first two fields are its old form."""

    start_color: int | None = None
    end_color: int | None = None
    angle_degrees: int | None = None
    colors: tuple[int, ...] = ()
    positions: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TextAttachment(Value):
    """A story of text; its background is a gradient or one colour."""

    text: str | None = None
    style: StoryTextStyle | int | None = None
    foreground_color: int | None = None
    background_color: int | None = None
    """The colour of the text itself."""
    preview: Preview | None = None
    gradient: Gradient | None = None
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoryMessage(Value):
    """A story: a file or a text."""

    profile_key: ProfileKeyBytes | None = None
    group: GroupContext | None = None
    file_attachment: AttachmentPointer | None = None
    text_attachment: TextAttachment | None = None
    allows_replies: bool = False
    body_ranges: tuple[BodyRange, ...] = ()


GRADIENT = Codec(
    Gradient,
    {
        "start_color": number("startColor"),
        "end_color": number("endColor"),
        "angle_degrees": number("angle"),
        "colors": numbers("colors", MAX_PARTS),
        "positions": numbers("positions", MAX_PARTS),
    },
)
TEXT_ATTACHMENT = Codec(
    TextAttachment,
    {
        "text": text("text"),
        "style": enumeration("textStyle", StoryTextStyle),
        "foreground_color": number("textForegroundColor"),
        "background_color": number("textBackgroundColor"),
        "preview": message("preview", PREVIEW),
        "gradient": message("gradient", GRADIENT),
        "color": number("color"),
    },
)
STORY_MESSAGE = Codec(
    StoryMessage,
    {
        "profile_key": data("profileKey"),
        "group": message("group", GROUP_CONTEXT),
        "file_attachment": message("fileAttachment", ATTACHMENT_POINTER),
        "text_attachment": message("textAttachment", TEXT_ATTACHMENT),
        "allows_replies": flag("allowsReplies"),
        "body_ranges": messages("bodyRanges", BODY_RANGE, MAX_RANGES),
    },
)
