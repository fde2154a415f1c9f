"""Groups, by identifier and title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.client.groups.identifiers import group_identifier
from sigcli.operations.shapes.scalars import base64_text
from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.client.groups.change_values import Change
    from sigcli.client.groups.explain import Explanation
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.message_parts import GroupContext


def print_group(lines: Lines, identifier: GroupIdentifier | None, directory: Directory) -> None:
    """A group's identifier and title."""
    lines.line(f"Id: {base64_text(identifier) or '<invalid>'}")
    name = None if identifier is None else directory.group_name(identifier)
    lines.line(f"Name: {'<Unknown group>' if name is None else name}")


def print_group_context(lines: Lines, group: GroupContext, directory: Directory) -> None:
    """The group that a message was sent to."""
    print_group(lines, group_identifier(group), directory)
    lines.line(f"Revision: {group.revision}")
    lines.line(f"Type: {'UPDATE' if group.group_change else 'DELIVER'}")
    change = directory.group_change(group) if group.group_change else None
    if change is not None:
        for sentence in sentences(change, directory):
            lines.line(f"- {sentence}")


def sentences(change: Change, directory: Directory) -> Iterator[str]:
    """What a group change means, as sentences; names are as other people have chosen them."""
    from sigcli.client.groups.explain import explain

    editor = _named(change.editor, directory)
    for one in explain(change):
        yield _sentence(one, editor, _named(one.person, directory))


def _sentence(explanation: Explanation, editor: str, person: str) -> str:
    """Put the names in; they go in last and are not searched for placeholders."""
    parts = re.split(r"(\{editor\}|\{person\}|\{quoted\})", explanation.sentence)
    names = {
        "{editor}": editor,
        "{person}": person,
        "{quoted}": f"“{explanation.quoted}”",
    }
    return "".join(names.get(part, part) for part in parts)


def _named(service_id: ServiceId | None, directory: Directory) -> str:
    from sigcli.cli.render.lines import contact

    return "Someone" if service_id is None else contact(directory.person(service_id))
