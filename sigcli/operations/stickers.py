"""``listStickerPacks``, ``addStickerPack``, ``removeStickerPack``, ``uploadStickerPack`` and ``getSticker``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES, Many, Operation, argument, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.file_output import GivesFile
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.data import Data
from sigcli.operations.shapes.sticker_packs import PackUploaded, StickerPacks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class ListStickerPacks(Operation):
    """List the sticker packs that are installed, or known from messages; needs neither network nor lock."""

    def run(self, account: Account) -> StickerPacks:
        from sigcli.client.account.stickers.listing import list_packs

        return StickerPacks(list_packs(account))


@operation
class AddStickerPack(Operation):
    """Install sticker packs by their links, here and on your other devices."""

    uris: Many[str] = option(
        "--uri",
        default=(),
        metavar="LINK",
        help="https://signal.art/addstickers/#pack_id=…&pack_key=…",
    )

    def check(self) -> None:
        if not self.uris:
            raise UsageError("give the link of a sticker pack with --uri")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.stickers.installing import install_packs
        from sigcli.client.account.stickers.links import parse_pack_link

        links = [parse_pack_link(uri) for uri in self.uris]
        with editing(account):
            install_packs(account, links)
        return Nothing()


@operation
class RemoveStickerPack(Operation):
    """Remove sticker packs from those that are installed, here and on your other devices."""

    pack_ids: Many[str] = option("--pack-id", default=(), metavar="HEX", help="packs, by their ids")

    def check(self) -> None:
        if not self.pack_ids:
            raise UsageError("give the id of a sticker pack with --pack-id")

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.stickers.installing import remove_packs
        from sigcli.client.account.stickers.links import parse_pack_id

        ids = [parse_pack_id(text) for text in self.pack_ids]
        with editing(account):
            remove_packs(account, ids)
        return Nothing()


@operation
class UploadStickerPack(Operation):
    """Upload a sticker pack, install it, and print the link that others add it with.

    Everybody with the link sees the pack. It cannot be changed or taken back.
    """

    path: str = argument(
        completes=FILES,
        reads_path=True,
        help="a manifest.json, the folder around it, or a zip archive",
    )

    def run(self, account: Account) -> PackUploaded:
        from sigcli.client.account.stickers.uploading import upload_pack

        with editing(account):
            link = upload_pack(account, self.path)
        return PackUploaded(link)


@operation
class GetSticker(GivesFile):
    """Print the picture of a sticker in base64; one that is not here is fetched."""

    pack_id: str = option("--pack-id", metavar="HEX", help="a pack, by its id")
    sticker_id: int = option("--sticker-id", minimum=0, help="a sticker of it, by its number")

    def run(self, account: Account) -> Data:
        from sigcli.client.account.stickers.links import parse_pack_id
        from sigcli.client.people.sticker_fetching import sticker_picture

        return Data(sticker_picture(account, parse_pack_id(self.pack_id), self.sticker_id))
