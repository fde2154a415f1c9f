"""The packs that the user has: installed and removed here, and so on the account's other devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.sticker_fetching import PackFiles, require_pack
from sigcli.client.sending.sync_sending import tell_other_devices
from sigcli.store.sticker_packs import KnownPack, install_pack, remove_pack
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import StickerPackOperationType, SyncStickerPackOperation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.account.stickers.links import PackLink
    from sigcli.client.base.account import Account
    from sigcli.wire.key_types import StickerPackId


def install_packs(account: Account, links: Sequence[PackLink]) -> None:
    """Install packs and tell the other devices; all are fetched whole before any is installed.

    Opens transactions of its own. Raises StickerPackUnavailable, ServiceError.
    """
    packs = list({link.pack_id: KnownPack(link.pack_id, link.pack_key) for link in links}.values())
    with PackFiles(account) as files:
        for pack in packs:
            files.fetch_all(pack)
    note_installed(account, packs)


def remove_packs(account: Account, pack_ids: Sequence[StickerPackId]) -> None:
    """Remove packs from those of the user, and tell the other devices; they stay known.

    Opens transactions of its own. Raises UnknownStickerPack before any is removed.
    """
    packs = [require_pack(account, pack_id) for pack_id in dict.fromkeys(pack_ids)]
    now_ms = account.now_ms()
    with account.database.transaction() as database:
        for pack in packs:
            remove_pack(database, pack.id, now_ms)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=now_ms)
    _tell_other_devices(account, packs, StickerPackOperationType.REMOVE)


def note_installed(account: Account, packs: Sequence[KnownPack]) -> None:
    """Make packs whose files are here the user's, and tell the other devices; opens transactions."""
    with account.database.transaction() as database:
        for pack in packs:
            install_pack(database, pack.id, pack.key)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    _tell_other_devices(account, packs, StickerPackOperationType.INSTALL)


def _tell_other_devices(
    account: Account, packs: Sequence[KnownPack], operation: StickerPackOperationType
) -> None:
    operations = tuple(
        SyncStickerPackOperation(pack_id=pack.id, pack_key=pack.key, type=operation)
        for pack in packs
    )
    message = SyncMessage(sticker_pack_operations=operations)
    tell_other_devices(account, message, "of this change to the sticker packs")
