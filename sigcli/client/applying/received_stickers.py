"""Packs that become known by messages: noted in the message's transaction, their manifests fetched afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.protocol.sticker_cipher import PACK_ID_LENGTH, PACK_KEY_LENGTH
from sigcli.store.sticker_packs import find_pack, forget_pack, install_pack, note_pack, remove_pack
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_state import StickerPackOperationType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.wire.content.message_parts import Sticker
    from sigcli.wire.content.sync_state import SyncStickerPackOperation
    from sigcli.wire.key_types import StickerPackId


def note_sticker(database: Transaction, sticker: Sticker, now_ms: int) -> None:
    """Remember the pack of a sticker that somebody has sent."""
    if _is_pack(sticker.pack_id, sticker.pack_key):
        note_pack(database, sticker.pack_id, sticker.pack_key)
        add_task(database, TaskKind.STICKER_PACK_FETCH, sticker.pack_id, now_ms=now_ms)


def apply_operations(
    database: Transaction, operations: Iterable[SyncStickerPackOperation], now_ms: int
) -> None:
    """Install and remove packs as another linked device has done."""
    for operation in operations:
        pack_id = operation.pack_id
        known = find_pack(database, pack_id)
        if operation.type == StickerPackOperationType.REMOVE:
            remove_pack(database, pack_id, now_ms)
            continue
        key = operation.pack_key or (None if known is None else known.key)
        if key is not None and _is_pack(pack_id, key):
            install_pack(database, pack_id, key)
            add_task(database, TaskKind.STICKER_PACK_FETCH, pack_id, now_ms=now_ms)


def fetch_noted(account: Account, pack_id: StickerPackId, sleep: Callable[[float], None]) -> None:
    """Fetch the manifest of a pack; one that cannot be opened is forgotten, unless the user has installed it.

    ``sleep`` waits between attempts. Opens transactions of its own. Raises ServiceError.
    """
    from sigcli.client.people.sticker_fetching import PackFiles
    from sigcli.errors import StickerPackUnavailable

    pack = find_pack(account.database, pack_id)
    if pack is None:
        return
    try:
        with PackFiles(account, sleep=sleep) as files:
            files.manifest(pack)
    except StickerPackUnavailable:
        with account.database.transaction() as database:
            forget_pack(database, pack)


def _is_pack(pack_id: StickerPackId, pack_key: bytes) -> bool:
    return len(pack_id) == PACK_ID_LENGTH and len(pack_key) == PACK_KEY_LENGTH
