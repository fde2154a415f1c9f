"""The rarer sync messages, each printed as its JSON object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.sync_changes import add_changes

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.sync_message import SyncMessage


def print_changes(lines: Lines, sync: SyncMessage, directory: Directory) -> None:
    """What another of the account's devices requests, has set or has done."""
    shapes: dict[str, Any] = {}
    add_changes(shapes, sync, directory)
    for name, shape in shapes.items():
        lines.line(f"Received sync {_words(name)}")
        _print(lines.deeper(), shape)


def _print(lines: Lines, shape: Any) -> None:
    if isinstance(shape, list):
        for one in shape:
            _print_field(lines, "- ", one)
        return
    for name, value in shape.items():
        _print_field(lines, f"{_words(name).capitalize()}:", value)


def _print_field(lines: Lines, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, dict | list):
        lines.line(name.rstrip())
        _print(lines.deeper(), value)
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        lines.line(f"{name.rstrip()} {text}")


def _words(name: str) -> str:
    """``mostRecentMessages`` as ``most recent messages``."""
    return re.sub("[A-Z]", lambda letter: f" {letter[0].lower()}", name)
