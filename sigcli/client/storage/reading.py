"""From the storage service into the database: the records that are new since the manifest that was last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.storage.account_record import take_account
from sigcli.client.storage.contact_records import ContactsById, is_usable, take_contact
from sigcli.client.storage.group_records import KnownGroups, take_group
from sigcli.client.storage.group_records import is_usable as is_usable_group
from sigcli.client.storage.sticker_records import is_usable as is_usable_pack
from sigcli.client.storage.sticker_records import take_pack
from sigcli.errors import MalformedMessage, ProtocolError
from sigcli.protocol.storage_cipher import decrypt_record
from sigcli.store.inbox import count_held
from sigcli.store.storage_records import SeenRecord, save_seen, seen_records, storage_version
from sigcli.wire.storage_manifest import StorageItemType
from sigcli.wire.storage_records import StorageRecord, decode_storage_record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sigcli.client.base.account import Account
    from sigcli.client.storage.keys import OpenManifest
    from sigcli.service.resources.storage import StorageService
    from sigcli.store.database import Transaction
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.storage_records import (
        AccountRecord,
        ContactRecord,
        GroupV2Record,
        StickerPackRecord,
        StoryListRecord,
    )


def read_records(account: Account, service: StorageService, opened: OpenManifest) -> bool:
    """Take over the new records of a manifest; false if another process was faster, and the manifest may be old.

    One transaction for the database. Raises ServiceError.
    """
    database = account.database
    version = storage_version(database)
    before = {one.raw_id: one for one in seen_records(database)}
    listed = {one.raw: int(one.type) for one in opened.record.identifiers}
    wanted = [raw for raw in listed if raw not in before or before[raw].record is None]
    new = _decrypted(service, opened, wanted, listed)
    gone = [raw for raw in before if raw not in listed]
    now_ms = account.now_ms()
    with database.transaction() as transaction:
        if storage_version(transaction) != version:
            return False
        trusted = _take(account, transaction, before.values(), new, now_ms)
        save_seen(transaction, opened.record.version, opened.record.original, gone=gone, new=new)
        _release(account, transaction, trusted)
    account.reload_keys()
    account.forget_people()
    return True


def decoded(one: SeenRecord) -> StorageRecord:
    """What a record says; an empty one for what cannot be read."""
    if one.record is None:
        return StorageRecord()
    try:
        return decode_storage_record(one.record)
    except MalformedMessage:
        return StorageRecord()


def _decrypted(
    service: StorageService, opened: OpenManifest, wanted: list[bytes], listed: dict[bytes, int]
) -> list[SeenRecord]:
    """The wanted records. One that is missing or unreadable is noted as such and carried along."""
    found: dict[bytes, bytes] = {}
    for item in service.read(wanted) if wanted else ():
        try:
            found[item.key] = decrypt_record(opened.key, opened.record.record_ikm, item)
        except ProtocolError:
            continue
    return [SeenRecord(raw, listed[raw], found.get(raw)) for raw in wanted]


# --- taking over, in a transaction ----------------------------------------------------------------


def _take(
    account: Account,
    transaction: Transaction,
    before: Iterable[SeenRecord],
    new: Iterable[SeenRecord],
    now_ms: int,
) -> list[ServiceId]:
    """Bring the database to the new records; gives those whose keys have become trusted."""
    last_seen = _LastSeen(before)
    groups = KnownGroups(account)
    trusted = []
    for one in new:
        record = decoded(one)
        if record.contact is not None and is_usable(account, record.contact):
            peer = take_contact(
                account, transaction, record.contact, last_seen.contact(record), now_ms
            )
            if peer is not None:
                trusted.append(peer)
        elif record.group_v2 is not None and is_usable_group(record.group_v2):
            base = last_seen.groups.get(record.group_v2.master_key)
            take_group(account, transaction, groups, record.group_v2, base, now_ms)
        elif record.account is not None:
            take_account(account, transaction, record.account, last_seen.account, now_ms)
            account.reload_keys()
        elif record.sticker_pack is not None and is_usable_pack(record.sticker_pack):
            pack = record.sticker_pack
            take_pack(account, transaction, pack, last_seen.packs.get(pack.pack_id), now_ms)
    return trusted


class _LastSeen:
    """The records before, by what they are about."""

    def __init__(self, records: Iterable[SeenRecord]) -> None:
        self.groups: dict[bytes, GroupV2Record] = {}
        self.account: AccountRecord | None = None
        self.packs: dict[bytes, StickerPackRecord] = {}
        self._contacts = ContactsById()
        for one in records:
            record = decoded(one)
            if record.contact is not None:
                contact = record.contact
                self._contacts.add(contact, contact.aci, contact.pni, contact.number)
            elif record.group_v2 is not None:
                self.groups[record.group_v2.master_key] = record.group_v2
            elif record.account is not None and self.account is None:
                self.account = record.account
            elif record.sticker_pack is not None:
                self.packs[record.sticker_pack.pack_id] = record.sticker_pack

    def contact(self, record: StorageRecord) -> ContactRecord | None:
        """The contact of the same person; one with another ACI is somebody else."""
        contact = record.contact
        assert contact is not None
        found: ContactRecord | None = self._contacts.find(contact.aci, contact.pni, contact.number)
        if found is not None and contact.aci and found.aci not in (None, contact.aci):
            return None
        return found


def _release(account: Account, transaction: Transaction, trusted: list[ServiceId]) -> None:
    """Decrypt what was kept back of those who are trusted now."""
    if not (trusted and count_held(account.database)):
        return
    from sigcli.client.applying.envelope_intake import EnvelopeIntake

    intake = EnvelopeIntake(account)
    intake.begin(transaction)
    for peer in trusted:
        intake.release(peer)


def find_story_list(account: Account, id: UUID) -> StoryListRecord | None:
    """The list of people who see the account's stories that has this id, as it was last seen in the storage service."""
    for one in seen_records(account.database):
        if one.type == StorageItemType.STORY_DISTRIBUTION_LIST:
            story_list = decoded(one).story_list
            if story_list is not None and story_list.identifier == id.bytes:
                return story_list
    return None
