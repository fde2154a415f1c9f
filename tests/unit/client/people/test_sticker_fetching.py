from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.client.applying.received_stickers import fetch_noted
from sigcli.client.people.sticker_fetching import PackFiles, sticker_picture
from sigcli.client.people.sticker_manifests import load_manifest
from sigcli.errors import (
    NoSuchSticker,
    StickerPackUnavailable,
    UnknownStickerPack,
    Unreachable,
)
from sigcli.protocol.sticker_cipher import encrypt_pack_file
from sigcli.service.resources.stickers import manifest_path, sticker_path
from sigcli.store.sticker_packs import KnownPack, find_pack, install_pack, note_pack
from sigcli.wire.key_types import StickerPackId
from sigcli.wire.stickers import PackSticker, StickerPack, encode_sticker_pack
from tests.support.loopback_server import Answer, LoopbackServer, Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account

CATS, KEY = b"c" * 16, b"k" * 32
PACK = KnownPack(StickerPackId(CATS), KEY)
COVER = PackSticker(id=5, emoji="🐈")
MANIFEST = StickerPack(title="Cats", cover=COVER, stickers=(PackSticker(id=0),))


def at_once(_: float) -> None:
    """Wait for nothing."""


class Files:
    """What lies at CDN 0, by path, or the status for it; every access is counted."""

    def __init__(self) -> None:
        self.held: dict[str, bytes | int] = {}
        self.asked: list[str] = []

    def put(self, path: str, plaintext: bytes) -> None:
        self.held[path] = encrypt_pack_file(KEY, plaintext)

    def __call__(self, got: Received) -> Answer:
        path = got.path.removeprefix("/cdn0")
        self.asked.append(path)
        found = self.held.get(path, 404)
        return Answer(found) if isinstance(found, int) else Answer(200, found)


@pytest.fixture
def at_cdn(account: Account) -> Iterator[Files]:
    files = Files()
    files.put(manifest_path(CATS), encode_sticker_pack(MANIFEST))
    files.put(sticker_path(CATS, 0), b"picture")
    files.put(sticker_path(CATS, 5), b"cover")
    with LoopbackServer(files) as server:
        account.__dict__["environment"] = server.environment()
        yield files


def test_a_file_is_fetched_once(account: Account, at_cdn: Files) -> None:
    with account.database.transaction() as database:
        note_pack(database, StickerPackId(CATS), KEY)
    for _ in range(2):
        assert sticker_picture(account, StickerPackId(CATS), 0) == b"picture"
        assert sticker_picture(account, StickerPackId(CATS), 5) == b"cover"
    assert at_cdn.asked == [manifest_path(CATS), sticker_path(CATS, 0), sticker_path(CATS, 5)]
    with pytest.raises(NoSuchSticker):
        sticker_picture(account, StickerPackId(CATS), 1)
    with pytest.raises(UnknownStickerPack):
        sticker_picture(account, StickerPackId(b"d" * 16), 0)


def test_an_emptied_file_is_fetched_again(account: Account, at_cdn: Files) -> None:
    with account.database.transaction() as database:
        note_pack(database, StickerPackId(CATS), KEY)
    sticker_picture(account, StickerPackId(CATS), 0)
    for path in (account.files.sticker(CATS, 0), account.files.sticker_manifest(CATS)):
        assert path is not None
        open(path, "wb").close()
    assert sticker_picture(account, StickerPackId(CATS), 0) == b"picture"
    assert at_cdn.asked == [manifest_path(CATS), sticker_path(CATS, 0)] * 2
    at_cdn.put(sticker_path(CATS, 5), b"")
    with pytest.raises(StickerPackUnavailable):
        sticker_picture(account, StickerPackId(CATS), 5)


def test_a_key_that_does_not_fit_is_noticed_though_everything_is_here(
    account: Account, at_cdn: Files
) -> None:
    with account.database.transaction() as database:
        install_pack(database, StickerPackId(CATS), KEY)
    with PackFiles(account) as pack_files:
        pack_files.fetch_all(PACK)
        with pytest.raises(StickerPackUnavailable):
            pack_files.fetch_all(KnownPack(StickerPackId(CATS), b"o" * 32))


@pytest.mark.parametrize(
    "held",
    [
        404,
        403,
        b"short",
        encrypt_pack_file(KEY, b"\xff"),
        encrypt_pack_file(b"o" * 32, encode_sticker_pack(MANIFEST)),
        encrypt_pack_file(
            KEY, encode_sticker_pack(StickerPack(stickers=(PackSticker(id=0),) * 202))
        ),
    ],
    ids=["not found", "forbidden", "short", "no protobuf", "another key", "too many stickers"],
)
def test_a_pack_that_cannot_be_opened_is_forgotten_unless_it_is_installed(
    account: Account, at_cdn: Files, held: bytes | int
) -> None:
    at_cdn.held[manifest_path(CATS)] = held
    database = account.database
    with database.transaction() as transaction:
        note_pack(transaction, StickerPackId(CATS), KEY)
    fetch_noted(account, StickerPackId(CATS), at_once)
    assert find_pack(database, StickerPackId(CATS)) is None
    fetch_noted(account, StickerPackId(CATS), at_once)
    with database.transaction() as transaction:
        install_pack(transaction, StickerPackId(CATS), KEY)
    fetch_noted(account, StickerPackId(CATS), at_once)
    assert find_pack(database, StickerPackId(CATS)) is not None
    assert load_manifest(account.files, StickerPackId(CATS)) is None


def test_without_the_service_a_pack_stays(account: Account) -> None:
    with LoopbackServer() as server:
        account.__dict__["environment"] = server.environment()
    with account.database.transaction() as database:
        note_pack(database, StickerPackId(CATS), KEY)
    with pytest.raises(Unreachable):
        fetch_noted(account, StickerPackId(CATS), at_once)
    assert find_pack(account.database, StickerPackId(CATS)) is not None
