"""What the storage service keeps for an account: a manifest, and the items that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.sandbox.database import Database

MANIFEST_KIND = "storage-manifest"


def clear_items(database: Database, account: str) -> None:
    """Delete an account's items."""
    database.execute("DELETE FROM storage_items WHERE account = ?", (account,))


def delete_stored(database: Database, account: str) -> None:
    """Delete an account's items and its manifest."""
    clear_items(database, account)
    database.delete(MANIFEST_KIND, account)
