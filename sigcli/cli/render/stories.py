"""Stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.stories import StoryMessage


def print_story_message(lines: Lines, story: StoryMessage, directory: Directory) -> None:
    """A story."""
    lines.flag("Story: with replies", story.allows_replies)
    if story.group is not None:
        from sigcli.cli.render.groups import print_group
        from sigcli.client.groups.identifiers import group_identifier

        lines.line("Group info:")
        print_group(lines.deeper(), group_identifier(story.group), directory)
    text = story.text_attachment
    if text is not None:
        lines.text("Body", text.text or "")
        if text.preview is not None:
            from sigcli.cli.render.message_parts import print_preview

            lines.line("Preview:")
            print_preview(lines.deeper(), text.preview, directory)
    if story.body_ranges:
        from sigcli.cli.render.message_parts import print_mentions, print_text_styles

        print_mentions(lines, story.body_ranges, directory)
        print_text_styles(lines, story.body_ranges)
    if story.file_attachment is not None:
        from sigcli.cli.render.attachments import print_attachment

        lines.line("Attachments:")
        print_attachment(lines.deeper(), story.file_attachment, directory)
