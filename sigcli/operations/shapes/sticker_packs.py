"""Sticker packs as signal-cli lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account.stickers.links import PackLink
    from sigcli.client.account.stickers.listing import ListedPack
    from sigcli.wire.stickers import PackSticker


class StickerShape(TypedDict):
    """A sticker of a pack."""

    id: int
    emoji: str
    contentType: str | None


class StickerPackShape(TypedDict):
    """A pack; of one whose manifest is not here yet title, author and stickers are empty."""

    packId: str
    url: str
    installed: bool
    title: str
    author: str
    cover: StickerShape | None
    stickers: list[StickerShape]


class PackLinkShape(TypedDict):
    """The link that others add a pack with."""

    url: str


@dataclass(frozen=True, slots=True)
class StickerPacks(Result):
    """The packs that are installed or known."""

    packs: Sequence[ListedPack]

    def to_json(self) -> list[StickerPackShape]:
        return [pack_shape(pack) for pack in self.packs]


@dataclass(frozen=True, slots=True)
class PackUploaded(Result):
    """A new pack."""

    link: PackLink

    def to_json(self) -> PackLinkShape:
        return {"url": self.link.url}


def pack_shape(listed: ListedPack) -> StickerPackShape:
    """The element of ``listStickerPacks``."""
    pack = listed.manifest
    return {
        "packId": listed.link.pack_id.hex(),
        "url": listed.link.url,
        "installed": listed.installed,
        "title": pack.title,
        "author": pack.author,
        "cover": None if pack.cover is None else _sticker(pack.cover),
        "stickers": [_sticker(sticker) for sticker in pack.stickers],
    }


def _sticker(sticker: PackSticker) -> StickerShape:
    return {
        "id": sticker.id,
        "emoji": sticker.emoji,
        "contentType": sticker.content_type or None,
    }
