"""From the database into the storage service: what this device says differently from the records last seen.

A changed record gets a new id, the old one is deleted; what is not modelled here stays as it lies there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.storage import contact_records, group_records, sticker_records
from sigcli.client.storage.account_record import edited_account, new_account_record
from sigcli.client.storage.contact_records import ContactsById
from sigcli.client.storage.group_records import KnownGroups
from sigcli.client.storage.reading import decoded
from sigcli.errors import StorageInconsistent
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.storage_cipher import (
    RAW_ID_LENGTH,
    RECORD_IKM_LENGTH,
    encrypt_manifest,
    encrypt_record,
)
from sigcli.store.recipients import list_recipients
from sigcli.store.sticker_packs import list_packs
from sigcli.store.storage_records import SeenRecord
from sigcli.wire.storage_manifest import (
    ManifestIdentifier,
    ManifestRecord,
    StorageItemType,
    StorageWrite,
    encode_manifest_record,
)
from sigcli.wire.storage_records import StorageRecord, encode_storage_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.account_entropy import StorageKey
    from sigcli.store.recipient_values import Recipient


@dataclass(frozen=True, slots=True)
class Change:
    """One record that is to be written, deleted (``record`` None), or added (``raw_id`` None)."""

    raw_id: bytes | None
    type: int
    record: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A write, and what lies in the service once it was taken."""

    write: StorageWrite
    manifest: bytes = field(repr=False)
    gone: tuple[bytes, ...]
    new: tuple[SeenRecord, ...]

    @property
    def version(self) -> int:
        assert self.write.manifest is not None
        return self.write.manifest.version


# --- what is to be changed ------------------------------------------------------------------------


def find_changes(account: Account, seen: Sequence[SeenRecord]) -> list[Change]:
    """What the database says differently from the records that were last seen."""
    changes: list[Change] = []
    contacts: list[tuple[SeenRecord, StorageRecord]] = []
    groups: list[tuple[SeenRecord, StorageRecord]] = []
    accounts: list[tuple[SeenRecord, StorageRecord]] = []
    packs: list[tuple[SeenRecord, StorageRecord]] = []
    for one in seen:
        record = decoded(one)
        if record.contact is not None:
            contacts.append((one, record))
        elif record.group_v2 is not None:
            groups.append((one, record))
        elif record.account is not None or one.type == StorageItemType.ACCOUNT:
            accounts.append((one, record))
        elif record.sticker_pack is not None:
            packs.append((one, record))
    changes += _contact_changes(account, contacts)
    changes += _group_changes(account, groups)
    changes += _account_changes(account, accounts)
    changes += _pack_changes(account, packs)
    return changes


def _contact_changes(
    account: Account, seen: Iterable[tuple[SeenRecord, StorageRecord]]
) -> list[Change]:
    people = list_recipients(account.database)
    index = ContactsById.of_rows(people)
    changes = []
    of_person: dict[int, list[tuple[SeenRecord, StorageRecord]]] = {}
    for one, record in seen:
        contact = record.contact
        assert contact is not None
        person: Recipient | None = None
        if contact_records.is_usable(account, contact):
            person = index.find(contact.aci, contact.pni, contact.number)
        if person is None:
            # About nobody, about the account itself, or about somebody who was forgotten here.
            changes.append(Change(one.raw_id, one.type, None))
        else:
            of_person.setdefault(person.id, []).append((one, record))
    for person in people:
        records = of_person.get(person.id)
        if records is None:
            new = contact_records.new_contact(account, person)
            if new is not None:
                changes.append(_added(StorageItemType.CONTACT, StorageRecord(contact=new)))
            continue
        # The service may hold a number apart from the account that had it: only the record of the strongest id is
        # the person's, others stay as they are unless they repeat it.
        records.sort(key=lambda pair: _strength(pair[1]))
        (first, record), *others = records
        contact = record.contact
        assert contact is not None
        for one, other in others:
            assert other.contact is not None
            if contact_records.primary_id(other.contact) == contact_records.primary_id(contact):
                changes.append(Change(one.raw_id, one.type, None))
        edited = contact_records.edited_contact(account, contact, person)
        if edited is not contact:
            changes.append(_changed(first, replace(record, contact=edited)))
    return changes


def _strength(record: StorageRecord) -> int:
    contact = record.contact
    assert contact is not None
    return 0 if contact.aci is not None else 1 if contact.pni is not None else 2


def _group_changes(
    account: Account, seen: Iterable[tuple[SeenRecord, StorageRecord]]
) -> list[Change]:
    known = KnownGroups(account)
    changes = []
    written: set[bytes] = set()
    for one, record in seen:
        of_group = record.group_v2
        assert of_group is not None
        group = known.find(of_group.master_key)
        if group is None or of_group.master_key in written:
            # About no group, about one that was forgotten here, or the same group once more.
            changes.append(Change(one.raw_id, one.type, None))
            continue
        written.add(of_group.master_key)
        edited = group_records.edited_group(of_group, known, group)
        if edited is not of_group:
            changes.append(_changed(one, replace(record, group_v2=edited)))
    for group in known.all():
        if group.master_key not in written:
            new = group_records.new_group(known, group)
            if new is not None:
                changes.append(_added(StorageItemType.GROUP_V2, StorageRecord(group_v2=new)))
    return changes


def _account_changes(
    account: Account, seen: Sequence[tuple[SeenRecord, StorageRecord]]
) -> list[Change]:
    """One record of the account stays; one that cannot be read is the primary device's to replace."""
    ordered = sorted(seen, key=lambda pair: pair[1].account is None)
    if not ordered or (account.keys.is_primary and ordered[0][1].account is None):
        record = StorageRecord(account=new_account_record(account))
        added = _added(StorageItemType.ACCOUNT, record)
        return [added, *(Change(one.raw_id, one.type, None) for one, _ in ordered)]
    (first, record), *others = ordered
    changes = [Change(one.raw_id, one.type, None) for one, _ in others]
    if record.account is not None:
        edited = edited_account(account, record.account)
        if edited is not record.account:
            changes.append(_changed(first, replace(record, account=edited)))
    return changes


def _pack_changes(
    account: Account, seen: Iterable[tuple[SeenRecord, StorageRecord]]
) -> list[Change]:
    known = {pack.id: pack for pack in list_packs(account.database)}
    changes = []
    for one, record in seen:
        of_pack = record.sticker_pack
        assert of_pack is not None
        pack = known.pop(of_pack.pack_id, None)
        if pack is None or not sticker_records.is_usable(of_pack):
            continue  # removed long ago, or meaningless here: carried along
        edited = sticker_records.edited_pack(of_pack, pack)
        if edited is not of_pack:
            changes.append(_changed(one, replace(record, sticker_pack=edited)))
    for pack in known.values():
        new = sticker_records.new_pack(pack)
        if new is not None:
            changes.append(_added(StorageItemType.STICKER_PACK, StorageRecord(sticker_pack=new)))
    return changes


def _changed(one: SeenRecord, record: StorageRecord) -> Change:
    return Change(one.raw_id, one.type, encode_storage_record(record))


def _added(kind: StorageItemType, record: StorageRecord) -> Change:
    return Change(None, int(kind), encode_storage_record(record))


# --- the write ------------------------------------------------------------------------------------


def next_step(
    manifest: ManifestRecord,
    changes: Sequence[Change],
    key: StorageKey,
    device_id: int,
    random: RandomSource,
) -> Step:
    """The step from a manifest to the next version, with some changes; raises StorageInconsistent."""
    gone = tuple(change.raw_id for change in changes if change.raw_id is not None)
    new = tuple(
        SeenRecord(random(RAW_ID_LENGTH), change.type, change.record)
        for change in changes
        if change.record is not None
    )
    left = set(gone)
    kept = {one.raw: one for one in manifest.identifiers if one.raw not in left}
    step = _step(manifest, kept.values(), new, gone, key, device_id, random)
    check_step(manifest, step)
    return step


def fresh_start(
    version: int,
    seen: Sequence[SeenRecord],
    changes: Sequence[Change],
    key: StorageKey,
    device_id: int,
    random: RandomSource,
    *,
    clear_all: bool,
) -> Step:
    """Everything that is known anew, with new ids and under a new secret; raises StorageInconsistent.

    ``clear_all``: what lies in the service cannot be named, and goes as a whole.
    """
    left = {change.raw_id for change in changes}
    records = [(one.type, one.record) for one in seen if one.raw_id not in left]
    records += [(change.type, change.record) for change in changes]
    new = tuple(
        SeenRecord(random(RAW_ID_LENGTH), type, record)
        for type, record in records
        if record is not None
    )
    manifest = ManifestRecord(version=version - 1, record_ikm=random(RECORD_IKM_LENGTH))
    gone = tuple(one.raw_id for one in seen)
    step = _step(manifest, (), new, gone, key, device_id, random, clear_all=clear_all)
    check_step(None, step)
    return step


def _step(
    manifest: ManifestRecord,
    kept: Iterable[ManifestIdentifier],
    new: tuple[SeenRecord, ...],
    gone: tuple[bytes, ...],
    key: StorageKey,
    device_id: int,
    random: RandomSource,
    *,
    clear_all: bool = False,
) -> Step:
    added = [ManifestIdentifier(raw=one.raw_id, type=one.type) for one in new]
    following = replace(
        manifest,
        version=manifest.version + 1,
        source_device_id=device_id,
        identifiers=(*kept, *added),
    )
    items = tuple(
        encrypt_record(key, one.raw_id, manifest.record_ikm, one.record or b"", random)
        for one in new
    )
    write = StorageWrite(
        manifest=encrypt_manifest(key, following, random),
        insert_items=items,
        delete_keys=() if clear_all else gone,
        clear_all=clear_all,
    )
    return Step(write, encode_manifest_record(following), gone, new)


def check_step(before: ManifestRecord | None, step: Step) -> None:
    """Check a write before it leaves: a mistake in it would reach every device. Raises StorageInconsistent."""
    from sigcli.wire.storage_manifest import decode_manifest_record

    after = decode_manifest_record(step.manifest)
    listed = Counter(one.raw for one in after.identifiers)
    inserted = Counter(item.key for item in step.write.insert_items)
    deleted = set(step.write.delete_keys)
    accounts = sum(one.type == StorageItemType.ACCOUNT for one in after.identifiers)
    if any(count > 1 for count in (*listed.values(), *inserted.values())):
        raise StorageInconsistent("an id is there twice")
    if accounts != 1:
        raise StorageInconsistent(f"there would be {accounts} records of the account itself")
    if not inserted.keys() <= listed.keys():
        raise StorageInconsistent("a record would be stored that the manifest does not list")
    if deleted & listed.keys():
        raise StorageInconsistent("a record would be deleted that the manifest lists")
    if before is None:
        if inserted.keys() != listed.keys():
            raise StorageInconsistent("the manifest would list records that are not there")
        return
    had = {one.raw for one in before.identifiers}
    if listed.keys() - had != inserted.keys() or had - listed.keys() - deleted:
        raise StorageInconsistent("the manifest would not fit the records")
