"""A pack to upload: ``manifest.json`` and the pictures that it names, in a folder or a zip archive.

Format: signal-cli's, ``{"title", "author", "cover"?, "stickers": [{"file", "emoji"?, "contentType"?}, …]}``, the cover
as a sticker. What is uploaded can be read by everybody who has the link: only pictures beside the manifest are taken.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.client.content.file_signatures import content_type_of
from sigcli.errors import AttachmentRefused, FileUnreadable, InvalidStickerPack
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_PACK_FILES, MAX_STICKER_BYTES
from sigcli.protocol.sticker_cipher import encrypted_size

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

MANIFEST = "manifest.json"
_PICTURES = "image/"
_MAX_MANIFEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PictureSource:
    """A picture of the pack: what it looks like, the emoji that it stands for, and its bytes."""

    content: bytes = field(repr=False)
    content_type: str
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class PackSource:
    """Everything that a pack consists of; without a cover its first sticker stands for it."""

    title: str
    author: str
    stickers: tuple[PictureSource, ...]
    cover: PictureSource | None = None


def read_pack(account: Account, path: str) -> PackSource:
    """Read a ``manifest.json``, the folder around one, or a zip archive of it, with all its pictures.

    Raises FileUnreadable, AttachmentRefused for a file of the data directory, and InvalidStickerPack, which says what
    is wrong.
    """
    if account.settings.data_directory.is_secret(path):
        raise AttachmentRefused(f"{path} is a file of the data directory: it is not uploaded")
    with _open(path) as files:
        return _read(files)


# --- the manifest ---------------------------------------------------------------------------------


def _read(files: _Files) -> PackSource:
    try:
        shape = json.loads(files.read(MANIFEST, _MAX_MANIFEST_BYTES))
    except (ValueError, RecursionError):
        raise InvalidStickerPack(f"{MANIFEST} is not JSON") from None
    if not isinstance(shape, dict):
        raise InvalidStickerPack(f"{MANIFEST} is not a JSON object")
    stickers = shape.get("stickers")
    if not isinstance(stickers, list) or not stickers:
        raise InvalidStickerPack(f"{MANIFEST} names no stickers")
    cover = shape.get("cover")
    if len(stickers) > MAX_PACK_FILES - 1:
        raise InvalidStickerPack(
            f"a sticker pack has at most {MAX_PACK_FILES - 1} stickers, not {len(stickers)}"
        )
    return PackSource(
        _text(shape, "title", MANIFEST),
        _text(shape, "author", MANIFEST),
        tuple(_picture(files, one, f"sticker {number}") for number, one in enumerate(stickers)),
        None if cover is None else _picture(files, cover, "the cover"),
    )


def _picture(files: _Files, shape: Any, what: str) -> PictureSource:
    if not isinstance(shape, dict):
        raise InvalidStickerPack(f"{what} is not a JSON object")
    name = _text(shape, "file", what)
    if not name:
        raise InvalidStickerPack(f"{what} names no file")
    content = files.read(name, MAX_STICKER_BYTES)
    if encrypted_size(len(content)) > MAX_STICKER_BYTES:
        raise _too_large(name)
    found, named = content_type_of(content) or "", _text(shape, "contentType", what)
    if not found.startswith(_PICTURES):
        raise InvalidStickerPack(f"{name} is not a picture: stickers are PNG, APNG or WebP files")
    content_type = named if named.startswith(_PICTURES) else found
    return PictureSource(content, content_type, _text(shape, "emoji", what))


def _text(shape: dict[str, Any], name: str, what: str) -> str:
    value = shape.get(name)
    if value is None:
        return ""
    # Half a pair of surrogates is no text either, though JSON can hold one.
    if not isinstance(value, str) or value.encode(errors="replace").decode() != value:
        raise InvalidStickerPack(f"{name} of {what} is not a text")
    return value


def _too_large(name: str) -> InvalidStickerPack:
    return InvalidStickerPack(f"{name} is larger than 300 KiB, the most that the service accepts")


# --- where the files are --------------------------------------------------------------------------


class _Files(ABC):
    """The manifest and the pictures, by the names that the manifest gives them."""

    @abstractmethod
    def read(self, name: str, max_bytes: int) -> bytes:
        """A whole file; raises InvalidStickerPack for one that is not there, lies elsewhere or is too large."""

    @abstractmethod
    def close(self) -> None:
        """Close what was opened."""

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Folder(_Files):
    def __init__(self, folder: str) -> None:
        self._folder = os.path.realpath(folder)

    def read(self, name: str, max_bytes: int) -> bytes:
        path = os.path.realpath(os.path.join(self._folder, name))
        # A manifest by somebody else must not publish what lies around it.
        if not path.startswith(os.path.join(self._folder, "")):
            raise InvalidStickerPack(f"{name} does not lie in the folder of {MANIFEST}")
        try:
            if not os.path.isfile(path):
                raise InvalidStickerPack(f"there is no file {name} beside {MANIFEST}")
            with open(path, "rb") as file:
                return _checked(file.read(max_bytes + 1), name, max_bytes)
        except (OSError, ValueError) as error:
            raise FileUnreadable(f"{name} cannot be read") from error

    def close(self) -> None:
        """Nothing is open."""


class _Archive(_Files):
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, name: str, max_bytes: int) -> bytes:
        try:
            with self._archive.open(name) as file:
                return _checked(file.read(max_bytes + 1), name, max_bytes)
        except KeyError:
            raise InvalidStickerPack(f"there is no file {name} in the archive") from None
        # An encrypted member raises RuntimeError, an unknown compression NotImplementedError.
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as error:
            raise InvalidStickerPack(f"{name} in the archive cannot be read") from error

    def close(self) -> None:
        self._archive.close()


def _checked(content: bytes, name: str, max_bytes: int) -> bytes:
    if len(content) > max_bytes:
        raise _too_large(name)
    return content


def _open(path: str) -> _Files:
    if os.path.isdir(path):
        return _Folder(path)
    if os.path.basename(path) == MANIFEST:
        return _Folder(os.path.dirname(path) or ".")
    try:
        if not zipfile.is_zipfile(path):
            with open(path, "rb"):
                raise InvalidStickerPack(
                    f"{path} is neither a {MANIFEST}, nor the folder of one, nor a zip archive"
                )
        return _Archive(zipfile.ZipFile(path))
    except zipfile.BadZipFile as error:
        raise InvalidStickerPack(f"{path} is a damaged archive") from error
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"{path} cannot be read") from error
