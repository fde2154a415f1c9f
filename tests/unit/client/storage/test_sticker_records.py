from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.storage.sticker_records import is_usable, take_pack
from sigcli.client.storage.writing import find_changes
from sigcli.store.sticker_packs import find_pack, install_pack, note_pack, remove_pack
from sigcli.store.storage_records import SeenRecord
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.key_types import StickerPackId
from sigcli.wire.storage_manifest import StorageItemType
from sigcli.wire.storage_records import (
    StickerPackRecord,
    StorageRecord,
    decode_storage_record,
    encode_storage_record,
)
from tests.unit.client.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

CATS, KEY = b"c" * 16, b"k" * 32
INSTALLED = StickerPackRecord(pack_id=StickerPackId(CATS), pack_key=KEY, position=4)
REMOVED = StickerPackRecord(pack_id=StickerPackId(CATS), deleted_at_ms=7)


def take(
    account: Account, record: StickerPackRecord, last_seen: StickerPackRecord | None = None
) -> bool | None:
    """Whether the pack is installed then, None if it is not known."""
    with account.database.transaction() as transaction:
        take_pack(account, transaction, record, last_seen, NOW_MS)
    pack = find_pack(account.database, StickerPackId(CATS))
    return None if pack is None else pack.installed


def seen(record: StickerPackRecord) -> SeenRecord:
    encoded = encode_storage_record(StorageRecord(sticker_pack=record))
    return SeenRecord(b"r" * 16, StorageItemType.STICKER_PACK, encoded)


def written(account: Account, *records: StickerPackRecord) -> list[StickerPackRecord]:
    """The packs that this device would write, where these lie in the service."""
    changes = find_changes(account, [seen(record) for record in records])
    found = [decode_storage_record(change.record or b"").sticker_pack for change in changes]
    return [record for record in found if record is not None]


def test_a_record_is_usable_with_a_key_or_as_a_removal() -> None:
    assert is_usable(INSTALLED)
    assert is_usable(REMOVED)
    assert not is_usable(StickerPackRecord(pack_id=StickerPackId(CATS)))
    assert not is_usable(StickerPackRecord(pack_id=StickerPackId(b"c"), pack_key=KEY))


def test_another_device_installs_and_removes(account: Account) -> None:
    assert take(account, REMOVED) is None
    assert take(account, INSTALLED, REMOVED) is True
    pack = find_pack(account.database, StickerPackId(CATS))
    assert pack is not None
    assert (pack.key, pack.position) == (KEY, 4)
    assert count_tasks(account.database, TaskKind.STICKER_PACK_FETCH) == 1
    assert written(account, INSTALLED) == []
    assert take(account, REMOVED, INSTALLED) is False
    pack = find_pack(account.database, StickerPackId(CATS))
    assert pack is not None
    assert pack.removed_ms == 7
    assert written(account, REMOVED) == []
    for removed_ms in (1 << 63, 0):
        assert take(account, INSTALLED, REMOVED) is True
        record = StickerPackRecord(
            pack_id=StickerPackId(CATS), pack_key=KEY, deleted_at_ms=removed_ms
        )
        assert take(account, record, INSTALLED) is bool(not removed_ms)


def test_an_edit_of_this_device_is_written(account: Account) -> None:
    database = account.database
    with database.transaction() as transaction:
        note_pack(transaction, StickerPackId(CATS), KEY)
    assert written(account) == []  # known, not installed
    with database.transaction() as transaction:
        install_pack(transaction, StickerPackId(CATS), KEY)
    assert written(account) == [StickerPackRecord(pack_id=StickerPackId(CATS), pack_key=KEY)]
    assert written(account, REMOVED) == [
        StickerPackRecord(pack_id=StickerPackId(CATS), pack_key=KEY)
    ]
    assert take(account, REMOVED) is True  # never seen before: it does not undo what was done here
    with database.transaction() as transaction:
        remove_pack(transaction, StickerPackId(CATS), NOW_MS)
    assert written(account) == []
    assert written(account, INSTALLED) == [
        StickerPackRecord(pack_id=StickerPackId(CATS), deleted_at_ms=NOW_MS)
    ]
    assert take(account, INSTALLED, INSTALLED) is False


def test_what_has_no_meaning_here_is_carried_along(account: Account) -> None:
    with account.database.transaction() as database:
        note_pack(database, StickerPackId(CATS), KEY)
    assert written(account, StickerPackRecord(pack_id=StickerPackId(CATS), pack_key=b"short")) == []
    assert written(account, StickerPackRecord(pack_id=StickerPackId(b"d" * 16), pack_key=KEY)) == []
