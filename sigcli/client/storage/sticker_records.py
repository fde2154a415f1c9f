"""Sticker packs, which the desktop app keeps in the storage service: shared of one is whether it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.storage.merging import incoming, outgoing
from sigcli.lazy_dataclass import replace
from sigcli.protocol.sticker_cipher import PACK_ID_LENGTH, PACK_KEY_LENGTH
from sigcli.store.sticker_packs import find_pack, install_pack, remove_pack
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.storage_records import StickerPackRecord

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.storage.merging import Shared
    from sigcli.store.database import Transaction
    from sigcli.store.sticker_packs import KnownPack

_STICKY = ("installed",)


def is_usable(record: StickerPackRecord) -> bool:
    """Whether a record names a pack, with its key unless it was removed."""
    has_key = len(record.pack_key) == PACK_KEY_LENGTH
    return len(record.pack_id) == PACK_ID_LENGTH and (has_key or bool(record.deleted_at_ms))


def take_pack(
    account: Account,
    transaction: Transaction,
    record: StickerPackRecord,
    last_seen: StickerPackRecord | None,
    now_ms: int,
) -> None:
    """Bring the database to a usable record that is new; what is in a pack is to be fetched."""
    pack = find_pack(transaction, record.pack_id)
    change = incoming(
        None if last_seen is None else _of_record(last_seen),
        {} if pack is None else _of_pack(pack),
        _of_record(record),
        sticky=_STICKY,
    )
    if "installed" not in change:
        return
    if not change["installed"]:
        remove_pack(transaction, record.pack_id, min(record.deleted_at_ms or now_ms, now_ms))
        return
    install_pack(transaction, record.pack_id, record.pack_key, position=record.position)
    add_task(transaction, TaskKind.STICKER_PACK_FETCH, record.pack_id, now_ms=now_ms)


def edited_pack(record: StickerPackRecord, pack: KnownPack) -> StickerPackRecord:
    """The record with what the database says differently; the same one if that is nothing."""
    edits = outgoing(_of_record(record), _of_pack(pack))
    if not edits:
        return record
    if edits["installed"]:
        return replace(record, pack_key=pack.key, position=pack.position, deleted_at_ms=0)
    return replace(record, pack_key=b"", position=0, deleted_at_ms=pack.removed_ms or 1)


def new_pack(pack: KnownPack) -> StickerPackRecord | None:
    """A record for a pack that has none; None for one that is not installed."""
    return edited_pack(StickerPackRecord(pack_id=pack.id), pack) if pack.installed else None


def _of_record(record: StickerPackRecord) -> Shared:
    return {"installed": bool(record.pack_key) and not record.deleted_at_ms}


def _of_pack(pack: KnownPack) -> Shared:
    return {"installed": pack.installed}
