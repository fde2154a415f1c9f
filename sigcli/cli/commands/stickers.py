"""``sigcli listStickerPacks``, ``addStickerPack``, ``removeStickerPack``, ``uploadStickerPack`` and ``getSticker``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.commands.attachments import print_data
from sigcli.cli.opening import editing, opened
from sigcli.errors import UsageError


def list_sticker_packs(ctx: typer.Context) -> None:
    """List the sticker packs that are installed, or known from messages; needs neither network nor lock."""
    from sigcli.client.account.stickers.listing import list_packs

    with opened(ctx.obj) as account:
        packs = list_packs(account)
    if ctx.obj.json:
        terminal.print_json([pack.as_json() for pack in packs])
        return
    for pack in packs:
        manifest = pack.manifest
        terminal.print_line(
            f"Pack {pack.link.pack_id.hex()}: “{terminal.neutral_line(manifest.title)}”"
            f" by “{terminal.neutral_line(manifest.author)}”"
            f" has {len(manifest.stickers)} stickers. {pack.link.url}"
        )


def add_sticker_pack(
    ctx: typer.Context,
    uris: Annotated[
        list[str] | None,
        typer.Option(
            "--uri",
            metavar="LINK",
            help="https://signal.art/addstickers/#pack_id=…&pack_key=…",
        ),
    ] = None,
) -> None:
    """Install sticker packs by their links, here and on the other own devices."""
    if not uris:
        raise UsageError("give the link of a sticker pack with --uri")
    from sigcli.client.account.stickers.installing import install_packs
    from sigcli.client.account.stickers.links import parse_pack_link

    links = [parse_pack_link(uri) for uri in uris]
    with editing(ctx.obj) as account:
        install_packs(account, links)


def remove_sticker_pack(
    ctx: typer.Context,
    pack_ids: Annotated[
        list[str] | None, typer.Option("--pack-id", metavar="HEX", help="packs, by their ids")
    ] = None,
) -> None:
    """Remove sticker packs from those that are installed, here and on the other own devices."""
    if not pack_ids:
        raise UsageError("give the id of a sticker pack with --pack-id")
    from sigcli.client.account.stickers.installing import remove_packs
    from sigcli.client.account.stickers.links import parse_pack_id

    ids = [parse_pack_id(text) for text in pack_ids]
    with editing(ctx.obj) as account:
        remove_packs(account, ids)


def upload_sticker_pack(
    ctx: typer.Context,
    path: Annotated[
        str, typer.Argument(help="a manifest.json, the folder around it, or a zip archive")
    ],
) -> None:
    """Upload a sticker pack, install it, and print the link that others add it with.

    Whoever has the link sees the pack. It cannot be changed or taken back.
    """
    from sigcli.client.account.stickers.uploading import upload_pack

    with editing(ctx.obj) as account:
        link = upload_pack(account, path)
    if ctx.obj.json:
        terminal.print_json({"url": link.url})
    else:
        terminal.print_line(link.url)


def get_sticker(
    ctx: typer.Context,
    pack_id: Annotated[str, typer.Option("--pack-id", metavar="HEX", help="a pack, by its id")],
    sticker_id: Annotated[
        int, typer.Option("--sticker-id", min=0, help="a sticker of it, by its number")
    ],
) -> None:
    """Print the picture of a sticker in base64; one that is not here is fetched."""
    from sigcli.client.account.stickers.links import parse_pack_id
    from sigcli.client.people.sticker_fetching import sticker_picture

    id = parse_pack_id(pack_id)
    with opened(ctx.obj) as account:
        picture = sticker_picture(account, id, sticker_id)
    print_data(picture, as_json=ctx.obj.json)


COMMANDS = {
    "listStickerPacks": list_sticker_packs,
    "addStickerPack": add_sticker_pack,
    "removeStickerPack": remove_sticker_pack,
    "uploadStickerPack": upload_sticker_pack,
    "getSticker": get_sticker,
}
