"""Attachments in the one folder where programs written for signal-cli look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.files import AccountFiles

if TYPE_CHECKING:
    from pathlib import Path


def write(files: AccountFiles, name: str, data: bytes = b"picture") -> None:
    with files.attachment_writer(name) as writer:
        writer.write(data)


def shared(data_dir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_dir / "attachments").iterdir()}


def test_there_is_no_such_folder_unless_it_is_asked_for(tmp_path: Path) -> None:
    files = AccountFiles(tmp_path / "account")
    write(files, "abc.jpg")
    assert not (tmp_path / "attachments").exists()


def test_what_was_there_and_what_comes_is_in_it(tmp_path: Path) -> None:
    files, other = AccountFiles(tmp_path / "account"), AccountFiles(tmp_path / "other")
    write(files, "abc.jpg", b"first")
    files.share_attachments()
    write(files, "def.png", b"second")
    write(other, "other.gif", b"third")
    expected = {"abc.jpg": b"first", "def.png": b"second", "other.gif": b"third"}
    assert shared(tmp_path) == expected
    assert (tmp_path / "attachments").stat().st_mode & 0o777 == 0o700
    moved = tmp_path.rename(tmp_path.with_name(tmp_path.name + "-moved"))
    assert shared(moved) == expected


def test_files_of_signal_cli_stay(tmp_path: Path) -> None:
    folder = tmp_path / "attachments"
    folder.mkdir()
    (folder / "abc.jpg").write_bytes(b"theirs")
    files = AccountFiles(tmp_path / "account")
    write(files, "abc.jpg")
    files.share_attachments()
    assert shared(tmp_path) == {"abc.jpg": b"theirs"}
    files.remove_attachment("abc.jpg")
    assert shared(tmp_path) == {"abc.jpg": b"theirs"}


def test_what_is_removed_goes_from_it(tmp_path: Path) -> None:
    files = AccountFiles(tmp_path / "account")
    files.share_attachments()
    for name in ("abc.jpg", "def.png"):
        write(files, name)
    files.remove_attachment("abc.jpg")
    assert set(shared(tmp_path)) == {"def.png"}
    assert len(files.prune_attachments(2**60, 1)) == 1
    assert shared(tmp_path) == {}
