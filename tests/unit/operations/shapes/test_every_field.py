"""Every field of a data message is told, in JSON and in text: a new one is not forgotten."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sigcli.cli.render import event_text
from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import decode_content
from sigcli.wire.generated import signal_service_pb2 as pb
from tests.support.filled_messages import fill_field
from tests.unit.operations.shapes.known_people import KnownPeople, received

FIELDS = {one.name: one for one in pb.DataMessage.DESCRIPTOR.fields}
# A key is a secret, and the number of a timer's version says nothing to anybody.
NOT_IN_JSON = {"profileKey", "expireTimerVersion"}
NOT_IN_TEXT = {"expireTimerVersion"}


def told(message: Any) -> tuple[dict[str, Any], str]:
    """The message in JSON and in text."""
    content = decode_content(pb.Content(dataMessage=message).SerializeToString())
    event = received(content)
    shape = receive_object(event, KnownPeople())["envelope"]["dataMessage"]
    return shape, event_text(event, KnownPeople())


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_told(name: str) -> None:
    bare, filled = pb.DataMessage(timestamp=1), pb.DataMessage(timestamp=1)
    fill_field(filled, FIELDS[name], random.Random(name))
    if name == "bodyRanges":
        bare.body = filled.body = "a text"
    before, after = told(bare), told(filled)
    assert (before[0] != after[0]) == (name not in NOT_IN_JSON), after[0]
    assert (before[1] != after[1]) == (name not in NOT_IN_TEXT), after[1]
