"""The packs that are known, and what is in them as far as that is known: needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.client.account.stickers.links import PackLink
from sigcli.client.people.sticker_manifests import load_manifest
from sigcli.store import sticker_packs
from sigcli.values import dataclass
from sigcli.wire.stickers import StickerPack

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.stickers import PackSticker


@dataclass(frozen=True, slots=True)
class ListedPack:
    """A pack; of one whose manifest is not here yet title, author and stickers are empty."""

    link: PackLink
    installed: bool
    manifest: StickerPack

    def as_json(self) -> dict[str, Any]:
        """As signal-cli's listStickerPacks."""
        pack = self.manifest
        return {
            "packId": self.link.pack_id.hex(),
            "url": self.link.url,
            "installed": self.installed,
            "title": pack.title,
            "author": pack.author,
            "cover": None if pack.cover is None else _sticker_json(pack.cover),
            "stickers": [_sticker_json(sticker) for sticker in pack.stickers],
        }


def list_packs(account: Account) -> list[ListedPack]:
    """All packs that are known, in the order in which they became so."""
    return [
        ListedPack(
            PackLink(pack.id, pack.key),
            pack.installed,
            load_manifest(account.files, pack.id) or StickerPack(),
        )
        for pack in sticker_packs.list_packs(account.database)
    ]


def _sticker_json(sticker: PackSticker) -> dict[str, Any]:
    return {
        "id": sticker.id,
        "emoji": sticker.emoji,
        "contentType": sticker.content_type or None,
    }
