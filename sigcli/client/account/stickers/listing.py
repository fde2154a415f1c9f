"""The packs that are known, and what is in them as far as that is known: needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.stickers.links import PackLink
from sigcli.client.people.sticker_manifests import load_manifest
from sigcli.lazy_dataclass import dataclass
from sigcli.store import sticker_packs
from sigcli.wire.stickers import StickerPack

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@dataclass(frozen=True, slots=True)
class ListedPack:
    """A pack; of one whose manifest is not here yet title, author and stickers are empty."""

    link: PackLink
    installed: bool
    manifest: StickerPack


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
