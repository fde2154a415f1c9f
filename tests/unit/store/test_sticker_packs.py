from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.sticker_packs import (
    KnownPack,
    find_pack,
    forget_pack,
    install_pack,
    list_packs,
    note_pack,
    remove_pack,
)
from sigcli.wire.key_types import StickerPackId
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database

CATS, DOGS, BIRDS = (bytes([number]) * 16 for number in (1, 2, 3))
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_noted_pack_keeps_its_key_until_one_is_installed(database: Database) -> None:
    with database.transaction() as transaction:
        assert note_pack(transaction, StickerPackId(CATS), KEY)
        assert not note_pack(transaction, StickerPackId(CATS), OTHER_KEY)
        assert find_pack(transaction, StickerPackId(CATS)) == KnownPack(StickerPackId(CATS), KEY)
        install_pack(transaction, StickerPackId(CATS), OTHER_KEY)
    assert find_pack(database, StickerPackId(CATS)) == KnownPack(
        StickerPackId(CATS), OTHER_KEY, installed=True
    )
    assert find_pack(database, StickerPackId(DOGS)) is None
    assert "kkkk" not in repr(find_pack(database, StickerPackId(CATS)))


def test_installed_packs_stand_in_their_order(database: Database) -> None:
    with database.transaction() as transaction:
        for pack_id in (CATS, DOGS, BIRDS, CATS):
            install_pack(transaction, StickerPackId(pack_id), KEY)
        remove_pack(transaction, StickerPackId(DOGS), NOW_MS)
        remove_pack(transaction, StickerPackId(DOGS), NOW_MS + 1)
    assert list_packs(database) == [
        KnownPack(StickerPackId(CATS), KEY, installed=True, position=0),
        KnownPack(StickerPackId(DOGS), KEY, removed_ms=NOW_MS),
        KnownPack(StickerPackId(BIRDS), KEY, installed=True, position=2),
    ]
    with database.transaction() as transaction:
        install_pack(transaction, StickerPackId(DOGS), KEY)
    assert find_pack(database, StickerPackId(DOGS)) == KnownPack(
        StickerPackId(DOGS), KEY, installed=True, position=3
    )


def test_only_what_is_not_installed_is_forgotten(database: Database) -> None:
    with database.transaction() as transaction:
        note_pack(transaction, StickerPackId(CATS), KEY)
        install_pack(transaction, StickerPackId(DOGS), KEY)
        forget_pack(transaction, KnownPack(StickerPackId(CATS), OTHER_KEY))
        assert len(list_packs(transaction)) == 2
        for pack in list_packs(transaction):
            forget_pack(transaction, pack)
    assert [pack.id for pack in list_packs(database)] == [DOGS]
