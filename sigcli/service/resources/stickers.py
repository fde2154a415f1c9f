"""Sticker packs at the service: permissions to upload one, and where its files are on CDN 0.

Source: ``StickerController`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import MalformedAnswer
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import Request
from sigcli.service.resources.post_forms import read_post_form
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.service.chat import IdentifiedChat
    from sigcli.service.resources.post_forms import PostForm

CDN = 0
_PACK_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class PackForms:
    """Permission to upload one pack: its id, a form for its manifest and one for each picture."""

    pack_id: bytes
    manifest: PostForm = field(repr=False)
    stickers: tuple[PostForm, ...] = field(repr=False)
    """By the stickers' numbers, from 0."""


def request_upload(chat: IdentifiedChat, count: int) -> PackForms:
    """Request an upload of a pack with this many pictures (1 to 201); raises RateLimited."""
    response = chat.request(Request("GET", f"/v1/sticker/pack/form/{count}"))
    body = JsonObject.from_response(require_success(response, "accept a sticker pack"))
    forms = {form.integer("id"): read_post_form(form) for form in body.objects("stickers")}
    if sorted(forms) != list(range(count)):
        raise MalformedAnswer("the service did not give an upload form for each sticker")
    return PackForms(
        _pack_id(body.text("packId")),
        read_post_form(body.object("manifest")),
        tuple(forms[number] for number in range(count)),
    )


def manifest_path(pack_id: bytes) -> str:
    """The path of a pack's manifest on CDN 0."""
    return f"/stickers/{pack_id.hex()}/manifest.proto"


def sticker_path(pack_id: bytes, sticker_id: int) -> str:
    """The path of a pack's picture on CDN 0."""
    return f"/stickers/{pack_id.hex()}/full/{sticker_id}"


def _pack_id(text: str) -> bytes:
    try:
        pack_id = bytes.fromhex(text)
    except ValueError:
        pack_id = b""
    if len(pack_id) != _PACK_ID_LENGTH:
        raise MalformedAnswer("the answer's packId is not the id of a sticker pack")
    return pack_id
