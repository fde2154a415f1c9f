"""A database copied while commands run, and what a copy must forget before it goes on as the account itself."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from sigcli.store import account_data
from sigcli.store.adopting import NEVER_MS
from sigcli.store.connecting import named_error
from sigcli.store.private_files import create_private_file
from sigcli.store.record_cache import cache_of
from sigcli.store.send_log import clear_send_log
from sigcli.store.sender_keys import delete_sender_keys_of
from sigcli.store.sessions import make_sessions_receive_only
from sigcli.store.storage_records import forget_seen
from sigcli.store.tasks import release_claims
from sigcli.store.timestamps import note_message_timestamp

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction
    from sigcli.wire.addresses import ServiceId

_UNUSED_IDS = 1_000_000
_FORGOTTEN = (
    account_data.DIRECTORY_TOKEN,
    account_data.DIRECTORY_NUMBERS,
    account_data.DIRECTORY_PAUSE_UNTIL_MS,
    account_data.SENDER_CERTIFICATE,
    account_data.SENDER_CERTIFICATE_EXPIRES_MS,
    account_data.SENDER_CERTIFICATE_WITH_NUMBER,
    account_data.SENDER_CERTIFICATE_WITH_NUMBER_EXPIRES_MS,
    account_data.LAST_ACCOUNT_CHECK_MS,
    account_data.LAST_ATTRIBUTES_MS,
    account_data.LAST_PREKEY_CHECK_MS,
    account_data.LAST_CONTACT_MS,
    account_data.VERIFICATION_SESSION,
    account_data.VERIFICATION_SESSION_NUMBER,
    account_data.PENDING_NUMBER_CHANGE,
)


def copy_database(database: Database, target: str) -> None:
    """Copy everything as it is at one moment into a new file; raises DiskFull or StorageUnwritable."""
    os.close(create_private_file(target))
    source = None
    try:
        # A connection of its own: the copy is one read transaction, in which nobody else has to wait.
        source = sqlite3.connect(f"file:{_quoted(database.path)}?mode=rw", uri=True)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise named_error(error, target, 0.0) from error
    finally:
        if source is not None:
            source.close()


def begin_anew(transaction: Transaction, aci: ServiceId, now_ms: int) -> None:
    """Forget what may have gone on elsewhere since the copy was made.

    Messages to come begin new sessions and sender keys; those that are under way are read with the old ones as far as
    they go, else asked for again. Prekeys stay for first messages that are under way, and are soon replaced.
    """
    make_sessions_receive_only(transaction)
    delete_sender_keys_of(transaction, aci)
    cache_of(transaction, "sender_key").clear()
    transaction.write("DELETE FROM sender_key_shared")
    clear_send_log(transaction)
    note_message_timestamp(transaction, now_ms)
    transaction.write("DELETE FROM receiver_lease")
    transaction.write("DELETE FROM watcher")
    transaction.write("DELETE FROM challenge")
    transaction.write("DELETE FROM group_credential")
    transaction.write(
        "UPDATE signal_group SET combined_endorsement = NULL, endorsements_expire_s = 0"
    )
    transaction.write("UPDATE group_person SET endorsement = NULL")
    transaction.write("UPDATE recipient SET profile_key_credential = NULL")
    for table in ("prekey", "signed_prekey", "kyber_prekey"):
        # Names of the three tables: the service may have handed them out, or taken others in their stead.
        transaction.write(f"UPDATE {table} SET uploaded_ms = ?", (NEVER_MS,))  # noqa: S608
    forget_seen(transaction)
    transaction.write_many(
        "DELETE FROM key_value WHERE key = ?", ((setting.name,) for setting in _FORGOTTEN)
    )
    # Ids that were given out since must not return with other messages.
    transaction.write(
        "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'inbox'", (_UNUSED_IDS,)
    )
    release_claims(transaction)


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
