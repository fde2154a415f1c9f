"""An account that goes on as a new device: what belonged to the former one is forgotten, the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store import account_data
from sigcli.store.prekeys import delete_all_prekeys
from sigcli.store.record_cache import cache_of
from sigcli.store.sender_keys import delete_sender_keys_of
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId

_OF_THE_DEVICE = (
    account_data.LAST_ACCOUNT_CHECK_MS,
    account_data.LAST_ATTRIBUTES_MS,
    account_data.LAST_PREKEY_CHECK_MS,
    account_data.SENDER_CERTIFICATE,
    account_data.SENDER_CERTIFICATE_EXPIRES_MS,
    account_data.SENDER_CERTIFICATE_WITH_NUMBER,
    account_data.SENDER_CERTIFICATE_WITH_NUMBER_EXPIRES_MS,
)


def forget_former_device(database: Transaction, aci: ServiceId) -> None:
    """Forget every session, this device's sender keys and all prekeys.

    People, their identity keys and sender keys, messages and settings stay: groups go on.
    """
    database.write("DELETE FROM session")
    cache_of(database, "session").clear()
    delete_sender_keys_of(database, aci)
    database.write("DELETE FROM sender_key_shared")
    for own in ServiceIdKind:
        delete_all_prekeys(database, own)
    database.write_many(
        "DELETE FROM key_value WHERE key = ?", ((setting.name,) for setting in _OF_THE_DEVICE)
    )
