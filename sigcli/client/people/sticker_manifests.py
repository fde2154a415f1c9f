"""The manifests of packs as they are kept among the account's files: JSON as signal-cli keeps it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sigcli.wire.stickers import PackSticker, StickerPack

if TYPE_CHECKING:
    from sigcli.store.files import AccountFiles
    from sigcli.wire.key_types import StickerPackId


def load_manifest(files: AccountFiles, pack_id: StickerPackId) -> StickerPack | None:
    """The manifest of a pack; None if it is not here, or damaged: it is fetched again then."""
    path = files.sticker_manifest(pack_id)
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return _pack(json.load(file))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def save_manifest(files: AccountFiles, pack_id: StickerPackId, pack: StickerPack) -> None:
    """Keep the manifest of a pack; raises DiskFull or StorageUnwritable."""
    shape = {
        "title": pack.title,
        "author": pack.author,
        "cover": None if pack.cover is None else _sticker_json(pack.cover),
        "stickers": [_sticker_json(sticker) for sticker in pack.stickers],
    }
    files.write_sticker_manifest(pack_id, json.dumps(shape, ensure_ascii=False).encode())


def find_sticker(pack: StickerPack, sticker_id: int) -> PackSticker | None:
    """The sticker of a pack with this number; the cover has one as well."""
    everything = pack.stickers if pack.cover is None else (*pack.stickers, pack.cover)
    return next((sticker for sticker in everything if sticker.id == sticker_id), None)


def _sticker_json(sticker: PackSticker) -> dict[str, Any]:
    return {
        "id": sticker.id,
        "emoji": sticker.emoji,
        "file": str(sticker.id),
        "contentType": sticker.content_type or None,
    }


def _pack(shape: Any) -> StickerPack:
    cover = shape["cover"]
    return StickerPack(
        title=str(shape["title"] or ""),
        author=str(shape["author"] or ""),
        cover=None if cover is None else _sticker(cover),
        stickers=tuple(_sticker(one) for one in shape["stickers"]),
    )


def _sticker(shape: Any) -> PackSticker:
    return PackSticker(
        id=int(shape["id"]),
        emoji=str(shape["emoji"] or ""),
        content_type=str(shape["contentType"] or ""),
    )
