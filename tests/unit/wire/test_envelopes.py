"""Envelopes: both forms of ids, defaults, hostile bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import (
    MAX_TIMESTAMP_MS,
    Envelope,
    EnvelopeType,
    decode_envelope,
    encode_envelope,
)
from sigcli.wire.generated import signal_service_pb2 as pb
from tests.support.filled_messages import fill
from tests.support.wire_fields import decode_fields, encode_fields

ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")
GUID = "0d9efb1a-8b54-4b8b-9e4f-6a7b7f8d0c11"
FULL = Envelope(
    type=EnvelopeType.PREKEY_MESSAGE,
    timestamp_ms=1700000000000,
    source=ACI,
    source_device_id=2,
    destination=PNI,
    content=b"ciphertext",
    server_timestamp_ms=1700000000001,
    server_guid=GUID,
    urgent=False,
    story=True,
    ephemeral=True,
    report_spam_token=b"token",
    updated_pni=PNI,
)


def test_the_binary_form_is_written_and_read() -> None:
    serialised = encode_envelope(FULL)
    assert decode_envelope(serialised) == FULL
    fields = decode_fields(serialised)
    assert set(fields) == {1, 5, 7, 8, 10, 12, 14, 16, 17, 19, 20, 21, 22}
    assert fields[19] == [ACI.uuid_bytes]
    assert fields[20] == [b"\x01" + PNI.uuid_bytes]
    assert fields[22] == [PNI.uuid_bytes]
    assert len(fields[21][0]) == 16  # type: ignore[arg-type]


def test_the_string_form_is_read() -> None:
    serialised = encode_fields(
        (1, 3),
        (5, 1700000000000),
        (7, 2),
        (8, b"ciphertext"),
        (9, GUID.upper()),
        (10, 1700000000001),
        (11, str(ACI)),
        (12, 1),
        (13, str(PNI)),
        (14, 0),
        (15, str(PNI.uuid)),
        (16, 1),
        (17, b"token"),
    )
    assert decode_envelope(serialised) == FULL


def test_the_binary_form_wins_unless_it_is_broken() -> None:
    other = ServiceId.aci(bytes(16))
    both = encode_fields((11, str(other)), (19, ACI.to_binary()), (9, "text"), (21, b"short"))
    assert decode_envelope(both).source == ACI
    assert decode_envelope(both).server_guid == "text"
    assert decode_envelope(encode_fields((11, str(other)), (19, b"?"))).source == other
    assert decode_envelope(encode_fields((11, "nobody"), (19, b"?"))).source is None


def test_absent_fields() -> None:
    assert decode_envelope(b"") == Envelope(type=EnvelopeType.UNKNOWN, timestamp_ms=0)
    assert decode_envelope(b"").urgent
    assert decode_envelope(encode_fields((1, 99))).type == 99


def test_a_guid_that_is_no_uuid_stays_text() -> None:
    odd = Envelope(type=EnvelopeType.UNKNOWN, timestamp_ms=1, server_guid="odd one")
    assert decode_envelope(encode_envelope(odd)) == odd


def test_every_field_of_the_schema_comes_back() -> None:
    message = pb.Envelope()
    fill(message, random.Random(1))
    message.urgent = False
    message.clientTimestamp %= MAX_TIMESTAMP_MS
    message.serverTimestamp %= MAX_TIMESTAMP_MS
    serialised = message.SerializeToString()
    assert encode_envelope(decode_envelope(serialised)) == serialised


@given(st.binary(max_size=120))
def test_hostile_bytes(data: bytes) -> None:
    try:
        envelope = decode_envelope(data)
    except SigcliError:
        return
    assert decode_envelope(encode_envelope(envelope)) == envelope


def test_broken_bytes_have_a_name() -> None:
    with pytest.raises(MalformedMessage):
        decode_envelope(b"\xff\xff")


def test_a_time_that_no_sender_may_give_is_malformed() -> None:
    latest = Envelope(type=EnvelopeType.UNKNOWN, timestamp_ms=MAX_TIMESTAMP_MS)
    assert decode_envelope(encode_envelope(latest)) == latest
    odd: list[dict[str, Any]] = [
        {"timestamp_ms": 2**64 - 1},
        {"server_timestamp_ms": MAX_TIMESTAMP_MS + 1},
    ]
    for changes in odd:
        with pytest.raises(MalformedMessage):
            decode_envelope(encode_envelope(replace(latest, **changes)))
