"""What the command line does around an operation."""

from __future__ import annotations

import json

import pytest

from sigcli.cli import running
from sigcli.client.base.events import Person
from sigcli.client.base.outcomes import ResultType, SendOutcome, SendResult
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.sent import Sent
from sigcli.operations.table import OPERATIONS

NOBODY = Sent(
    SendOutcome(5, (SendResult(Person(number="+15550101"), ResultType.UNREGISTERED_FAILURE),))
)


def test_what_is_said_of_operations_is_said_of_real_ones() -> None:
    functions = (running._RUN_HERE, running._BEFORE_OPENING, running._WHEN_OPENED)
    for table in functions:
        assert table.keys() <= OPERATIONS.keys()
        assert all(callable(running._function(place)) for place in table.values())
    assert OPERATIONS.keys() >= running._ENDS_LIKE_INTERRUPTED | running._STOPPABLE
    assert not any(OPERATIONS[name].hand_over for name in ("setPin", "verify"))


def test_a_failure_is_told_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.present(NOBODY, as_json=True) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["results"][0]["type"] == "UNREGISTERED_FAILURE"
    assert json.loads(err.splitlines()[-1])["error"]["code"] == "unregistered"
    assert running.present(NOBODY, as_json=False) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Unregistered user" in err


@pytest.mark.parametrize("as_json", [True, False])
def test_nothing_to_tell_prints_nothing(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert running.present(Nothing(), as_json=as_json) == 0
    assert capsys.readouterr() == ("", "")
