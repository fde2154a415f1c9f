"""The storage service: what the phone keeps there is here after linking, and what is changed here is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigcli.wire.storage_manifest import StorageItemType
from sigcli.wire.storage_records import decode_storage_record
from tests.support.linking import link_device
from tests.support.mock_server import MockPrimary, MockServer, StoredItem
from tests.support.sigcli_process import Sigcli

# A call link (field 7, known to the schema and not to the program), and a kind of record (99) that nobody has yet.
CALL_LINK = bytes.fromhex("3a06 0a04") + b"root"
NEWER_KIND = bytes.fromhex("9a06 03") + b"new"


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


def contacts(sigcli: Sigcli, *arguments: str) -> dict[str, dict[str, Any]]:
    """The listed contacts by ACI."""
    listed: list[dict[str, Any]] = sigcli.run("listContacts", "--json", *arguments).json
    return {contact["uuid"]: contact for contact in listed}


def record_of(mock_server: MockServer, primary: MockPrimary, kind: str) -> dict[str, Any]:
    """The only record of a kind, as the mock reads it."""
    stored = mock_server.storage_records(primary)
    assert stored is not None
    (record,) = [record[kind] for record in stored["records"] if kind in record]
    assert isinstance(record, dict)
    return record


def items_of(mock_server: MockServer, primary: MockPrimary) -> dict[int, StoredItem]:
    """What lies there, by type."""
    return {item.type: item for item in mock_server.storage_items(primary)}


def test_contacts_and_groups_of_the_phone_are_here_after_linking(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    blocked = mock_server.create_primary("Mallory")
    stranger = mock_server.create_primary("Stranger")
    group = mock_server.create_group(primary, "Friends", [bob])
    mock_server.set_storage(
        primary,
        contacts=[
            (
                bob,
                {
                    "systemGivenName": "Robert",
                    "systemFamilyName": "Roe",
                    "nickname": {"given": "Bobby", "family": ""},
                    "note": "from the phone",
                },
            ),
            (blocked, {"blocked": True, "whitelisted": False}),
            (stranger, {"whitelisted": False}),
        ],
        groups=[(group, {})],
        account={"givenName": "Alice", "readReceipts": True, "linkPreviews": True},
    )
    link_device(mock_server, sigcli, primary)
    listed = contacts(sigcli)
    assert set(listed) == {bob.aci, blocked.aci}
    found = listed[bob.aci]
    assert (found["givenName"], found["familyName"]) == ("Robert", "Roe")
    assert (found["nickGivenName"], found["note"]) == ("Bobby", "from the phone")
    assert found["profile"]["givenName"] == "Bob"
    assert listed[blocked.aci]["isBlocked"] is True
    (listed_group,) = sigcli.run("listGroups", "--json").json
    assert (listed_group["id"], listed_group["name"]) == (group.id, "Friends")
    assert listed_group["isMember"] is True


def test_edits_are_written_back_and_nothing_else_is_touched(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.set_storage(
        primary,
        contacts=[(bob, {"note": "old", "archived": True, "avatarColor": 7})],
        account={"givenName": "Alice", "preferContactAvatars": True},
    )
    # What even the schema lacks: a field of a contact (1000) and of the account (1001).
    for item in mock_server.storage_items(primary):
        assert item.record is not None
        unknown = _with_unknown_field(item.record, 1000 + item.type)
        mock_server.write_storage_items(primary, add=[(item.type, unknown)], remove=[item.raw])
    mock_server.write_storage_items(
        primary, add=[(StorageItemType.CALL_LINK, CALL_LINK), (99, NEWER_KIND)]
    )
    before = items_of(mock_server, primary)
    link_device(mock_server, sigcli, primary)
    assert items_of(mock_server, primary) == before
    finished = sigcli.run("updateContact", bob.aci, "--note", "new", "--nick-given-name", "Bobby")
    assert finished.stderr == ""
    after = items_of(mock_server, primary)
    assert after.keys() == before.keys()
    changed = {type for type, item in after.items() if item != before[type]}
    assert changed == {StorageItemType.CONTACT}
    record = after[StorageItemType.CONTACT]
    assert record.raw != before[StorageItemType.CONTACT].raw
    assert _unknown_field(1001) in (record.record or b"")
    assert after[99].record == NEWER_KIND
    # The phone is told to look, and nothing is written twice.
    assert mock_server.received_sync(primary, "fetchLatest")["type"] == 2
    sigcli.run("updateContact", bob.aci, "--note", "new")
    assert items_of(mock_server, primary) == after
    # The mock's own classes refuse to look at a manifest with a kind of record that they do not know.
    mock_server.write_storage_items(primary, remove=[after[99].raw])
    contact = record_of(mock_server, primary, "contact")
    assert (contact["note"], contact["nickname"]["given"]) == ("new", "Bobby")
    assert (contact["archived"], contact["avatarColor"]) == (True, 7)


def test_both_sides_edit_and_both_edits_hold(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.set_storage(primary, contacts=[(bob, {"note": "old", "archived": False})])
    link_device(mock_server, sigcli, primary)
    item = items_of(mock_server, primary)[StorageItemType.CONTACT]
    archived = _with_fields(item.record or b"", archived=True, given_name="Robert")
    mock_server.write_storage_items(
        primary, add=[(StorageItemType.CONTACT, archived)], remove=[item.raw]
    )
    sigcli.run("updateContact", bob.aci, "--note", "new")
    contact = record_of(mock_server, primary, "contact")
    assert (contact["note"], contact["archived"], contact["givenName"]) == ("new", True, "Robert")
    assert contacts(sigcli)[bob.aci]["profile"]["givenName"] == "Robert"


def test_a_phone_that_writes_is_heard_while_receiving(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.set_storage(primary, contacts=[(bob, {})])
    link_device(mock_server, sigcli, primary)
    carol = mock_server.create_primary("Carol")
    mock_server.set_storage(primary, contacts=[(bob, {"blocked": True}), (carol, {})])
    mock_server.send_fetch_storage(primary)
    sigcli.run("receive")
    listed = contacts(sigcli)
    assert set(listed) == {bob.aci, carol.aci}
    assert listed[bob.aci]["isBlocked"] is True


def test_two_devices_that_write_at_once(
    mock_server: MockServer, new_sigcli: Callable[[str], Sigcli], primary: MockPrimary
) -> None:
    people = [mock_server.create_primary(f"Person {number}") for number in range(6)]
    mock_server.set_storage(primary, contacts=[(person, {}) for person in people])
    devices = [new_sigcli("one"), new_sigcli("two")]
    for device in devices:
        link_device(mock_server, device, primary)
    for round in range(3):
        running = [
            device.start("updateContact", people[2 * round + number].aci, "--note", f"{number}")
            for number, device in enumerate(devices)
        ]
        for process in running:
            assert process.wait().expect(0).stderr == ""
    stored = mock_server.storage_records(primary)
    assert stored is not None
    notes = {
        record["contact"]["givenName"].rstrip("\0"): record["contact"]["note"]
        for record in stored["records"]
        if "contact" in record
    }
    assert notes == {f"Person {number}": str(number % 2) for number in range(6)}


def test_without_the_key_nothing_is_written(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.set_storage(primary, contacts=[(bob, {})])
    link_device(mock_server, sigcli, primary)
    # The phone has a new pool, of which this device has not heard.
    mock_server.renew_entropy_pool(primary)
    mock_server.set_storage(primary, contacts=[(bob, {"note": "under the new key"})])
    before = mock_server.storage_items(primary)
    sigcli.run("updateContact", bob.aci, "--nick-given-name", "Bobby")
    assert mock_server.storage_items(primary) == before
    while mock_server.received_sync(primary, "request")["type"] != 4:
        continue
    # The answer to the question brings the key: the phone's change comes, this device's goes.
    sigcli.run("receive")
    sigcli.run("receive")
    contact = record_of(mock_server, primary, "contact")
    assert (contact["note"], contact["nickname"]["given"]) == ("under the new key", "Bobby")
    assert contacts(sigcli)[bob.aci]["note"] == "under the new key"


def _unknown_field(number: int) -> bytes:
    """A field of bytes, as protobuf writes it."""
    tag = number << 3 | 2
    return bytes([tag & 0x7F | 0x80, tag >> 7, 5]) + b"later"


def _with_unknown_field(record: bytes, number: int) -> bytes:
    """A record whose contents have one field more."""
    from sigcli.wire.generated.storage_service_pb2 import StorageRecord

    message = StorageRecord.FromString(record)
    inner = getattr(message, str(message.WhichOneof("record")))
    inner.MergeFromString(_unknown_field(number))
    return message.SerializeToString()


def _with_fields(record: bytes, **fields: object) -> bytes:
    from dataclasses import replace

    from sigcli.wire.storage_records import encode_storage_record

    value = decode_storage_record(record)
    assert value.contact is not None
    contact = replace(value.contact, **fields)  # type: ignore[arg-type]
    return encode_storage_record(replace(value, contact=contact))
