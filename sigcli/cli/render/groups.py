"""Groups, by identifier and title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.shapes.groups import group_identifier
from sigcli.client.shapes.scalars import base64_text

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.events import Directory
    from sigcli.wire.content.message_parts import GroupContext


def print_group(lines: Lines, identifier: bytes | None, directory: Directory) -> None:
    """A group's identifier and title."""
    lines.line(f"Id: {base64_text(identifier) or '<invalid>'}")
    name = None if identifier is None else directory.group_name(identifier)
    lines.line(f"Name: {'<Unknown group>' if name is None else name}")


def print_group_context(lines: Lines, group: GroupContext, directory: Directory) -> None:
    """The group that a message is for."""
    print_group(lines, group_identifier(group), directory)
    lines.line(f"Revision: {group.revision}")
    lines.line(f"Type: {'UPDATE' if group.group_change else 'DELIVER'}")
