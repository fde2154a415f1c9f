"""This device's prekeys at the service: made, stored, uploaded, replaced in time.

Keys are stored before they are uploaded, and confirmed when the service has taken them. Every upload brings whole
batches of both one-time kinds: a service may read an empty list as "remove all".
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sigcli.durations import HOUR_MS
from sigcli.protocol.prekeys import (
    KyberPreKeyRecord,
    SignedPreKeyRecord,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.service.resources import keys as service_keys
from sigcli.service.resources.keys import PreKeyUpload, PublicPreKey
from sigcli.store import prekeys as stored
from sigcli.store.account_data import LAST_PREKEY_CHECK_MS
from sigcli.store.prekeys import PreKeyKind
from sigcli.store.settings import read_setting, write_setting
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.crypto.curve import KeyPair
    from sigcli.crypto.randomness import RandomSource
    from sigcli.store.database import Transaction

BATCH_SIZE = 100
LOW_WATER_MARK = 10
"""Below so many left at the service a new batch is uploaded."""
ROTATION_AGE_MS = 48 * HOUR_MS
CHECK_INTERVAL_MS = 12 * HOUR_MS

IDENTITY_NAMES = {ServiceIdKind.ACI: "aci", ServiceIdKind.PNI: "pni"}


def public_prekey(record: SignedPreKeyRecord | KyberPreKeyRecord) -> PublicPreKey:
    """The half of a signed prekey that travels."""
    return PublicPreKey(record.id, record.key_pair.public_key.serialize(), record.signature)


def make_lasting_prekeys(
    database: Transaction,
    own: ServiceIdKind,
    identity: KeyPair,
    now_ms: int,
    random: RandomSource,
) -> tuple[SignedPreKeyRecord, KyberPreKeyRecord]:
    """A signed and a last-resort prekey, stored."""
    signed_id = stored.allocate_prekey_ids(database, own, PreKeyKind.SIGNED, 1, random)
    kyber_id = stored.allocate_prekey_ids(database, own, PreKeyKind.KYBER_LAST_RESORT, 1, random)
    signed = generate_signed_prekey(identity, signed_id, now_ms, random)
    (last_resort,) = generate_kyber_prekeys(identity, kyber_id, 1, now_ms, random)
    stored.add_signed_prekey(database, own, signed, now_ms)
    stored.add_kyber_prekeys(database, own, [last_resort], now_ms, last_resort=True)
    return signed, last_resort


def confirm_lasting_prekeys(
    database: Transaction,
    own: ServiceIdKind,
    signed: SignedPreKeyRecord,
    last_resort: KyberPreKeyRecord,
    now_ms: int,
) -> None:
    """Note that the service has both."""
    stored.confirm_upload(database, own, PreKeyKind.SIGNED, [signed.id], now_ms)
    stored.confirm_upload(database, own, PreKeyKind.KYBER_LAST_RESORT, [last_resort.id], now_ms)


def own_identities(account: Account) -> Iterable[ServiceIdKind]:
    """The account's identities that have prekeys."""
    yield ServiceIdKind.ACI
    if account.keys.pni_identity is not None:
        yield ServiceIdKind.PNI


def upload_prekeys(account: Account, own: ServiceIdKind, *, rotate: bool) -> None:
    """Replace the one-time prekeys of an identity, and with ``rotate`` the lasting ones; raises ServiceError."""
    database, random = account.database, account.random
    identity, now_ms = account.keys.identity(own), account.now_ms()
    # Keys are made outside the transaction: a hundred of them take a while.
    with database.transaction() as transaction:
        curve_id = stored.allocate_prekey_ids(
            transaction, own, PreKeyKind.ONE_TIME, BATCH_SIZE, random
        )
        kyber_id = stored.allocate_prekey_ids(
            transaction, own, PreKeyKind.KYBER, BATCH_SIZE, random
        )
    curve = generate_prekeys(curve_id, BATCH_SIZE, random)
    kyber = generate_kyber_prekeys(identity, kyber_id, BATCH_SIZE, now_ms, random)
    lasting = None
    with database.transaction() as transaction:
        stored.add_prekeys(transaction, own, curve, now_ms)
        stored.add_kyber_prekeys(transaction, own, kyber, now_ms)
        if rotate:
            lasting = make_lasting_prekeys(transaction, own, identity, now_ms, random)
    upload = PreKeyUpload(
        one_time=[
            PublicPreKey(record.id, record.key_pair.public_key.serialize()) for record in curve
        ],
        kyber=[public_prekey(record) for record in kyber],
        signed=public_prekey(lasting[0]) if lasting else None,
        kyber_last_resort=public_prekey(lasting[1]) if lasting else None,
    )
    service_keys.upload(account.identified, IDENTITY_NAMES[own], upload)
    with database.transaction() as transaction:
        stored.confirm_upload(
            transaction, own, PreKeyKind.ONE_TIME, [record.id for record in curve], now_ms
        )
        stored.confirm_upload(
            transaction, own, PreKeyKind.KYBER, [record.id for record in kyber], now_ms
        )
        if lasting:
            confirm_lasting_prekeys(transaction, own, *lasting, now_ms)


def refresh_prekeys(account: Account, *, force: bool = False) -> None:
    """Refill and rotate what is due; asks the service only every few hours unless forced. Raises ServiceError."""
    last_ms = read_setting(account.database, LAST_PREKEY_CHECK_MS) or 0
    if not force and account.now_ms() - last_ms < CHECK_INTERVAL_MS:
        return
    for own in own_identities(account):
        rotate = _rotation_due(account, own)
        counts = service_keys.count(account.identified, IDENTITY_NAMES[own])
        if rotate or min(counts.curve, counts.kyber) < LOW_WATER_MARK:
            upload_prekeys(account, own, rotate=rotate)
    with account.database.transaction() as transaction:
        stored.delete_stale_prekeys(transaction, account.now_ms())
        write_setting(transaction, LAST_PREKEY_CHECK_MS, account.now_ms())


def repair_prekeys(account: Account) -> None:
    """Upload everything anew for an identity whose lasting keys differ from the service's; raises ServiceError."""
    for own in own_identities(account):
        if not service_keys.repeated_use_keys_agree(
            account.identified, IDENTITY_NAMES[own], lasting_digest(account, own)
        ):
            upload_prekeys(account, own, rotate=True)


def _rotation_due(account: Account, own: ServiceIdKind) -> bool:
    signed = stored.active_signed_prekey(account.database, own)
    last_resort = stored.active_last_resort_prekey(account.database, own)
    if signed is None or last_resort is None:
        return True
    return account.now_ms() - min(signed[1], last_resort[1]) >= ROTATION_AGE_MS


def lasting_digest(account: Account, own: ServiceIdKind) -> bytes:
    """SHA-256 over the lasting keys, as the service compares it (``KeysController`` of Signal-Server)."""
    digest = hashlib.sha256(account.keys.identity(own).public_key.serialize())
    for found in (
        stored.active_signed_prekey(account.database, own),
        stored.active_last_resort_prekey(account.database, own),
    ):
        if found is not None:
            record = found[0]
            digest.update(record.id.to_bytes(8, "big") + record.key_pair.public_key.serialize())
    return digest.digest()
