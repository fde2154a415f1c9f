"""No content makes the printing of an event fail, or reaches the terminal as more than text."""

from __future__ import annotations

import re

from hypothesis import given, settings

from sigcli.cli.render import event_text
from sigcli.client.base.events import ReceivedEvent
from tests.unit.operations.shapes.arbitrary_content import (
    HostileDirectory,
    any_events,
    hostile_texts,
)

# C0 without the line end, DEL, C1, marks and overrides of direction, line separators, surrogates.
UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@settings(max_examples=200, deadline=None)
@given(any_events(), hostile_texts)
def test_every_event_is_harmless_text(event: ReceivedEvent, name: str) -> None:
    text = event_text(event, HostileDirectory(name))
    assert not UNSAFE.search(text)
    text.encode()
    # No text of a stranger passes for the end of an event and the beginning of another one.
    first, *rest = text.split("\n")
    assert first.startswith("Envelope from: ")
    assert not [line for line in rest if line.startswith("Envelope from")]
    assert rest.pop() == ""
    assert "" not in rest
