"""Uploading a pack: every file encrypted with the pack's key and laid at CDN 0 by a form of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.stickers.installing import note_installed
from sigcli.client.account.stickers.links import PackLink
from sigcli.client.account.stickers.pack_sources import read_pack
from sigcli.client.people.sticker_manifests import save_manifest
from sigcli.errors import InvalidStickerPack
from sigcli.protocol.limits import MAX_STICKER_MANIFEST_BYTES
from sigcli.protocol.sticker_cipher import encrypt_pack_file, encrypted_size, generate_pack_key
from sigcli.service.cdn import Cdn
from sigcli.service.resources.stickers import request_upload
from sigcli.store.sticker_packs import KnownPack
from sigcli.wire.key_types import StickerPackId
from sigcli.wire.stickers import PackSticker, StickerPack, encode_sticker_pack

if TYPE_CHECKING:
    from sigcli.client.account.stickers.pack_sources import PackSource, PictureSource
    from sigcli.client.base.account import Account


def upload_pack(account: Account, path: str) -> PackLink:
    """Upload a pack, install it here and on the account's other devices, and give the link that others add it with.

    Opens transactions of its own. Raises FileUnreadable, AttachmentRefused and InvalidStickerPack before
    anything is uploaded; RateLimited and other ServiceErrors.
    """
    source = read_pack(account, path)
    manifest, pictures = _numbered(source)
    serialised = encode_sticker_pack(manifest)
    if encrypted_size(len(serialised)) > MAX_STICKER_MANIFEST_BYTES:
        raise InvalidStickerPack("title, author and emojis are longer than the service accepts")
    key = generate_pack_key(account.random)
    forms = request_upload(account.identified, len(pictures))
    with Cdn(account.network) as cdn:
        for form, picture in zip(forms.stickers, pictures, strict=True):
            cdn.post_form(form, encrypt_pack_file(key, picture.content, account.random))
        # Last, so that nobody finds a pack without its pictures.
        cdn.post_form(forms.manifest, encrypt_pack_file(key, serialised, account.random))
    pack = KnownPack(StickerPackId(forms.pack_id), key)
    for number, picture in enumerate(pictures):
        account.files.write_sticker(pack.id, number, [picture.content])
    save_manifest(account.files, pack.id, manifest)
    note_installed(account, [pack])
    return PackLink(pack.id, pack.key)


def _numbered(source: PackSource) -> tuple[StickerPack, list[PictureSource]]:
    """The manifest, and the pictures by the numbers that it gives them."""
    pictures = [*source.stickers, *((source.cover,) if source.cover is not None else ())]
    entries = [
        PackSticker(id=number, emoji=picture.emoji, content_type=picture.content_type)
        for number, picture in enumerate(pictures)
    ]
    count = len(source.stickers)
    cover = entries[count] if source.cover is not None else entries[0]
    manifest = StickerPack(
        title=source.title, author=source.author, cover=cover, stickers=tuple(entries[:count])
    )
    return manifest, pictures
