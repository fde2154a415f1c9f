"""How a run shows things: quietly, in colours, how wide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sigcli.cli import presentation, terminal
from sigcli.cli.app import main
from sigcli.cli.top_level_help import top_level_help
from sigcli.client.account.groups.updating import GroupOutcome
from sigcli.store.recipient_values import Contact, Profile, Recipient
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.cli.golden.cases import (
    GROUP_ID,
    PARTLY,
    SEND_MESSAGE,
    SENT,
    kind,
)
from tests.unit.cli.golden.stage import Case, Stage


@pytest.fixture
def stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Stage:
    return Stage.set(tmp_path, monkeypatch, capfd)


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presentation, "_is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (("send", "-m", "x", "+15550101"), {SEND_MESSAGE: SENT}),
        (
            ("sendReaction", "-e", "x", "-a", "+15550101", "-t", "1", "+15550101"),
            kind("reaction"),
        ),
    ],
)
def test_a_quiet_run_prints_no_timestamp(
    stage: Stage, words: tuple[str, ...], answers: dict[str, object]
) -> None:
    assert "out  175" in stage.play(Case(words, answers=answers))
    quiet = stage.play(Case(("--quiet", *words), answers=answers))
    assert "out" not in quiet.replace("outcome", "")
    assert quiet.endswith("exit 0\n")


def test_what_went_wrong_is_said_quietly_or_not(stage: Stage) -> None:
    words = ("send", "--quiet", "-m", "x", "+15550101")
    played = stage.play(Case(words, answers={SEND_MESSAGE: PARTLY}))
    assert played.count("err  sigcli: warning") == 2
    assert "err  sigcli: error" in stage.play(Case(("--quiet", "send", "-m", "x")))


def test_json_is_printed_quietly_or_not(stage: Stage) -> None:
    words = ("--json", "--quiet", "send", "-m", "x", "+15550101")
    assert 'out  {"timestamp"' in stage.play(Case(words, answers={SEND_MESSAGE: SENT}))


def test_who_was_only_invited_is_named(stage: Stage) -> None:
    invited = (Recipient(7, None, None, "+15550102", None, Contact(), Profile()),)
    outcome = GroupOutcome(GroupIdentifier(GROUP_ID), SENT, invited=invited)
    answers = {
        "account.groups.updating:update_group": outcome,
        "storage.after_edits:hand_in_edits": None,
    }
    words = ("updateGroup", "-g", "G=", "-m", "+15550102")
    told = stage.play(Case(words, answers=answers))
    assert "warning: +15550102 is only invited so far" in told
    as_json = stage.play(Case(("--json", *words), answers=answers))
    assert (
        '"invitedMembers":[{"uuid":null,"number":"+15550102","username":null}]'
        in as_json.replace(" ", "")
    )


def test_notices_are_left_out_but_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    presentation.settle_presentation(quiet=True, colours=None)
    terminal.tell("a notice")
    terminal.warn("a warning")
    presentation.settle_presentation(quiet=None, colours=None)
    terminal.tell("told")
    assert capsys.readouterr().err == "sigcli: warning: a warning\nsigcli: told\n"


# --- colours --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("terminals")
def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert presentation.wants_colours()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not presentation.wants_colours()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not presentation.wants_colours()


@pytest.mark.usefixtures("terminals")
def test_what_is_asked_for_counts_before_what_the_terminal_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    presentation.settle_presentation(quiet=None, colours="never")
    assert not presentation.wants_colours()
    monkeypatch.setenv("NO_COLOR", "1")
    presentation.settle_presentation(quiet=None, colours="always")
    assert presentation.wants_colours()
    presentation.settle_presentation(quiet=None, colours=None)


def test_where_nobody_looks_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert not presentation.wants_colours()


# --- help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [50, 80, 120, 200])
def test_help_is_as_wide_as_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert max(map(len, top_level_help(width).splitlines()[10:])) <= max(width, 66)
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["send", "--help"]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= width
    if width >= 120:  # the longest line there is room for
        assert max(map(len, printed.splitlines())) > 80


def test_the_width_is_the_terminals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((132, 40)))
    assert presentation.width() == 132


@pytest.mark.parametrize("words", [["help", "send"], ["help", "send", "--help"]])
def test_help_of_a_command_by_its_name(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", "--help"]) == 0
    expected = capsys.readouterr().out
    assert main(words) == 0
    assert capsys.readouterr().out == expected
    assert main(["help", "sned"]) == 1
    assert "send" in capsys.readouterr().err
