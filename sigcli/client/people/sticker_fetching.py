"""What packs hold: their manifests and pictures, from the account's files, else from CDN 0."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.people.sticker_manifests import find_sticker, load_manifest, save_manifest
from sigcli.errors import (
    MalformedAnswer,
    NoSuchSticker,
    NotFound,
    ProtocolError,
    StickerPackUnavailable,
    UnknownStickerPack,
)
from sigcli.protocol.limits import MAX_PACK_FILES
from sigcli.protocol.sticker_cipher import decrypt_pack_file
from sigcli.service.cdn import Cdn
from sigcli.service.resources.stickers import CDN, manifest_path, sticker_path
from sigcli.store.sticker_packs import find_pack
from sigcli.wire.stickers import decode_sticker_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.store.sticker_packs import KnownPack
    from sigcli.wire.key_types import StickerPackId
    from sigcli.wire.stickers import PackSticker, StickerPack

MAX_BYTES = 1024 * 1024
"""More than the service takes, as other clients."""


def require_pack(account: Account, pack_id: StickerPackId) -> KnownPack:
    """A pack that is known; raises UnknownStickerPack."""
    pack = find_pack(account.database, pack_id)
    if pack is None:
        raise UnknownStickerPack
    return pack


def sticker_picture(account: Account, pack_id: StickerPackId, sticker_id: int) -> bytes:
    """The picture of a sticker of a known pack, fetched if it is not here.

    Raises UnknownStickerPack, NoSuchSticker, StickerPackUnavailable, ServiceError.
    """
    pack = require_pack(account, pack_id)
    with PackFiles(account) as files:
        return files.picture(pack, files.sticker(pack, sticker_id))


class PackFiles:
    """Reads and fetches the files of packs; a context manager that closes its connections.

    ``sleep`` waits between attempts.
    """

    def __init__(self, account: Account, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._account = account
        self._sleep = sleep
        self._cdn: Cdn | None = None

    def __enter__(self) -> PackFiles:
        return self

    def __exit__(self, *_: object) -> None:
        if self._cdn is not None:
            self._cdn.close()

    def manifest(self, pack: KnownPack, *, anew: bool = False) -> StickerPack:
        """What a pack consists of, fetched ``anew`` even if it is here; raises StickerPackUnavailable, ServiceError."""
        files = self._account.files
        manifest = None if anew else load_manifest(files, pack.id)
        if manifest is None:
            serialised = self._fetch(pack, manifest_path(pack.id))
            try:
                manifest = decode_sticker_pack(serialised)
            except ProtocolError as error:
                raise StickerPackUnavailable("the sticker pack's manifest is damaged") from error
            if len(manifest.stickers) > MAX_PACK_FILES:
                raise StickerPackUnavailable("the sticker pack has more stickers than one may have")
            save_manifest(files, pack.id, manifest)
        return manifest

    def sticker(self, pack: KnownPack, sticker_id: int) -> PackSticker:
        """The sticker with this number; raises NoSuchSticker, StickerPackUnavailable, ServiceError."""
        sticker = find_sticker(self.manifest(pack), sticker_id)
        if sticker is None:
            raise NoSuchSticker
        return sticker

    def picture(self, pack: KnownPack, sticker: PackSticker) -> bytes:
        """The picture of a sticker; raises StickerPackUnavailable, ServiceError."""
        path = self._account.files.sticker(pack.id, sticker.id)
        if path is not None:
            try:
                with open(path, "rb") as file:
                    return file.read()
            except OSError:
                pass  # removed meanwhile: it can be fetched again
        picture = self._fetch(pack, sticker_path(pack.id, sticker.id))
        if not picture:
            raise StickerPackUnavailable("the sticker's picture is empty")
        self._account.files.write_sticker(pack.id, sticker.id, [picture])
        return picture

    def fetch_all(self, pack: KnownPack) -> StickerPack:
        """Fetch the manifest and every picture that is not here; raises StickerPackUnavailable, ServiceError."""
        known = find_pack(self._account.database, pack.id)
        # What is here does not show that another key opens the pack as well.
        manifest = self.manifest(pack, anew=known is not None and known.key != pack.key)
        covers = () if manifest.cover is None else (manifest.cover,)
        wanted = {sticker.id: sticker for sticker in (*manifest.stickers, *covers)}
        for sticker in wanted.values():
            self.picture(pack, sticker)
        return manifest

    def _fetch(self, pack: KnownPack, path: str) -> bytes:
        if self._cdn is None:
            self._cdn = Cdn(self._account.network, sleep=self._sleep)
        try:
            blob = b"".join(self._cdn.chunks(CDN, path, limit=MAX_BYTES))
            return decrypt_pack_file(pack.key, blob)
        except (NotFound, ProtocolError) as error:
            raise StickerPackUnavailable from error
        except MalformedAnswer as error:
            raise StickerPackUnavailable("a file of the sticker pack is too large") from error
