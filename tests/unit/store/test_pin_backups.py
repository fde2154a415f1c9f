from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.errors import DatabaseDamaged
from sigcli.store.pin_backups import (
    BackupState,
    PinBackup,
    forget_pin_backups,
    note_pin_backup,
    pin_backups,
)
from sigcli.store.settings import Setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Database

ONE, OTHER = b"\x01" * 32, b"\x02" * 32


def test_what_each_enclave_keeps_is_remembered(database: Database) -> None:
    assert pin_backups(database) == {}
    sent, exposed = (PinBackup(state, b"m" * 16) for state in list(BackupState)[:2])
    with database.transaction() as transaction:
        note_pin_backup(transaction, ONE, sent)
        note_pin_backup(transaction, OTHER, PinBackup(BackupState.DELETED))
        note_pin_backup(transaction, ONE, exposed)
    assert pin_backups(database) == {ONE: exposed, OTHER: PinBackup(BackupState.DELETED)}
    assert "mmm" not in repr(exposed)
    with database.transaction() as transaction:
        forget_pin_backups(transaction)
    assert pin_backups(database) == {}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "1", '{"zz": ["sent", ""]}', '{"01": ["lent", ""]}', '{"01": 1}', '{"01": []}'],
)
def test_a_list_that_makes_no_sense_is_named(database: Database, text: str) -> None:
    with database.transaction() as transaction:
        write_setting(transaction, Setting("pin_backups", str), text)
    with pytest.raises(DatabaseDamaged):
        pin_backups(database)
