from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.client.account.stickers.pack_sources import PackSource, PictureSource, read_pack
from sigcli.errors import AttachmentRefused, FileUnreadable, InvalidStickerPack

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.client.base.account import Account

PNG = b"\x89PNG\r\n\x1a\n"
WEBP = b"RIFF\x00\x00\x00\x00WEBP"
STICKERS: list[Any] = [{"file": "a.png", "emoji": "🐈"}, {"file": "b.webp"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "a.png").write_bytes(PNG)
    (folder / "b.webp").write_bytes(WEBP)
    return folder


def write_manifest(folder: Path, **shape: Any) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps(shape))
    return path


def zipped(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.iterdir():
            file.write(path, path.name)
    return archive


def test_a_manifest_its_folder_and_an_archive_are_the_same_pack(
    account: Account, folder: Path
) -> None:
    manifest = write_manifest(
        folder, title="Cats", author="Ada", cover={"file": "b.webp"}, stickers=STICKERS
    )
    pack = PackSource(
        "Cats",
        "Ada",
        (PictureSource(PNG, "image/png", "🐈"), PictureSource(WEBP, "image/webp")),
        PictureSource(WEBP, "image/webp"),
    )
    for path in (manifest, folder, zipped(folder)):
        assert read_pack(account, str(path)) == pack


@pytest.mark.parametrize(("named", "taken"), [("image/apng", "image/apng"), ("x/y", "image/png")])
def test_the_manifest_may_name_the_kind_of_picture(
    account: Account, folder: Path, named: str, taken: str
) -> None:
    write_manifest(folder, stickers=[{"file": "a.png", "contentType": named}])
    assert read_pack(account, str(folder)).stickers[0].content_type == taken


def test_title_author_and_cover_may_be_left_out(account: Account, folder: Path) -> None:
    write_manifest(folder, stickers=STICKERS[:1])
    assert read_pack(account, str(folder)) == PackSource(
        "", "", (PictureSource(PNG, "image/png", "🐈"),)
    )


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ({}, "names no stickers"),
        ({"stickers": []}, "names no stickers"),
        ({"stickers": STICKERS[:1] * 201}, "at most 200 stickers, not 201"),
        ({"stickers": ["a.png"]}, "sticker 0 is not a JSON object"),
        ({"stickers": [{}]}, "sticker 0 names no file"),
        ({"stickers": [*STICKERS, {"file": "c.png"}]}, "no file c.png"),
        ({"stickers": [{"file": 7}]}, "file of sticker 0 is not a text"),
        ({"stickers": STICKERS, "title": "\ud800"}, "title of manifest.json is not a text"),
        ({"stickers": STICKERS, "cover": {"file": "manifest.json"}}, "not a picture"),
        ({"stickers": STICKERS, "cover": {"file": "large.png"}}, "larger than 300 KiB"),
    ],
)
def test_what_is_wrong_is_said(
    account: Account, folder: Path, shape: dict[str, Any], complaint: str
) -> None:
    (folder / "large.png").write_bytes(PNG + bytes(301 * 1024 - len(PNG)))
    write_manifest(folder, **shape)
    for path in (folder, zipped(folder)):
        with pytest.raises(InvalidStickerPack, match=complaint):
            read_pack(account, str(path))


def test_nothing_outside_of_the_folder_is_taken(account: Account, folder: Path) -> None:
    outside = folder.parent / "secret.png"
    outside.write_bytes(PNG)
    (folder / "link.png").symlink_to(outside)
    for name in ("../secret.png", str(outside), "link.png"):
        write_manifest(folder, stickers=[{"file": name}])
        with pytest.raises(InvalidStickerPack, match="does not lie in the folder"):
            read_pack(account, str(folder))


def test_what_is_no_pack(account: Account, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidStickerPack, match=r"no file manifest\.json"):
        read_pack(account, str(folder))
    with pytest.raises(InvalidStickerPack, match="neither"):
        read_pack(account, str(folder / "a.png"))
    with pytest.raises(FileUnreadable):
        read_pack(account, str(tmp_path / "nowhere"))
    (folder / "manifest.json").write_text("[")
    with pytest.raises(InvalidStickerPack, match="not JSON"):
        read_pack(account, str(folder))
    with pytest.raises(AttachmentRefused):
        read_pack(account, f"{account.files.folder}/account.db")
