"""What reaches the terminal."""

from __future__ import annotations

import json

import pytest

from sigcli.cli import terminal
from sigcli.errors import UsageError


def test_escape_sequences_become_visible() -> None:
    assert terminal.neutral("\x1b[2Jred\x9b1m\u202etxt\x07") == "\\x1b[2Jred\\x9b1m\\u202etxt\\x07"
    assert terminal.neutral("a\tb\nc é 😀") == "a\tb\nc é 😀"
    assert terminal.neutral_line("a\nb") == "a\\nb"


def test_json_of_an_unpaired_surrogate_can_be_written() -> None:
    line = terminal.json_line({"body": "é\ud800"})
    line.encode()
    assert json.loads(line) == {"body": "é\ud800"}


def test_an_error_is_a_sentence_a_hint_and_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.report(UsageError("no recipients", hint="name one"), as_json=True)
    out, err = capsys.readouterr()
    assert out == ""
    *talk, last = err.splitlines()
    assert talk == ["sigcli: error: no recipients", "sigcli: hint: name one"]
    assert json.loads(last) == {
        "error": {"code": "usage", "message": "no recipients", "hint": "name one", "exitCode": 1}
    }


def test_times_are_printed_as_milliseconds_and_utc() -> None:
    assert terminal.timestamp_text(1700000000123) == "1700000000123 (2023-11-14T22:13:20.123Z)"
    assert terminal.timestamp_text(2**62) == str(2**62)
