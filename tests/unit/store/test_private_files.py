from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import StorageUnwritable
from sigcli.store.private_files import (
    PrivateWriter,
    make_private_folder,
    remove_temporaries,
    write_private_file,
)
from tests.unit.store.children import Child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_folders_are_created_private_and_existing_ones_left(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        make_private_folder(str(tmp_path / "a" / "b"))
        write_private_file(str(tmp_path / "a" / "file"), [b"one ", b"two"])
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("", "a", "a/b", "a/file")]
    assert modes == [0o755, 0o700, 0o700, 0o600]
    assert (tmp_path / "a" / "file").read_bytes() == b"one two"


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise ZeroDivisionError

    path = tmp_path / "file"
    assert write_private_file(str(path), [b"old"]) == 3
    with pytest.raises(ZeroDivisionError):
        write_private_file(str(path), chunks())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_errors_of_the_file_system_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnwritable):
        make_private_folder(str(tmp_path / "file" / "folder"))
    with pytest.raises(StorageUnwritable):
        write_private_file(str(tmp_path / "missing" / "file"), [b""])
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageUnwritable):
        write_private_file(str(tmp_path / "folder"), [b""])
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_link_in_the_way_is_replaced_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"untouched")
    link.symlink_to(target)
    write_private_file(str(link), [b"new"])
    assert target.read_bytes() == b"untouched"
    assert not link.is_symlink()


_WRITE = """
from sigcli.store.private_files import PrivateWriter
with PrivateWriter(arguments[0]) as writer:
    writer.write(b"new")
    say("half")
    wait()
"""


def test_a_kill_leaves_the_old_content_and_a_rest_that_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with Child(_WRITE, path) as child:
        assert child.hear() == "half"
        child.kill()
    assert path.read_bytes() == b"old"
    now_ms = int(path.stat().st_mtime * 1000)
    assert remove_temporaries(str(tmp_path), now_ms) == 0
    assert remove_temporaries(str(tmp_path), now_ms + 25 * 3600 * 1000) == 1
    assert os.listdir(tmp_path) == ["file"]


def test_the_writer_counts(tmp_path: Path) -> None:
    with PrivateWriter(str(tmp_path / "file")) as writer:
        writer.write(b"abc")
        writer.write(b"")
        assert writer.length == 3
    assert (tmp_path / "file").read_bytes() == b"abc"
