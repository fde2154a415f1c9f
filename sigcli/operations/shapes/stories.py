"""Stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.scalars import base64_text, colour, label, single_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.events import Directory
    from sigcli.wire.content.stories import Gradient, StoryMessage, TextAttachment


def story_message_json(story: StoryMessage, directory: Directory) -> dict[str, Any]:
    """``storyMessage``: a file or a text."""
    shape: dict[str, Any] = {"allowsReplies": story.allows_replies}
    if story.group is not None:
        from sigcli.client.groups.identifiers import group_identifier

        identifier = group_identifier(story.group)
        if identifier is not None:
            shape["groupId"] = base64_text(identifier)
    if story.file_attachment is not None:
        from sigcli.operations.shapes.attachments import attachment_json

        shape["fileAttachment"] = attachment_json(story.file_attachment, directory)
    if story.text_attachment is not None:
        shape["textAttachment"] = _text_attachment(story.text_attachment, directory)
    if story.body_ranges:
        from sigcli.operations.shapes.ranges import add_ranges

        add_ranges(shape, story.body_ranges, directory)
    return shape


def _text_attachment(text: TextAttachment, directory: Directory) -> dict[str, Any]:
    shape: dict[str, Any] = {"text": text.text}
    if text.style is not None:
        shape["style"] = label(text.style)
    if text.foreground_color is not None:
        shape["textForegroundColor"] = colour(text.foreground_color)
    if text.background_color is not None:
        shape["textBackgroundColor"] = colour(text.background_color)
    if text.preview is not None:
        from sigcli.operations.shapes.message_parts import preview_json

        shape["preview"] = preview_json(text.preview, directory)
    if text.gradient is not None:
        shape["backgroundGradient"] = _gradient(text.gradient)
    if text.color is not None:
        shape["backgroundColor"] = colour(text.color)
    return shape


def _gradient(gradient: Gradient) -> dict[str, Any]:
    colors: Sequence[int] = gradient.colors
    positions: Sequence[float] = gradient.positions
    if not colors and gradient.start_color is not None and gradient.end_color is not None:
        colors, positions = (gradient.start_color, gradient.end_color), (0.0, 1.0)
    texts = [colour(one) for one in colors]
    has_two_stops = len(texts) == 2 and tuple(positions) == (0.0, 1.0)
    return {
        "startColor": texts[0] if has_two_stops else None,
        "endColor": texts[1] if has_two_stops else None,
        "colors": texts,
        "positions": [single_precision(one) for one in positions],
        "angle": gradient.angle_degrees,
    }
