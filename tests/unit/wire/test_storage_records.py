"""The storage service: both ways, and nothing lost that is not understood."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.wire.addresses import ServiceId
from sigcli.wire.generated import storage_service_pb2 as pb
from sigcli.wire.storage_manifest import (
    StorageItem,
    StorageManifest,
    StorageWrite,
    decode_manifest_record,
    decode_storage_items,
    decode_storage_manifest,
    decode_storage_read,
    decode_storage_write,
    encode_manifest_record,
    encode_storage_items,
    encode_storage_manifest,
    encode_storage_read,
    encode_storage_write,
)
from sigcli.wire.storage_records import (
    AccountRecord,
    ContactRecord,
    Nickname,
    StorageRecord,
    decode_storage_record,
    encode_storage_record,
)
from tests.support.filled_messages import fill
from tests.support.wire_fields import decode_fields, encode_fields

ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")


def test_what_the_service_sees_comes_back() -> None:
    manifest = StorageManifest(version=7, value=b"sealed")
    items = (StorageItem(key=b"k" * 16, value=b"a"), StorageItem(key=b"l" * 16, value=b""))
    write = StorageWrite(
        manifest=manifest, insert_items=items, delete_keys=(b"m" * 16,), clear_all=True
    )
    assert decode_storage_manifest(encode_storage_manifest(manifest)) == manifest
    assert decode_storage_items(encode_storage_items(items)) == items
    assert decode_storage_read(encode_storage_read([b"x", b"y"])) == (b"x", b"y")
    assert decode_storage_write(encode_storage_write(write)) == write
    assert set(decode_fields(encode_storage_write(write))) == {1, 2, 3, 4}


def test_a_manifest_keeps_types_that_are_not_known() -> None:
    serialised = encode_fields(
        (1, 3), (2, encode_fields((1, b"raw"), (2, 99))), (3, 2), (4, b"ikm"), (50, b"new")
    )
    record = decode_manifest_record(serialised)
    assert record.identifiers[0].type == 99
    changed = decode_fields(encode_manifest_record(replace(record, version=4)))
    assert changed[1] == [4]
    assert changed[50] == [b"new"]
    assert changed[2] == [encode_fields((1, b"raw"), (2, 99))]


@pytest.mark.parametrize("kind", [one.name for one in pb.StorageRecord.DESCRIPTOR.fields])
def test_reading_and_writing_loses_nothing(kind: str) -> None:
    whole = pb.StorageRecord()
    nested = getattr(whole, kind)
    nested.SetInParent()
    fill(nested, random.Random(kind))
    record = decode_storage_record(whole.SerializeToString())
    assert pb.StorageRecord.FromString(encode_storage_record(record)) == whole


def test_a_change_keeps_what_is_not_named() -> None:
    contact = encode_fields(
        (1, str(ACI)), (6, "Ada"), (9, 1), (22, encode_fields((1, "A"), (9, b"new"))), (90, b"new")
    )
    record = decode_storage_record(encode_fields((1, contact), (91, 1)))
    assert record.contact == ContactRecord(
        aci=ACI, given_name="Ada", blocked=True, nickname=Nickname(given="A")
    )
    changed = replace(
        record, contact=replace(record.contact, blocked=False, pni=PNI, given_name="Eve")
    )
    outer = decode_fields(encode_storage_record(changed))
    assert outer[91] == [1]
    inner = decode_fields(outer[1][0])  # type: ignore[arg-type]
    assert inner == {
        6: [b"Eve"],
        1: [str(ACI).encode()],
        22: [encode_fields((1, "A"), (9, b"new"))],
        26: [PNI.uuid_bytes],
        90: [b"new"],
    }


def test_a_new_record() -> None:
    account = StorageRecord(account=AccountRecord(given_name="Ada", read_receipts=True))
    assert encode_storage_record(account) == encode_fields((4, encode_fields((2, "Ada"), (6, 1))))
    with pytest.raises(MalformedMessage):
        encode_storage_record(replace(account, original=b"\xff"))


CODECS: list[tuple[Any, Any]] = [
    (decode_storage_record, encode_storage_record),
    (decode_manifest_record, encode_manifest_record),
    (decode_storage_write, encode_storage_write),
]


@given(st.sampled_from(CODECS), st.binary(max_size=100))
def test_hostile_bytes(codec: tuple[Any, Any], data: bytes) -> None:
    decode, encode = codec
    try:
        value = decode(data)
    except SigcliError:
        return
    assert decode(encode(value)) is not None
