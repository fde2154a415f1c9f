"""The primary device has changed the account's number: new keys for the phone number identity of this device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.errors import ProtocolError
from sigcli.protocol.prekeys import KyberPreKeyRecord, SignedPreKeyRecord
from sigcli.store import account_data
from sigcli.store import prekeys as stored
from sigcli.store.account_data import store_account_keys
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.identity_key_pair import decode_identity_key_pair

if TYPE_CHECKING:
    from sigcli.client.account import Account
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.sync_state import SyncPniChangeNumber

_PNI = ServiceIdKind.PNI


def apply_number_change(
    account: Account, change: SyncPniChangeNumber, pni: ServiceId | None, now_ms: int
) -> None:
    """Take over number, PNI and keys, in a transaction; a change that is not complete is left alone.

    ``pni`` is the new one, as the envelope states it.
    """
    if pni is None or not change.registration_id or not change.new_number:
        account.warn("another device changed the number without saying all that belongs to it")
        return
    try:
        public_key, private_key = decode_identity_key_pair(change.identity_key_pair or b"")
        identity = KeyPair.from_private(private_key)
        signed = SignedPreKeyRecord.deserialize(change.signed_prekey or b"")
        matches = PublicKey.deserialize(public_key) == identity.public_key
    except ProtocolError as error:
        account.warn(f"another device changed the number with unusable keys: {error.message}")
        return
    if not matches:
        account.warn("another device changed the number with keys that do not fit")
        return
    last_resort = _last_resort(change)
    database = account.database
    stored.delete_all_prekeys(database, _PNI)
    stored.add_signed_prekey(database, _PNI, signed, now_ms)
    stored.confirm_upload(database, _PNI, stored.PreKeyKind.SIGNED, [signed.id], now_ms)
    if last_resort is not None:
        stored.add_kyber_prekeys(database, _PNI, [last_resort], now_ms, last_resort=True)
        kind = stored.PreKeyKind.KYBER_LAST_RESORT
        stored.confirm_upload(database, _PNI, kind, [last_resort.id], now_ms)
    keys = replace(
        account.keys,
        number=change.new_number,
        pni=pni,
        pni_identity=identity,
        pni_registration_id=change.registration_id,
    )
    store_account_keys(database, keys)
    # A certificate may name the old number; the account check notes the new one in the list of accounts.
    for certificate in (
        account_data.SENDER_CERTIFICATE,
        account_data.SENDER_CERTIFICATE_WITH_NUMBER,
    ):
        write_setting(database, certificate, None)
    write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, 0)
    add_task(database, TaskKind.PREKEY_REFRESH, bytes([_PNI.value]), now_ms=now_ms)
    account.reload_keys()


def _last_resort(change: SyncPniChangeNumber) -> KyberPreKeyRecord | None:
    """The Kyber key, None if it is not usable here: others store it expanded, and it cannot be turned back into a seed.

    Without one the next look at the prekeys replaces it at the service.
    """
    try:
        return KyberPreKeyRecord.deserialize(change.last_resort_kyber_prekey or b"")
    except ProtocolError:
        return None
