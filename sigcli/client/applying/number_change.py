"""A change of number takes effect on this device: new keys for its phone number identity.

A linked device learns of it by a sync message. The primary device, which makes the change, keeps the same message for
itself (``changing_number``) until it knows that the service has carried it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.errors import MalformedMessage, ProtocolError
from sigcli.lazy_dataclass import replace
from sigcli.protocol.prekeys import KyberPreKeyRecord, SignedPreKeyRecord
from sigcli.store import account_data
from sigcli.store import prekeys as stored
from sigcli.store.account_data import store_account_keys
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.content import Content, decode_content, encode_content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.identity_key_pair import decode_identity_key_pair

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.resources.accounts import AccountIdentity
    from sigcli.store.database import Database, Transaction
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.sync_state import SyncPniChangeNumber

_PNI = ServiceIdKind.PNI


# --- taking effect --------------------------------------------------------------------------------


def apply_number_change(
    account: Account,
    transaction: Transaction,
    change: SyncPniChangeNumber,
    pni: ServiceId | None,
    now_ms: int,
) -> None:
    """Take over number, PNI and keys; a change that is not complete is left alone.

    ``pni`` is the new one, as the envelope states it.
    """
    if pni is None or not change.registration_id or not change.new_number:
        account.warn("another device changed the number without saying all that belongs to it")
        return
    try:
        identity = identity_of(change)
        signed = SignedPreKeyRecord.deserialize(change.signed_prekey or b"")
    except ProtocolError as error:
        account.warn(f"another device changed the number with unusable keys: {error.message}")
        return
    last_resort = _last_resort(change)
    stored.delete_all_prekeys(transaction, _PNI)
    stored.add_signed_prekey(transaction, _PNI, signed, now_ms)
    stored.confirm_upload(transaction, _PNI, stored.PreKeyKind.SIGNED, [signed.id], now_ms)
    if last_resort is not None:
        stored.add_kyber_prekeys(transaction, _PNI, [last_resort], now_ms, last_resort=True)
        kind = stored.PreKeyKind.KYBER_LAST_RESORT
        stored.confirm_upload(transaction, _PNI, kind, [last_resort.id], now_ms)
    keys = replace(
        account.keys,
        number=change.new_number,
        pni=pni,
        pni_identity=identity,
        pni_registration_id=change.registration_id,
    )
    store_account_keys(transaction, keys)
    # A certificate may name the old number; the account check notes the new one in the list of accounts.
    for certificate in (
        account_data.SENDER_CERTIFICATE,
        account_data.SENDER_CERTIFICATE_WITH_NUMBER,
    ):
        write_setting(transaction, certificate, None)
    write_setting(transaction, account_data.LAST_ACCOUNT_CHECK_MS, 0)
    add_task(transaction, TaskKind.PREKEY_REFRESH, bytes([_PNI.value]), now_ms=now_ms)
    add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=now_ms)
    account.reload_keys()


def identity_of(change: SyncPniChangeNumber) -> KeyPair:
    """The new identity key pair; raises ProtocolError if its halves do not fit."""
    public_key, private_key = decode_identity_key_pair(change.identity_key_pair or b"")
    identity = KeyPair.from_private(private_key)
    if PublicKey.deserialize(public_key) != identity.public_key:
        raise MalformedMessage("the halves of the identity key do not fit")
    return identity


def _last_resort(change: SyncPniChangeNumber) -> KyberPreKeyRecord | None:
    """The Kyber key, None if it is not usable here: others store it expanded, and it cannot be turned back into a seed.

    Without one the next look at the prekeys replaces it at the service.
    """
    try:
        return KyberPreKeyRecord.deserialize(change.last_resort_kyber_prekey or b"")
    except ProtocolError:
        return None


# --- the account's own change, until it is known to have happened -------------------------------------------


def keep_pending_change(database: Transaction, change: SyncPniChangeNumber | None) -> None:
    """Keep what this device has to take over if the service carries the change out; None: nothing."""
    data = None
    if change is not None:
        data = encode_content(Content(sync_message=SyncMessage(pni_change_number=change)))
    write_setting(database, account_data.PENDING_NUMBER_CHANGE, data)


def pending_change(database: Database) -> SyncPniChangeNumber | None:
    """The change that may have been carried out without this device knowing."""
    data = read_setting(database, account_data.PENDING_NUMBER_CHANGE)
    if data is None:
        return None
    try:
        message = decode_content(data).sync_message
    except MalformedMessage:
        return None
    return None if message is None else message.pni_change_number


def adopt_pending_change(account: Account, identity: AccountIdentity) -> bool:
    """Take the pending change over if the service knows the account by its number; opens a transaction."""
    change = pending_change(account.database)
    if change is None or identity.pni is None or identity.number != change.new_number:
        return False
    with account.database.transaction() as database:
        now_ms = account.now_ms()
        apply_number_change(account, database, change, identity.pni, now_ms)
        keep_pending_change(database, None)
        # The service has forgotten the recovery password of the number.
        add_task(database, TaskKind.ATTRIBUTES_UPDATE, now_ms=now_ms)
    return account.number == change.new_number
