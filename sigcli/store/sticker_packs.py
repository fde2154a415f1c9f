"""Sticker packs: the key of each that is known, and whether the user has installed it.

What is in a pack stands in its manifest among the account's files.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.database import Database, Row, Transaction
    from sigcli.wire.key_types import StickerPackId

_COLUMNS = "pack_id, pack_key, installed, position, removed_ms"


@dataclass(frozen=True, slots=True)
class KnownPack:
    """A pack by its id (16 bytes), with its key (32 bytes); ``removed_ms``: when it was last removed, if it was."""

    id: StickerPackId
    key: bytes = field(repr=False)
    installed: bool = False
    position: int = 0
    removed_ms: int | None = None


def find_pack(database: Database, pack_id: StickerPackId) -> KnownPack | None:
    """The pack with this id."""
    row = database.row(
        f"SELECT {_COLUMNS} FROM sticker_pack WHERE pack_id = ?",  # noqa: S608
        (pack_id,),
    )
    return None if row is None else _pack(row)


def list_packs(database: Database) -> list[KnownPack]:
    """All packs in the order in which they became known."""
    rows = database.rows(f"SELECT {_COLUMNS} FROM sticker_pack ORDER BY id")  # noqa: S608
    return [_pack(row) for row in rows]


def note_pack(database: Transaction, pack_id: StickerPackId, pack_key: bytes) -> bool:
    """Remember a pack; a known one keeps its key. Gives whether it was new."""
    return bool(
        database.write(
            "INSERT OR IGNORE INTO sticker_pack (pack_id, pack_key) VALUES (?, ?)",
            (pack_id, pack_key),
        )
    )


def install_pack(
    database: Transaction, pack_id: StickerPackId, pack_key: bytes, *, position: int | None = None
) -> None:
    """Make a pack one of the user's with this key; without a position behind those that are."""
    note_pack(database, pack_id, pack_key)
    if position is None:
        position = _next_position(database, pack_id)
    database.write(
        "UPDATE sticker_pack SET pack_key = ?, installed = 1, removed_ms = NULL, position = ? "
        "WHERE pack_id = ?",
        (pack_key, position, pack_id),
    )


def remove_pack(database: Transaction, pack_id: StickerPackId, now_ms: int) -> None:
    """Make an installed pack one that is merely known."""
    database.write(
        "UPDATE sticker_pack SET installed = 0, position = 0, removed_ms = ? "
        "WHERE pack_id = ? AND installed",
        (now_ms, pack_id),
    )


def forget_pack(database: Transaction, pack: KnownPack) -> None:
    """Know nothing of a pack that is not installed: its key was wrong, or it is gone."""
    database.write(
        "DELETE FROM sticker_pack WHERE pack_id = ? AND pack_key = ? AND NOT installed",
        (pack.id, pack.key),
    )


def _next_position(database: Database, pack_id: StickerPackId) -> int:
    """Where an installed pack is, or behind all that are."""
    row = database.row(
        "SELECT coalesce((SELECT position FROM sticker_pack WHERE pack_id = ? AND installed), "
        "(SELECT max(position) + 1 FROM sticker_pack WHERE installed), 0)",
        (pack_id,),
    )
    return 0 if row is None else int(row[0])


def _pack(row: Row) -> KnownPack:
    pack_id, pack_key, installed, position, removed_ms = row
    return KnownPack(pack_id, pack_key, bool(installed), position, removed_ms)
