"""Reading, merging and writing in rounds: devices of one account and what they keep in the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigcli.client.base.account import Account
from sigcli.client.sending import sync_sending
from sigcli.client.storage import syncing
from sigcli.client.storage.keys import KEYS_ASKED_FOR, NEXT_ENTROPY_POOL
from sigcli.client.storage.writing import Step, check_step
from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    ConnectionLost,
    StorageConflict,
    StorageInconsistent,
    StorageRolledBack,
)
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.store import account_data
from sigcli.store.address_claims import AddressKind, confirm_claim, find_claim
from sigcli.store.groups import find_group, list_group_keys
from sigcli.store.identity_keys import (
    TrustLevel,
    find_identity,
    save_peer_identity,
    set_trust_level,
)
from sigcli.store.recipients import delete_recipient, find_by_service_id, update_recipient
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.storage_records import forget_seen, seen_records, storage_version
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupMasterKey, ProfileKeyBytes
from sigcli.wire.storage_manifest import (
    ManifestIdentifier,
    ManifestRecord,
    StorageItem,
    StorageItemType,
    StorageManifest,
    StorageWrite,
    encode_manifest_record,
)
from sigcli.wire.storage_records import (
    AccountRecord,
    ContactRecord,
    GroupV2Record,
    IdentityState,
    StorageRecord,
    decode_storage_record,
    encode_storage_record,
)
from tests.unit.client.storage.service import (
    ACCOUNT,
    NOW_MS,
    OWN_ACI,
    POOL,
    MemoryStorage,
    StoringDevice,
)

ANN, BEN = ServiceId.aci(UUID(int=0xC)), ServiceId.aci(UUID(int=0xD))
OTHER_POOL = "b2" * 32
# A call link, a kind of record that nobody has yet, and bytes that are no protobuf.
FOREIGN = (
    (7, bytes.fromhex("3a06 0a04") + b"root"),
    (99, bytes.fromhex("9a06 03") + b"new"),
    (42, b"\xff"),
)
# A field of a contact that the schema lacks.
LATER = bytes.fromhex("c23e05") + b"later"

Make = Callable[..., StoringDevice]


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def make(tmp_path: Path, storage: MemoryStorage) -> Iterator[Make]:
    """Makes devices by name."""
    with ExitStack() as made:

        def make(name: str = "laptop", **options: Any) -> StoringDevice:
            device = StoringDevice.create(tmp_path / name, storage, **options)
            made.enter_context(device.account)
            return device

        yield make


def contact(aci: ServiceId = ANN, **fields: Any) -> tuple[int, bytes]:
    record = encode_storage_record(StorageRecord(contact=ContactRecord(aci=aci, **fields)))
    # The unknown field goes inside of the contact.
    inner = record[2:] + LATER
    return int(StorageItemType.CONTACT), bytes([record[0], len(inner)]) + inner


def group(master_key: bytes = b"m" * 32, **fields: Any) -> tuple[int, bytes]:
    value = GroupV2Record(master_key=GroupMasterKey(master_key), **fields)
    return int(StorageItemType.GROUP_V2), encode_storage_record(StorageRecord(group_v2=value))


def edit(device: StoringDevice, aci: ServiceId = ANN, **columns: Any) -> None:
    with device.database.transaction() as database:
        update_recipient(database, device.person(aci).id, **columns)


def contacts(storage: MemoryStorage, pool: str = POOL) -> dict[ServiceId, ContactRecord]:
    found = [
        decode_storage_record(record).contact
        for type, record in storage.records(pool)
        if type == StorageItemType.CONTACT
    ]
    return {one.aci: one for one in found if one is not None and one.aci is not None}


def test_reading_leaves_everything_as_it_lies(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"), group(), *FOREIGN)
    device = make()
    assert device.sync() is False
    assert storage.writes == []
    assert device.person(ANN).contact.note == "n"
    (known,) = list_group_keys(device.database)
    assert count_tasks(device.database, TaskKind.GROUP_UPDATE) == 1
    assert not known.is_known
    assert read_setting(device.database, account_data.READ_RECEIPTS) is True
    assert device.sync() is False
    assert storage.writes == []


def test_an_edit_replaces_one_record_and_carries_the_rest(
    storage: MemoryStorage, make: Make
) -> None:
    storage.put(ACCOUNT, contact(note="n", muted_until_ms=7), group(), *FOREIGN)
    before = set(storage.items)
    device = make()
    device.sync()
    edit(device, note="edited here")
    assert device.sync() is True
    (write,) = storage.writes
    assert len(write.insert_items) == len(write.delete_keys) == 1
    assert len(before & set(storage.items)) == len(before) - 1
    assert storage.opened().source_device_id == 2
    records = storage.records()
    assert set(FOREIGN) <= set(records)
    (changed,) = (record for type, record in records if type == StorageItemType.CONTACT)
    assert LATER in changed
    assert decode_storage_record(changed).contact == ContactRecord(
        aci=ANN, note="edited here", muted_until_ms=7
    )
    assert device.sync() is False


def test_edits_of_both_sides_hold(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"), contact(BEN))
    device = make()
    device.sync()
    edit(device, note="edited here")
    storage.put(ACCOUNT, contact(note="edited there", archived=True), contact(BEN, blocked=True))
    assert device.sync() is True
    assert contacts(storage)[ANN] == ContactRecord(aci=ANN, note="edited here", archived=True)
    assert contacts(storage)[BEN] == ContactRecord(aci=BEN, blocked=True)
    assert device.person(ANN).contact.archived
    assert device.person(BEN).contact.blocked


def test_a_conflict_is_merged_and_written_again(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    device, other = make(), make("tablet", device_id=3)
    device.sync()
    other.sync()
    edit(device, note="edited here")

    def be_faster() -> None:
        edit(other, nickname_given="Nick")
        assert other.sync() is True

    storage.before_write = be_faster
    assert device.sync() is True
    found = contacts(storage)[ANN]
    assert found.note == "edited here"
    assert found.nickname is not None
    assert found.nickname.given == "Nick"
    assert other.sync() is False
    assert other.person(ANN).contact.note == "edited here"


def test_conflicts_without_end_are_an_error(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    device = make()
    device.sync()
    edit(device, note="edited here")
    storage.always_conflicts = True
    with pytest.raises(StorageConflict):
        device.sync()
    storage.always_conflicts = False
    assert device.sync() is True
    assert contacts(storage)[ANN].note == "edited here"


def test_a_write_whose_answer_was_lost_is_not_repeated(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    device = make()
    device.sync()
    edit(device, note="edited here")

    storage.loses_answer = True
    with pytest.raises(ConnectionLost):
        device.sync()
    version = storage.opened().version
    assert device.sync() is False
    assert storage.opened().version == version
    edit(device, note="edited once more")
    assert device.sync() is True


def test_the_linked_devices_are_told_by_whichever_run_comes_to_it(
    storage: MemoryStorage, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that wrote may have ended before it could: another finds nothing to write, and tells them."""
    told: list[bool] = [False, True]
    monkeypatch.setattr(syncing, "_open_service", lambda _: nullcontext(storage))
    monkeypatch.setattr(sync_sending, "tell_other_devices", lambda *_: told.pop(0))
    monkeypatch.setattr(Account, "environment", SimpleNamespace(storage_url="a service"))
    storage.put(ACCOUNT, contact(note="n"))
    device = make()
    syncing.sync_storage(device.account)
    assert len(told) == 2
    edit(device, note="edited here")
    storage.loses_answer = True
    with pytest.raises(ConnectionLost):
        syncing.sync_storage(device.account)
    assert len(told) == 2
    # They could not be reached: the next run tries again.
    syncing.sync_storage(device.account)
    assert len(told) == 1
    syncing.sync_storage(device.account)
    assert told == []
    syncing.sync_storage(device.account)
    assert len(storage.writes) == 1


def test_a_linked_device_waits_for_the_first_manifest(storage: MemoryStorage, make: Make) -> None:
    assert make().sync() is False
    assert storage.current is None


def test_the_primary_device_begins(storage: MemoryStorage, make: Make) -> None:
    phone = make("phone", device_id=1)
    assert phone.sync() is True
    manifest = storage.opened()
    assert (manifest.version, manifest.source_device_id) == (1, 1)
    assert manifest.record_ikm
    ((_, record),) = storage.records()
    account = decode_storage_record(record).account
    assert account == AccountRecord(
        profile_key=ProfileKeyBytes(b"p" * 32),
        read_receipts=True,
        typing_indicators=True,
        link_previews=True,
        phone_number_sharing=2,
    )
    assert phone.sync() is False
    laptop = make()
    assert laptop.sync() is False
    assert storage_version(laptop.database) == 1


def test_a_linked_device_without_the_key_writes_nothing(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    device = make()
    device.sync()
    edit(device, note="edited here")
    storage.put(ACCOUNT, contact(note="n"), pool=OTHER_POOL)
    with device.database.transaction() as database:
        write_setting(database, KEYS_ASKED_FOR, 2)  # the phone has been asked, and has not answered
    before = dict(storage.items)
    assert device.sync() is False
    assert storage.items == before
    assert storage.writes == []
    device.replace_keys(account_entropy_pool=OTHER_POOL)
    assert device.sync() is True
    assert contacts(storage, OTHER_POOL)[ANN].note == "edited here"


def test_the_primary_device_replaces_what_it_cannot_read(
    storage: MemoryStorage, make: Make
) -> None:
    storage.put(ACCOUNT, contact(note="n"), *FOREIGN)
    phone = make("phone", device_id=1)
    phone.sync()
    lost = MemoryStorage()
    for note in ("other", "and another version"):
        lost.put(ACCOUNT, contact(note=note), pool=OTHER_POOL)
    storage.current, storage.items = lost.current, lost.items
    assert phone.sync() is True
    (write,) = storage.writes
    assert write.clear_all
    assert set(FOREIGN) <= set(storage.records())
    assert contacts(storage)[ANN].note == "n"


def test_nothing_is_replaced_while_a_pin_may_bring_the_key(
    storage: MemoryStorage, make: Make
) -> None:
    storage.put(ACCOUNT, contact(note="n"), *FOREIGN, pool=OTHER_POOL)
    phone = make("phone", device_id=1)
    with phone.database.transaction() as database:
        write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, NOW_MS + 1)
    assert phone.sync() is False
    assert storage.writes == []
    # The PIN has brought it: all of it is read, and written under the key of the own pool.
    phone.replace_keys(master_key=AccountEntropyPool(OTHER_POOL).master_key())
    assert phone.sync() is True
    assert contacts(storage)[ANN].note == "n"
    assert set(FOREIGN[:2]) <= set(storage.records())
    assert phone.person(ANN).contact.note == "n"
    (write,) = storage.writes
    assert not write.clear_all


def test_a_key_that_is_about_to_be_the_accounts_opens_as_well(
    storage: MemoryStorage, make: Make
) -> None:
    """As after a crash between the write under a new pool and the moment at which it is the account's."""
    storage.put(ACCOUNT, contact(note="n"), pool=OTHER_POOL)
    phone = make("phone", device_id=1)
    with phone.database.transaction() as database:
        write_setting(database, NEXT_ENTROPY_POOL, OTHER_POOL)
    phone.sync()
    assert phone.person(ANN).contact.note == "n"


def test_keys_of_older_primary_devices(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"), record_ikm=None)
    laptop = make(pool=None)
    laptop.replace_keys(master_key=AccountEntropyPool(POOL).master_key())
    laptop.sync()
    edit(laptop, note="edited here")
    assert laptop.sync() is True
    assert storage.opened().record_ikm is None
    assert contacts(storage)[ANN].note == "edited here"


def test_records_that_should_not_be_there(storage: MemoryStorage, make: Make) -> None:
    second = encode_storage_record(StorageRecord(account=AccountRecord(given_name="Second")))
    storage.put(
        ACCOUNT,
        (int(StorageItemType.ACCOUNT), second),
        contact(),
        contact(note="once more"),
        contact(OWN_ACI),
        (
            int(StorageItemType.CONTACT),
            encode_storage_record(StorageRecord(contact=ContactRecord())),
        ),
        group(b"short"),
        group(),
        group(archived=True),
    )
    device = make()
    assert device.sync() is True
    kinds = sorted(type for type, _ in storage.records())
    assert kinds == [StorageItemType.CONTACT, StorageItemType.GROUP_V2, StorageItemType.ACCOUNT]
    assert (
        find_by_service_id(device.database, OWN_ACI) is None
        or not device.person(OWN_ACI).contact.is_contact
    )
    assert device.sync() is False


def test_who_was_forgotten_here_is_deleted_there(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"), contact(BEN))
    device = make()
    device.sync()
    with device.database.transaction() as database:
        delete_recipient(database, device.person(ANN).id)
    assert device.sync() is True
    assert set(contacts(storage)) == {BEN}


def test_who_vanished_there_comes_back_unless_unregistered(
    storage: MemoryStorage, make: Make
) -> None:
    storage.put(ACCOUNT, contact(note="n"), contact(BEN, note="b", unregistered_at_ms=5))
    device = make()
    device.sync()
    storage.put(ACCOUNT)
    assert device.sync() is True
    assert set(contacts(storage)) == {ANN}


def test_a_number_apart_from_the_account_that_had_it_stays(
    storage: MemoryStorage, make: Make
) -> None:
    """Phones split the record of somebody unregistered: the number goes on without the account."""
    pni = ServiceId.pni(UUID(int=0xE))
    split = StorageRecord(contact=ContactRecord(pni=pni, number="+15550123"))
    storage.put(
        ACCOUNT,
        contact(unregistered_at_ms=5, note="n"),
        (int(StorageItemType.CONTACT), encode_storage_record(split)),
    )
    device = make()
    device.sync()
    records = [one.contact for one in storage.decoded() if one.contact is not None]
    assert len(records) == 2
    assert device.sync() is False


def test_what_cannot_be_decrypted_yet_is_read_later(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"), contact(BEN))
    manifest = storage.opened()
    late = next(one.raw for one in manifest.identifiers if one.type == StorageItemType.CONTACT)
    value = storage.items.pop(late)
    device = make()
    device.sync()
    assert len(seen_records(device.database)) == 3
    edit(device, BEN, note="edited here")
    storage.items[late] = value
    assert device.sync() is True
    edit(device, BEN, note="edited once more")
    assert device.sync() is True
    assert contacts(storage)[ANN].note == "n"


def test_groups_and_the_account(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, group(whitelisted=True, muted_until_ms=9))
    phone, laptop = make("phone", device_id=1), make()
    phone.sync()
    laptop.sync()
    (known,) = list_group_keys(laptop.database)
    assert known.accepted
    from sigcli.client.people.blocked_groups import blocked_groups, set_group_blocked

    with phone.database.transaction() as database:
        set_group_blocked(database, known.group_id, blocked=True)
        write_setting(database, account_data.READ_RECEIPTS, False)
        write_setting(database, account_data.DISCOVERABLE_BY_NUMBER, False)
        write_setting(database, account_data.USERNAME, "alice.01")
    assert phone.sync() is True
    laptop.sync()
    assert blocked_groups(laptop.database) == {known.group_id}
    assert find_group(laptop.database, known.group_id) is not None
    assert read_setting(laptop.database, account_data.READ_RECEIPTS) is False
    assert read_setting(laptop.database, account_data.DISCOVERABLE_BY_NUMBER) is False
    assert read_setting(laptop.database, account_data.USERNAME) == "alice.01"
    (record,) = (one.group_v2 for one in storage.decoded() if one.group_v2 is not None)
    assert record == GroupV2Record(
        master_key=GroupMasterKey(b"m" * 32), whitelisted=True, blocked=True, muted_until_ms=9
    )
    with phone.database.transaction() as database:
        write_setting(database, account_data.USERNAME, None)
    phone.sync()
    laptop.sync()
    assert read_setting(laptop.database, account_data.USERNAME) is None


def test_a_new_profile_key_of_the_phone(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT)
    laptop = make()
    laptop.sync()
    value = StorageRecord(
        account=AccountRecord(profile_key=ProfileKeyBytes(b"q" * 32), given_name="Alicia")
    )
    storage.put((int(StorageItemType.ACCOUNT), encode_storage_record(value)))
    laptop.sync()
    assert laptop.account.keys.profile_key == b"q" * 32
    assert laptop.person(OWN_ACI).profile.given_name == "Alicia"
    assert storage.writes == []


def test_starting_over_reads_everything_again(storage: MemoryStorage, make: Make) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    device = make()
    device.sync()
    edit(device, note="edited here")
    with device.database.transaction() as database:
        forget_seen(database)
    assert device.sync() is False
    # As a device that is linked anew: what the phone says holds.
    assert device.person(ANN).contact.note == "n"


NOTES = st.sampled_from([None, "a", "b", "c"])
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["phone", "laptop"]),
        st.sampled_from([ANN, BEN]),
        st.one_of(
            st.fixed_dictionaries({"note": NOTES}),
            st.fixed_dictionaries({"nickname_given": NOTES}),
            st.fixed_dictionaries({"blocked": st.booleans()}),
            st.fixed_dictionaries({"mute_until_ms": st.sampled_from([0, 5])}),
        ),
        st.booleans(),
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(EDITS)
def test_devices_agree_in_the_end(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[str, ServiceId, dict[str, Any], bool]],
) -> None:
    storage, folder = MemoryStorage(), tmp_path_factory.mktemp("devices")
    storage.put(ACCOUNT, contact(archived=True), contact(BEN), *FOREIGN)
    devices = {
        "phone": StoringDevice.create(folder / "phone", storage, 1),
        "laptop": StoringDevice.create(folder / "laptop", storage, 2),
    }
    for device in devices.values():
        device.sync()
    expected: dict[tuple[ServiceId, str], Any] = {}
    for name, aci, columns, syncs in edits:
        edit(devices[name], aci, **columns)
        if syncs:
            devices[name].sync()
    for _ in range(2):
        for device in devices.values():
            device.sync()
    states = []
    for device in devices.values():
        assert device.sync() is False
        states.append([replace(device.person(aci).contact, is_contact=True) for aci in (ANN, BEN)])
        device.account.close()
    assert states[0] == states[1]
    assert set(FOREIGN) <= set(storage.records())
    assert all(LATER in record for type, record in storage.records() if type == 1)
    assert contacts(storage)[ANN].archived
    # Where only one device has edited something, that is what holds.
    editors: dict[tuple[ServiceId, str], set[str]] = {}
    for name, aci, columns, _ in edits:
        for column, value in columns.items():
            editors.setdefault((aci, column), set()).add(name)
            expected[aci, column] = value
    for (aci, column), names in editors.items():
        if len(names) == 1:
            assert getattr(states[0][[ANN, BEN].index(aci)], column) == expected[aci, column]


# --- the look before a write ----------------------------------------------------------------------


def step(
    listed: list[tuple[bytes, int]], inserted: list[bytes], deleted: list[bytes] | None = None
) -> Step:
    manifest = ManifestRecord(
        version=2,
        identifiers=tuple(ManifestIdentifier(raw=raw, type=type) for raw, type in listed),
    )
    write = StorageWrite(
        manifest=StorageManifest(version=2, value=b""),
        insert_items=tuple(StorageItem(key=raw, value=b"") for raw in inserted),
        delete_keys=tuple(deleted or ()),
    )
    return Step(write, encode_manifest_record(manifest), (), ())


A, B, C = b"a" * 16, b"b" * 16, b"c" * 16
BEFORE = ManifestRecord(
    version=1,
    identifiers=(ManifestIdentifier(raw=A, type=4), ManifestIdentifier(raw=B, type=1)),
)


def test_a_step_that_fits() -> None:
    check_step(BEFORE, step([(A, 4), (C, 1)], [C], [B]))
    check_step(None, step([(A, 4), (C, 1)], [A, C]))


@pytest.mark.parametrize(
    "wrong",
    [
        step([(A, 4), (A, 4), (B, 1)], []),
        step([(A, 4), (B, 1), (C, 1)], [C, C]),
        step([(A, 1), (B, 1)], []),
        step([(A, 4), (B, 4)], []),
        step([(A, 4), (B, 1)], [C]),
        step([(A, 4), (B, 1)], [], [B]),
        step([(A, 4), (B, 1), (C, 1)], []),
        step([(A, 4)], []),
    ],
)
def test_a_step_that_does_not_fit(wrong: Step) -> None:
    with pytest.raises(StorageInconsistent):
        check_step(BEFORE, wrong)


# --- older states -----------------------------------------------------------------------------------


def hand_out(storage: MemoryStorage, older: MemoryStorage) -> None:
    """Lets the service give an older state for the present one."""
    storage.current, storage.items = older.current, dict(older.items)


def copy_of(storage: MemoryStorage) -> MemoryStorage:
    return MemoryStorage(storage.current, dict(storage.items))


@pytest.mark.parametrize("device_id", [1, 2])
def test_an_older_state_is_never_taken(storage: MemoryStorage, make: Make, device_id: int) -> None:
    """A replayed manifest: a key that was verified once, a block that was not there yet, an account of before."""
    former, present = KeyPair.generate().public_key, KeyPair.generate().public_key
    verified: dict[str, Any] = {"identity_state": IdentityState.VERIFIED}
    before = AccountRecord(
        given_name="Before", profile_key=ProfileKeyBytes(b"o" * 32), read_receipts=True
    )
    now = AccountRecord(given_name="Now", profile_key=ProfileKeyBytes(b"n" * 32))
    storage.put(
        (int(StorageItemType.ACCOUNT), encode_storage_record(StorageRecord(account=before))),
        contact(identity_key=former.serialize(), profile_key=b"a" * 32, **verified),
        group(whitelisted=True),
    )
    device = make(device_id=device_id)
    device.sync()
    older = copy_of(storage)
    storage.put(
        (int(StorageItemType.ACCOUNT), encode_storage_record(StorageRecord(account=now))),
        contact(identity_key=present.serialize(), profile_key=b"b" * 32, blocked=True, **verified),
        group(blocked=True),
    )
    device.sync()
    newer = copy_of(storage)
    hand_out(storage, older)
    edit(device, note="edited here")
    writes = len(storage.writes)
    with pytest.raises(StorageRolledBack):
        device.sync()
    assert len(storage.writes) == writes
    person = device.person(ANN)
    known = find_identity(device.database, ANN)
    assert known is not None
    assert (known.identity_key, known.trust_level) == (present, TrustLevel.TRUSTED_VERIFIED)
    assert person.contact.blocked
    assert person.profile.key == b"b" * 32
    assert device.account.keys.profile_key == b"n" * 32
    assert read_setting(device.database, account_data.READ_RECEIPTS) is False
    (known_group,) = list_group_keys(device.database)
    assert not known_group.accepted
    # As soon as the service behaves, everything goes on.
    hand_out(storage, newer)
    assert device.sync() is True
    assert contacts(storage)[ANN].note == "edited here"


def test_a_service_that_has_lost_everything_gets_no_lower_version(
    storage: MemoryStorage, make: Make
) -> None:
    storage.put(ACCOUNT, contact(note="n"))
    phone, laptop = make("phone", device_id=1), make()
    phone.sync()
    storage.put(ACCOUNT, contact(note="n"), contact(BEN))
    for device in (phone, laptop):
        device.sync()
    hand_out(storage, MemoryStorage())
    edit(phone, note="edited here")
    assert phone.sync() is True
    assert storage.opened().version == 3
    laptop.sync()
    assert storage_version(laptop.database) == 3


# --- addresses --------------------------------------------------------------------------------------


def test_a_record_moves_no_address_and_is_left_as_it_is(storage: MemoryStorage, make: Make) -> None:
    """What other devices say of a number waits for the user's word here, and stays said."""
    number = "+15550123"
    storage.put(ACCOUNT, contact(number=number, system_given_name="Ann", username="ann.01"))
    device = make()
    device.sync()
    storage.put(
        ACCOUNT, contact(system_given_name="Ann"), contact(BEN, number=number, username="ann.01")
    )
    assert device.sync() is False
    assert (device.person(ANN).number, device.person(BEN).number) == (number, None)
    assert (device.person(ANN).username, device.person(BEN).username) == ("ann.01", None)
    assert [str(BEN) in warning for warning in device.warnings] == [True]
    claim = find_claim(device.database, AddressKind.NUMBER, number)
    assert claim is not None
    with device.database.transaction() as transaction:
        confirm_claim(transaction, claim)
    assert device.sync() is False
    assert (device.person(ANN).number, device.person(BEN).number) == (None, number)


def test_a_key_that_was_verified_here_is_not_replaced(storage: MemoryStorage, make: Make) -> None:
    first, mine, theirs = (KeyPair.generate().public_key for _ in range(3))
    storage.put(ACCOUNT, contact(identity_key=first.serialize()))
    device = make()
    device.sync()
    with device.database.transaction() as database:
        policy = device.account.trust_policy
        save_peer_identity(database, ANN, mine, policy, NOW_MS)
        set_trust_level(database, ANN, mine, TrustLevel.TRUSTED_VERIFIED, NOW_MS)
    storage.put(
        ACCOUNT,
        contact(identity_key=theirs.serialize(), identity_state=IdentityState.VERIFIED),
    )
    device.sync()
    known = find_identity(device.database, ANN)
    assert known is not None
    assert known.identity_key == mine
    assert contacts(storage)[ANN].identity_key == mine.serialize()
