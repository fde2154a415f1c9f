"""Sticker packs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.routes.declaring import Family

if TYPE_CHECKING:
    from sigcli.daemon.routes.call import Call

routes = Family("Stickers")


class PackBody(TypedDict):
    """A pack and its key, in hexadecimal."""

    pack_id: str
    pack_key: str


@routes.add("GET", "/v1/sticker-packs/{number}", answer=list[shapes.StickerPack])
def packs(call: Call) -> list[dict[str, Any]]:
    """List the sticker packs that are installed or known."""
    return [
        {
            "pack_id": one["packId"],
            "url": one["url"],
            "installed": one["installed"],
            "title": shapes.text(one["title"]),
            "author": shapes.text(one["author"]),
        }
        for one in call.run("listStickerPacks")
    ]


@routes.add("POST", "/v1/sticker-packs/{number}", body=PackBody, status=201)
def add_pack(call: Call) -> None:
    """Install a sticker pack."""
    from urllib.parse import quote

    pack_id, pack_key = quote(call.body["pack_id"], safe=""), quote(call.body["pack_key"], safe="")
    call.run(
        "addStickerPack",
        uri=[f"https://signal.art/addstickers/#pack_id={pack_id}&pack_key={pack_key}"],
    )
