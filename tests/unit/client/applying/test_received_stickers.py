from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.client.account.stickers.listing import list_packs
from sigcli.client.people.sticker_manifests import load_manifest, save_manifest
from sigcli.operations.shapes.sticker_packs import pack_shape
from sigcli.store.recipients import update_recipient
from sigcli.store.sticker_packs import KnownPack, find_pack, install_pack
from sigcli.store.sticker_packs import list_packs as stored_packs
from sigcli.store.tasks import TaskKind
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.content.message_parts import Sticker
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import StickerPackOperationType, SyncStickerPackOperation
from sigcli.wire.key_types import StickerPackId
from sigcli.wire.stickers import PackSticker, StickerPack
from tests.unit.client.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CATS, DOGS = b"c" * 16, b"d" * 16
KEY = b"k" * 32
INSTALL, REMOVE = StickerPackOperationType.INSTALL, StickerPackOperationType.REMOVE


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def sticker(pack_id: bytes = CATS, pack_key: bytes = KEY) -> Content:
    return Content(
        data_message=DataMessage(
            timestamp_ms=1,
            sticker=Sticker(pack_id=StickerPackId(pack_id), pack_key=pack_key, sticker_id=0),
        )
    )


def operations(*given: tuple[bytes, bytes | None, StickerPackOperationType]) -> Content:
    return Content(
        sync_message=SyncMessage(
            sticker_pack_operations=tuple(
                SyncStickerPackOperation(pack_id=StickerPackId(pack_id), pack_key=key, type=type)
                for pack_id, key, type in given
            )
        )
    )


def accept(world: World) -> None:
    with world.database.transaction() as database:
        update_recipient(database, world.person().id, profile_sharing=True)


def test_a_friends_sticker_makes_its_pack_known(world: World) -> None:
    peer = world.peer()
    world.take(peer.sealed(sticker()))
    assert stored_packs(world.database) == []  # a stranger's
    accept(world)
    world.take(peer.sealed(sticker()), peer.sealed(sticker(DOGS, b"short")))
    assert stored_packs(world.database) == [KnownPack(StickerPackId(CATS), KEY)]
    task = world.task(TaskKind.STICKER_PACK_FETCH)
    assert task is not None
    assert task.target == CATS


def test_the_own_devices_install_and_remove(world: World) -> None:
    phone = world.own_phone()
    world.take(
        phone.plain(operations((CATS, KEY, INSTALL), (DOGS, None, INSTALL), (b"x", KEY, INSTALL)))
    )
    assert stored_packs(world.database) == [KnownPack(StickerPackId(CATS), KEY, installed=True)]
    world.take(phone.plain(operations((CATS, None, REMOVE), (DOGS, KEY, REMOVE))))
    (pack,) = stored_packs(world.database)
    assert not pack.installed
    # Known by now, so that the key need not be told.
    world.take(phone.plain(operations((CATS, None, INSTALL))))
    (pack,) = stored_packs(world.database)
    assert pack.installed


def test_what_a_pack_holds_is_listed_once_it_is_known(world: World) -> None:
    with world.database.transaction() as database:
        install_pack(database, StickerPackId(CATS), KEY)
    (listed,) = list_packs(world.account)
    assert (pack_shape(listed)["title"], pack_shape(listed)["stickers"]) == ("", [])
    cover = PackSticker(id=0, emoji="🐈", content_type="image/webp")
    manifest = StickerPack(
        title="Cats", author="Ada", cover=cover, stickers=(cover, PackSticker(id=7))
    )
    files = world.account.files
    save_manifest(files, StickerPackId(CATS), manifest)
    assert load_manifest(files, StickerPackId(CATS)) == manifest
    (listed,) = list_packs(world.account)
    assert pack_shape(listed) == {
        "packId": CATS.hex(),
        "url": f"https://signal.art/addstickers/#pack_id={CATS.hex()}&pack_key={KEY.hex()}",
        "installed": True,
        "title": "Cats",
        "author": "Ada",
        "cover": {"id": 0, "emoji": "🐈", "contentType": "image/webp"},
        "stickers": [
            {"id": 0, "emoji": "🐈", "contentType": "image/webp"},
            {"id": 7, "emoji": "", "contentType": None},
        ],
    }
    for damaged in (b"[]", b"{", b"\xff", b'{"title": 1, "author": 2}'):
        files.write_sticker_manifest(CATS, damaged)
        assert load_manifest(files, StickerPackId(CATS)) is None
    assert find_pack(world.database, StickerPackId(CATS)) is not None
