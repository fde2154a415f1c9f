"""The classes of generated modules, made when they are asked for, by either implementation of the protobuf library."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

USE = """
from sigcli.wire.generated import signal_service_pb2 as pb

made = "DataMessage" in vars(pb)
of_a_field = type(pb.Content(dataMessage={{"body": "hello"}}).dataMessage)
assert of_a_field is pb.DataMessage
assert pb.DataMessage is pb.DataMessage
assert type(pb.DataMessage(quote={{"id": 5}}).quote) is pb.DataMessage.Quote
assert pb.DataMessage.FromString(pb.DataMessage(body="hello").SerializeToString()).body == "hello"
assert not hasattr(pb, "Nonsense")
assert made is {made}
"""


@pytest.mark.parametrize(("implementation", "made"), [("upb", False), ("python", True)])
def test_a_class_is_there_once_it_is_asked_for(implementation: str, made: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", USE.format(made=made)],
        env={**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
