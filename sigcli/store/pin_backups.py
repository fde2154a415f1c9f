"""What each enclave of PIN recovery keeps of the account, as far as this machine knows.

A backup is sent once and exposed after that; between the two a crash must not have it sent again, since every backup
gives new tries.
"""

from __future__ import annotations

import enum
import json
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import DatabaseDamaged
from sigcli.lazy_dataclass import dataclass
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

_PIN_BACKUPS = Setting("pin_backups", str)


class BackupState(enum.Enum):
    """How far a backup has come."""

    SENT = "sent"
    """It cannot be read yet."""
    EXPOSED = "exposed"
    REFUSED = "refused"
    """It was sent, and is not there: lost, or destroyed by somebody's guesses."""
    DELETED = "deleted"
    """The enclave keeps nothing."""


@dataclass(frozen=True, slots=True)
class PinBackup:
    """What an enclave keeps; ``mark`` (16 bytes) tells PINs and keys apart without saying what they are."""

    state: BackupState
    mark: bytes = field(default=b"", repr=False)


def pin_backups(database: Database) -> dict[bytes, PinBackup]:
    """By the enclave's measurement; nothing is known of one that is not named. Raises DatabaseDamaged."""
    text = read_setting(database, _PIN_BACKUPS)
    try:
        return {
            bytes.fromhex(enclave): PinBackup(BackupState(state), bytes.fromhex(mark))
            for enclave, (state, mark) in json.loads(text or "{}").items()
        }
    except (ValueError, TypeError, AttributeError):
        raise DatabaseDamaged("the account's list of PIN backups cannot be read") from None


def note_pin_backup(database: Transaction, enclave: bytes, backup: PinBackup) -> None:
    """Remember what an enclave keeps now."""
    backups = pin_backups(database) | {enclave: backup}
    text = json.dumps(
        {name.hex(): [backup.state.value, backup.mark.hex()] for name, backup in backups.items()}
    )
    write_setting(database, _PIN_BACKUPS, text)


def forget_pin_backups(database: Transaction) -> None:
    """Forget what is known of all enclaves."""
    write_setting(database, _PIN_BACKUPS, None)
