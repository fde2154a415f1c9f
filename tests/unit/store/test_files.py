from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.durations import DAY_MS
from sigcli.errors import NoSuchFile, StorageUnwritable
from sigcli.store.content_types import extension_for
from sigcli.store.files import AccountFiles, attachment_name
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from pathlib import Path

ALICE = ServiceId.aci(UUID(int=10))


@given(st.text(max_size=50), st.binary(max_size=32), st.none() | st.text(max_size=50))
def test_a_stranger_chooses_no_part_of_a_name(
    place: str, digest: bytes, content_type: str | None
) -> None:
    name = attachment_name(place, digest, content_type)
    stem, extension = os.path.splitext(name)
    assert len(stem) == 32
    assert set(stem) <= set("0123456789abcdef")
    assert extension == extension_for(content_type)


def test_a_name_stands_for_one_place_and_one_digest() -> None:
    name = attachment_name("3:key", b"digest", "image/jpeg; x=1")
    assert name == attachment_name("3:key", b"digest", "IMAGE/JPEG")
    assert name.endswith(".jpg")
    others = {attachment_name("3:keyd", b"igest", None), attachment_name("3:key", b"other", None)}
    assert len({name.partition(".")[0], *others}) == 3
    assert extension_for("application/x-msdownload") == ""
    assert extension_for("../../x") == ""


def test_attachments_are_written_listed_and_removed(tmp_path: Path) -> None:
    files = AccountFiles(tmp_path)
    assert list(files.list_attachments()) == []
    with files.attachment_writer("abc.jpg") as writer:
        writer.write(b"picture")
        assert files.find_attachment("abc.jpg") is None  # not before it is whole
    assert files.attachment_path("abc.jpg") == str(tmp_path / "attachments" / "abc.jpg")
    assert [entry[:2] for entry in files.list_attachments()] == [("abc.jpg", 7)]
    files.remove_attachment("abc.jpg")
    with pytest.raises(NoSuchFile):
        files.attachment_path("abc.jpg")


def test_an_attachment_that_a_killed_process_left_half_written_goes_after_a_day(
    tmp_path: Path,
) -> None:
    files = AccountFiles(tmp_path)
    with files.attachment_writer("abc.jpg") as writer:
        (half_written,) = (tmp_path / "attachments").rglob(".new-*")
        os.link(half_written, kept := half_written.with_name(".new-left"))
        writer.write(b"picture")
    now_ms = int(kept.stat().st_mtime * 1000)
    files.clean_up(now_ms + DAY_MS - 60_000)
    assert kept.exists()
    files.clean_up(now_ms + DAY_MS + 60_000)
    assert not kept.exists()
    assert [entry[0] for entry in files.list_attachments()] == ["abc.jpg"]


def test_a_copy_of_the_database_that_a_killed_backup_left_goes_after_a_day(tmp_path: Path) -> None:
    (copy := tmp_path / ".new-copy").write_bytes(b"keys")
    (database := tmp_path / "account.db").write_bytes(b"")
    now_ms = int(copy.stat().st_mtime * 1000)
    AccountFiles(tmp_path).clean_up(now_ms + DAY_MS - 60_000)
    assert copy.exists()
    AccountFiles(tmp_path).clean_up(now_ms + DAY_MS + 60_000)
    assert not copy.exists()
    assert database.exists()


def test_what_cannot_be_deleted_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = AccountFiles(tmp_path)
    with files.attachment_writer("abc.jpg") as writer:
        writer.write(b"picture")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StorageUnwritable):
        files.remove_attachment("abc.jpg")
    with pytest.raises(StorageUnwritable):
        files.prune_attachments(2**53, 0)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../account.db", "a/b", ".new-1", "a\0b", "a.b.c", "a\n", "/etc/passwd"]
)
def test_what_is_no_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "account.db").write_bytes(b"")
    files = AccountFiles(tmp_path)
    assert files.find_attachment(name) is None
    with pytest.raises(NoSuchFile):
        files.attachment_writer(name)


def test_a_link_is_no_attachment(tmp_path: Path) -> None:
    (tmp_path / "account.db").write_bytes(b"")
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / "link").symlink_to(tmp_path / "account.db")
    assert AccountFiles(tmp_path).find_attachment("link") is None


def test_avatars_and_stickers_have_their_places(tmp_path: Path) -> None:
    files = AccountFiles(tmp_path)
    files.write_profile_avatar(ALICE, [b"p"])
    files.write_contact_avatar(ALICE, [b"c"])
    files.write_group_avatar(b"g" * 32, [b"g"])
    files.write_sticker(b"k" * 16, 7, [b"s"])
    files.write_sticker_manifest(b"k" * 16, b"{}")
    found = [
        files.profile_avatar(ALICE),
        files.contact_avatar(ALICE),
        files.group_avatar(b"g" * 32),
        files.sticker(b"k" * 16, 7),
        files.sticker_manifest(b"k" * 16),
    ]
    contents = []
    for path in found:
        assert path is not None
        with open(path, "rb") as file:
            contents.append(file.read())
    assert contents == [b"p", b"c", b"g", b"s", b"{}"]
    files.write_profile_avatar(ALICE, None)
    files.write_profile_avatar(ALICE, None)
    assert files.profile_avatar(ALICE) is None
    assert files.contact_avatar(ALICE) is not None
