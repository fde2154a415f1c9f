from __future__ import annotations

import io
import sys

import pytest

from sigcli.cli.pin_input import given_pin
from sigcli.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pin_on_the_command_line_is_taken_as_it_is() -> None:
    assert given_pin("correct horse") == "correct horse"


@pytest.mark.parametrize("word", ["-", None])
def test_a_pin_comes_from_stdin(monkeypatch: pytest.MonkeyPatch, word: str | None) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" 12 34 \r\nmore\n"))
    assert given_pin(word) == " 12 34 "


def test_a_terminal_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    answers = iter(["1357", "1357", "1357", "1358"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert given_pin(None) == "1357"
    with pytest.raises(UsageError, match="differ"):
        given_pin(None)


@pytest.mark.parametrize("text", ["", "\n", "  \n", "\udcff\udcfe\n"])
def test_nothing_and_bytes_that_are_no_text_are_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(UsageError):
        given_pin("-")
