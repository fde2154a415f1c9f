"""Sticker packs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import neutral_line, print_line

if TYPE_CHECKING:
    from sigcli.operations.shapes.sticker_packs import PackUploaded, StickerPacks


def show_packs(result: StickerPacks) -> None:
    """One line a pack."""
    for pack in result.packs:
        manifest = pack.manifest
        print_line(
            f"Pack {pack.link.pack_id.hex()}: “{neutral_line(manifest.title)}”"
            f" by “{neutral_line(manifest.author)}”"
            f" has {len(manifest.stickers)} stickers. {pack.link.url}"
        )


def show_uploaded_pack(result: PackUploaded) -> None:
    """The link by which others install it."""
    print_line(result.link.url)
