"""No content makes the printing of an event fail."""

from __future__ import annotations

import json

from hypothesis import given, settings

from sigcli.client.base.events import ReceivedEvent
from sigcli.operations.shapes.envelope import receive_object
from tests.unit.operations.shapes.arbitrary_content import (
    HostileDirectory,
    any_events,
    hostile_texts,
)

SECRETS = {"profileKey", "masterKey", "key", "digest", "packKey"}


def keys_of(value: object) -> set[str]:
    """The keys at every depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


@settings(max_examples=200, deadline=None)
@given(any_events(), hostile_texts)
def test_every_event_is_json(event: ReceivedEvent, name: str) -> None:
    shape = receive_object(event, HostileDirectory(name))
    line = json.dumps(shape, allow_nan=False, ensure_ascii=False)
    # Nothing but JSON's own types: tuples and enumerations would come back as something else.
    assert json.loads(line) == shape
    assert [*shape] == ["account", "envelope", *(["exception"] if event.failure else [])]
    assert not keys_of(shape) & SECRETS
