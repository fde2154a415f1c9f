"""A look into the account that the command under test keeps, and small changes to it between two runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sigcli.store.accounts import DataDirectory
from sigcli.store.database import Transaction
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.mock_server import MockPrimary
from tests.support.sigcli_process import Sigcli

_T = TypeVar("_T")


def in_store(sigcli: Sigcli, action: Callable[[Transaction], _T]) -> _T:
    """Does something with the database of the only account, in one transaction."""
    directory = DataDirectory(sigcli.data_dir)
    with (
        directory.open_database(directory.choose(None)) as database,
        database.transaction() as transaction,
    ):
        return action(transaction)


def know(sigcli: Sigcli, primary: MockPrimary, *, accepted: bool = True) -> None:
    """Lets the store know somebody's ids and profile key, as a contact sync does; they are no stranger then."""

    def learn(database: Transaction) -> None:
        row = resolve_recipient(
            database,
            aci=ServiceId.parse(primary.aci),
            pni=ServiceId.parse(primary.pni) if primary.pni else None,
            number=primary.device.number,
        ).id
        set_profile_key(database, row, ProfileKeyBytes(primary.profile_key))
        if accepted:
            update_recipient(database, row, is_contact=True, profile_sharing=True)

    in_store(sigcli, learn)


def account_folders(sigcli: Sigcli) -> list[Path]:
    """Every folder in the data directory, unfinished ones too."""
    if not sigcli.data_dir.exists():
        return []
    return sorted(path for path in sigcli.data_dir.iterdir() if path.is_dir())


def database_path(sigcli: Sigcli) -> Path:
    """The database of the only account."""
    (path,) = sigcli.data_dir.glob("*/account.db")
    return path
