"""``-O FILE`` of what gives the contents of a file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sigcli.cli import file_output
from sigcli.errors import FileUnwritable
from sigcli.operations.declaring import load
from sigcli.operations.shapes.data import Data
from sigcli.operations.table import OPERATIONS
from tests.unit.cli.golden.stage import Case, Stage

CONTENT = Data(b"\x89PNG\r\n\x00")


def test_the_file_has_the_bytes_and_nothing_else_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    assert file_output.write(CONTENT, str(path), as_json=False) == 0
    assert path.read_bytes() == CONTENT.data
    assert list(tmp_path.iterdir()) == [path]
    assert capsys.readouterr() == ("", "")
    file_output.write(CONTENT, str(path), as_json=True)
    assert capsys.readouterr().out == f'{{"file":"{path}","size":{len(CONTENT.data)}}}\n'


def test_a_link_is_followed_and_a_device_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    file_output.write(CONTENT, str(tmp_path / "link"), as_json=False)
    assert (tmp_path / "target").read_bytes() == CONTENT.data
    assert (tmp_path / "link").is_symlink()
    file_output.write(CONTENT, "/dev/null", as_json=False)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_standard_output_gets_them_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    file_output.write(CONTENT, "-", as_json=False)
    assert capfdbinary.readouterr().out == CONTENT.data


@pytest.mark.parametrize("name", ["no/such/folder/x", "", "a\0b", "."])
def test_what_cannot_be_written_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileUnwritable):
        file_output.write(CONTENT, name, as_json=False)
    assert list(tmp_path.iterdir()) == []


def test_an_attachment_goes_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stage = Stage.set(tmp_path, monkeypatch, capfd)
    (tmp_path / "stored.bin").write_bytes(CONTENT.data)
    answers = {"applying.stored_attachments:attachment_path": str(tmp_path / "stored.bin")}
    played = stage.play(Case(("getAttachment", "--id", "x", "-O", "out.png"), answers=answers))
    assert (tmp_path / "out.png").read_bytes() == CONTENT.data
    assert "out " not in played.replace("out.png", "")
    assert played.endswith("exit 0\n")
    words = ("--json", "getAttachment", "--id", "x", "-O", "no/folder/out.png")
    assert '"code": "fileUnwritable"' in stage.play(Case(words, answers=answers))


def test_everything_that_gives_a_file_takes_the_option() -> None:
    giving = set()
    for name, entry in OPERATIONS.items():
        if entry.programs and "-O" in {s for one in load(name).parameters for s in one.spellings}:
            giving.add(name)
    assert giving == {"getAttachment", "getAvatar", "getSticker"}
