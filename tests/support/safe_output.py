"""An event printed as the command prints it, and looked at: nothing in it reaches a terminal or breaks a line."""

from __future__ import annotations

import json
import re
from typing import Any

from sigcli.cli import terminal
from sigcli.cli.render import event_text
from sigcli.client.base.events import Directory, ReceivedEvent
from sigcli.operations.shapes.envelope import receive_object

# All that can move a cursor, start a sequence, turn the reading direction or hide.
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printed(event: ReceivedEvent, directory: Directory) -> dict[str, Any]:
    """The envelope of the JSON line; raises AssertionError for what may not be printed."""
    line = terminal.json_line(receive_object(event, directory))
    assert "\n" not in line
    assert line.encode()
    text = event_text(event, directory)
    assert not _CONTROL.search(text)
    assert text.encode()
    # What a stranger writes cannot pass for the head of an envelope.
    assert len(re.findall("^Envelope from:", text, re.MULTILINE)) == 1
    envelope: dict[str, Any] = json.loads(line)["envelope"]
    return envelope
