"""The line that shows progress."""

from __future__ import annotations

import io

import pytest

from sigcli.cli import presentation, progress, terminal
from sigcli.cli.opening import settings
from sigcli.cli.options import GlobalOptions
from sigcli.cli.progress import ProgressLine, progress_text
from sigcli.client.base.progress import ReportedReader
from tests.support.screens import left_on_screen


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(columns: int = 80) -> tuple[ProgressLine, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return ProgressLine(stream, columns, clock), stream, clock


def test_what_is_soon_done_shows_nothing() -> None:
    line, stream, clock = shown()
    line("sending a", 0, 100)
    clock.now = 0.4
    line("sending a", 100, 100)
    line("sending a", None, 100)
    assert stream.getvalue() == ""


def test_ctrl_c_right_after_the_writing_leaves_nothing() -> None:
    class Interrupted(io.StringIO):
        def flush(self) -> None:
            if "%" in self.getvalue() and not self.getvalue().endswith("\r"):
                raise KeyboardInterrupt

    stream, clock = Interrupted(), Clock()
    line = ProgressLine(stream, 80, clock)
    line("sending a.png", 0, 100)
    clock.now = 0.5
    with pytest.raises(KeyboardInterrupt):
        line("sending a.png", 42, 100)
    line.clear()
    assert left_on_screen(stream.getvalue()) == [""]


def test_a_line_is_written_over_and_goes() -> None:
    line, stream, clock = shown()
    line("sending a.png", 0, 1_200_000)
    clock.now = 0.5
    line("sending a.png", 504_000, 1_200_000)
    assert left_on_screen(stream.getvalue()) == ["sending a.png: 42 % of 1.2 MB"]
    clock.now = 0.6
    line("sending a.png", 600_000, 1_200_000)
    assert stream.getvalue().count("%") == 1  # not more often than anybody can read
    clock.now = 0.8
    line("sending a.png", 1_200_000, 1_200_000)
    assert left_on_screen(stream.getvalue()) == ["sending a.png: 100 % of 1.2 MB"]
    line("sending a.png", None, 0)
    assert left_on_screen(stream.getvalue()) == [""]
    assert "\x1b" not in stream.getvalue()


def test_it_is_no_wider_than_the_terminal_and_harmless() -> None:
    line, stream, clock = shown(20)
    line("fetching \x1b[31m" + "x" * 90, 0, 10)
    clock.now = 1
    line("fetching \x1b[31m" + "x" * 90, 5, 10)
    assert left_on_screen(stream.getvalue()) == ["fetching \\x1b[31mxx"]
    line("fetching", None, 0)


def test_what_is_said_meanwhile_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sigcli.cli.surroundings import here

    clock = Clock()
    line = ProgressLine(here().stderr, 80, clock)
    line("receiving", 1, 0)
    clock.now = 1
    line("receiving", 1200, 0)
    terminal.warn("look")
    printed = capsys.readouterr().err
    first, said = printed.split("sigcli: warning")
    assert "receiving: 1,200" in first
    assert left_on_screen(first) == [""]
    assert said == ": look\n"
    assert id(here().stderr) not in terminal._PROGRESS


@pytest.mark.parametrize(
    ("is_terminal", "term", "quiet", "is_shown"),
    [
        (True, "xterm", False, True),
        (False, "xterm", False, False),
        (True, "dumb", False, False),
        (True, "xterm", True, False),
    ],
)
def test_only_who_can_see_it_gets_one(
    is_terminal: bool, term: str, quiet: bool, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presentation, "_is_terminal", lambda stream: is_terminal)
    monkeypatch.setenv("TERM", term)
    presentation.settle_presentation(quiet=quiet, colours=None)
    assert (progress.progress_line() is not None) == is_shown
    presentation.settle_presentation(quiet=None, colours=None)
    assert settings(GlobalOptions()).progress is None  # of a test stderr is no terminal


def test_what_is_read_is_told() -> None:
    told: list[tuple[str, int | None, int]] = []
    reader = ReportedReader(io.BytesIO(b"abcdef"), "x", 6, lambda *facts: told.append(facts))
    assert reader.read(4) == b"abcd"
    assert reader.seek(2) == reader.tell() == 2
    assert reader.read() == b"cdef"
    assert told == [("x", 4, 6), ("x", 6, 6)]


def test_words() -> None:
    assert progress_text("x", 1, 3) == "x: 33 % of 3 bytes"
    assert progress_text("x", 1234, 0) == "x: 1,234"
