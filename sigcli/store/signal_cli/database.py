"""signal-cli's account.db as rows of Python values: versions 27 and 28, which differ in what is fetched anyway."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sigcli.errors import SignalCliDataDamaged, SignalCliTooNew, SignalCliTooOld

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST_VERSION = 27
NEWEST_VERSION = 28
_COLUMNS: Mapping[str, str] = {
    "session": "account_id_type, address, device_id, record",
    "identity": "address, identity_key, added_timestamp, trust_level",
    "pre_key": "account_id_type, key_id, public_key, private_key, stale_timestamp",
    "signed_pre_key": "account_id_type, key_id, public_key, private_key, signature, timestamp",
    "kyber_pre_key": (
        "account_id_type, key_id, serialized, is_last_resort, stale_timestamp, timestamp"
    ),
    "sender_key": "address, device_id, distribution_id, record, created_timestamp",
    "sender_key_shared": "address, device_id, distribution_id, timestamp",
    "group_v2": (
        "group_id, master_key, distribution_id, blocked, profile_sharing, permission_denied"
    ),
    "group_v1": "group_id, name",
    "sticker": "pack_id, pack_key, installed",
    "message_send_log_content": "_id, group_id, timestamp, content, content_hint, urgent",
    "message_send_log": "content_id, address, device_id",
    "key_value": "key, value",
    "recipient": (
        "_id, number, username, aci, pni, unregistered_timestamp, discoverable, profile_key, "
        "needs_pni_signature, given_name, family_name, nick_name, nick_name_given_name, "
        "nick_name_family_name, note, color, expiration_time, expiration_time_version, mute_until, "
        "blocked, archived, profile_sharing, hidden, profile_given_name, profile_family_name, "
        "profile_about, profile_about_emoji, profile_avatar_url_path, "
        "profile_mobile_coin_address, profile_unidentified_access_mode, profile_capabilities, "
        "profile_phone_number_sharing"
    ),
}


class SignalCliDatabase:
    """A copy of a database of signal-cli; a context manager that closes it."""

    __slots__ = ("_connection",)

    def __init__(self, path: str) -> None:
        """Raises SignalCliTooOld, SignalCliTooNew or SignalCliDataDamaged."""
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row
        try:
            version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error:
            self.close()
            raise SignalCliDataDamaged from None
        if not OLDEST_VERSION <= version <= NEWEST_VERSION:
            self.close()
            raise SignalCliTooOld if version < OLDEST_VERSION else SignalCliTooNew

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def __enter__(self) -> SignalCliDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """The rows of a table, by column; raises SignalCliDataDamaged."""
        try:
            # A table and columns of the list above.
            cursor = self._connection.execute(f"SELECT {_COLUMNS[table]} FROM {table} ORDER BY _id")  # noqa: S608
            for row in cursor:
                yield dict(row)
        except sqlite3.Error:
            raise SignalCliDataDamaged from None
