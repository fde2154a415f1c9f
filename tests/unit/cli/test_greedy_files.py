"""Where ``-a FILE …`` ends: at a recipient, and behind a file that exists at an alias or contact."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.golden.cases import SEND_MESSAGE, SENT
from tests.unit.cli.golden.stage import Case, Stage

SENDS = {SEND_MESSAGE: SENT}


@pytest.fixture
def stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Stage:
    stage = Stage.set(tmp_path, monkeypatch, capfd)
    (tmp_path / "small.txt").write_text("x")
    config = tmp_path / "config" / "sigcli"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('[aliases]\nops = "+15550101"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return stage


@pytest.mark.parametrize("name", ["ops", "Contact 0", "contact 1"])
def test_behind_a_file_that_exists_an_alias_or_contact_is_a_recipient(
    stage: Stage, name: str
) -> None:
    played = stage.play(Case(("send", "-m", "t", "-a", "small.txt", name), answers=SENDS))
    assert f"recipients=['{name}']" in played
    assert "attachments=['small.txt']" in played
    assert played.endswith("exit 0\n")


def test_every_name_behind_the_first_is_one_too(stage: Stage) -> None:
    words = ("send", "-m", "t", "-a", "small.txt", "small.txt", "ops", "Contact 0", "--strict")
    played = stage.play(Case(words, answers=SENDS))
    assert "recipients=['ops', 'Contact 0']" in played
    assert "attachments=['small.txt', 'small.txt']" in played


def test_a_file_of_that_name_stays_a_file(stage: Stage) -> None:
    (stage.folder / "ops").write_text("x")
    words = ("send", "-m", "t", "-a", "small.txt", "ops", "--", "+15550101")
    assert "attachments=['small.txt', 'ops']" in stage.play(Case(words, answers=SENDS))


def test_the_first_value_is_taken_for_a_file_whatever_it_is(stage: Stage) -> None:
    played = stage.play(Case(("send", "-m", "t", "-a", "ops"), answers=SENDS))
    assert "No recipients given" in played
    assert "'ops' came after -a and was taken for a file" in played
    assert played.endswith("exit 1\n")


def test_a_name_that_nobody_has_is_a_file_that_is_missing(stage: Stage) -> None:
    words = ("send", "-m", "t", "--note-to-self", "-a", "small.txt", "opps")
    played = stage.play(Case(words))
    assert "opps cannot be read" in played
    assert "'opps' came after -a and was taken for a file" in played
    # A file that is only misspelt is explained as before.
    plain = stage.play(Case(("send", "-m", "t", "--note-to-self", "-a", "smal.txt")))
    assert "check the file" in plain


@pytest.mark.parametrize(
    "words",
    [
        ("send", "-m", "one", "--message", "two", "+15550101"),
        ("send", "-mone", "-m", "two", "+15550101"),
        ("updateGroup", "-n", "one", "--name=two"),
    ],
)
def test_a_value_that_would_get_lost_is_refused(stage: Stage, words: tuple[str, ...]) -> None:
    played = stage.play(Case(words, answers=SENDS))
    assert "is given twice" in played
    assert played.endswith("exit 1\n")


def test_in_signal_clis_place_the_last_one_counts_as_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGCLI_COMPAT", "signal-cli")
    words = ("send", "-m", "one", "-m", "two", "+15550101")
    assert "text='two'" in stage.play(Case(words, answers=SENDS))
