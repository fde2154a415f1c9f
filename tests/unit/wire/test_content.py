"""Content: every kind both ways, the whole schema covered, old and broken forms, hostile bytes."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage, SigcliError
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import (
    AttachmentPointer,
    BodyRange,
    Content,
    DataMessage,
    TextStyle,
    decode_content,
    encode_content,
)
from sigcli.wire.content.codec import CONTENT
from sigcli.wire.content.message_parts import GroupContext, Quote, QuotedAttachment, Reaction
from sigcli.wire.content.polls_and_pins import PinMessage, PollVote
from sigcli.wire.content.receipts import (
    ReceiptMessage,
    ReceiptType,
    TypingAction,
    TypingMessage,
)
from sigcli.wire.content.sync_deletions import AddressableMessage
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus
from sigcli.wire.content.sync_state import MessageMark, SyncBlocked, SyncRequest, SyncRequestType
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.key_types import GroupMasterKey, ProfileKeyBytes
from sigcli.wire.limits import MAX_ATTACHMENTS, MAX_PARTS, MAX_RANGES
from sigcli.wire.mapping import Codec, load
from tests.support.filled_messages import fill_field
from tests.support.wire_fields import encode_fields

ACI = ServiceId.aci("8c78cd2a-16ff-427d-83dc-1a5e36ce713d")
PNI = ServiceId.pni("796abedb-ca4e-4f18-8803-1fde5b921f9f")
KINDS = [one.name for one in pb.Content.DESCRIPTOR.fields]
SYNC_KINDS = [one.name for one in pb.SyncMessage.DESCRIPTOR.fields]


def filled(kind: str, seed: int = 0, share: float = 1.0) -> Any:
    """A protobuf Content of which one field (and what is in it) is set."""
    full = pb.Content()
    source = random.Random(seed)
    if kind in SYNC_KINDS and kind not in KINDS:
        descriptor = pb.SyncMessage.DESCRIPTOR.fields_by_name[kind]
        fill_field(full.syncMessage, descriptor, source, share)
    else:
        fill_field(full, pb.Content.DESCRIPTOR.fields_by_name[kind], source, share)
    return full


# --- round trips ---


@pytest.mark.parametrize("kind", sorted({*KINDS, *SYNC_KINDS}))
def test_every_kind_comes_back_byte_for_byte(kind: str) -> None:
    message = filled(kind)
    serialised = message.SerializeToString()
    content = decode_content(serialised)
    assert content != Content()
    assert content.unknown_fields == ()
    assert encode_content(content) == serialised


@given(st.sampled_from(sorted({*KINDS, *SYNC_KINDS})), st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=150)
def test_partly_filled_content_comes_back_equal(kind: str, seed: int, share: float) -> None:
    content = decode_content(filled(kind, seed, share).SerializeToString())
    assert decode_content(encode_content(content)) == content


def codecs(codec: Codec[Any], descriptor: Any) -> list[tuple[Codec[Any], Any]]:
    """A codec, those nested in it, and the message that each one reads."""
    found = [(codec, descriptor)]
    for one in codec.table.values():
        if one.codec is not None:
            nested = descriptor.fields_by_name[one.name].message_type
            found += codecs(load(one.codec), nested)
    return found


def test_the_tables_cover_the_schema_and_the_values() -> None:
    pairs = codecs(CONTENT, pb.Content.DESCRIPTOR)
    assert len(pairs) > 80
    for codec, descriptor in pairs:
        named = {one.name for one in codec.table.values()}
        named |= {one.twin[0] for one in codec.table.values() if one.twin}
        assert named == set(descriptor.fields_by_name), descriptor.full_name
        attributes = {one.name for one in dataclasses.fields(codec.value_class)}
        assert set(codec.table) == attributes - {"unknown_fields"}, descriptor.full_name


def test_attributes_stand_for_the_fields_that_they_are_named_after() -> None:
    """Against a schema-free encoding, so that two swapped names in a table show."""
    aci = ACI.to_binary()
    quote = encode_fields((1, 11), (3, "quoted"), (7, 2), (8, aci))
    range_ = encode_fields((1, 3), (2, 4), (4, 1))
    pointer = encode_fields(
        (2, "image/png"), (3, b"key"), (4, 99), (6, b"digest"), (7, "a.png"), (11, "cap"), (15, "k")
    )
    body = encode_fields(
        (1, "hello"),
        (2, pointer),
        (4, 2),
        (5, 3600),
        (6, b"p" * 32),
        (7, 1234),
        (8, quote),
        (12, 4),
        (14, 1),
        (15, encode_fields((1, b"m" * 32), (2, 0))),
        (16, encode_fields((1, "👍"), (2, 1), (5, 12), (6, aci))),
        (18, range_),
        (23, 5),
        (26, encode_fields((1, aci), (2, 13), (3, 0), (3, 2), (4, 1))),
        (27, encode_fields((1, aci), (2, 14), (4, 1))),
    )
    expected = DataMessage(
        timestamp_ms=1234,
        body="hello",
        attachments=(
            AttachmentPointer(
                content_type="image/png",
                key=b"key",
                size=99,
                digest=b"digest",
                file_name="a.png",
                caption="cap",
                cdn_key="k",
            ),
        ),
        flags=2,
        expire_timer_s=3600,
        expire_timer_version=5,
        profile_key=ProfileKeyBytes(b"p" * 32),
        quote=Quote(timestamp_ms=11, author=ACI, text="quoted", type=2),
        required_protocol_version=4,
        is_view_once=True,
        group=GroupContext(master_key=GroupMasterKey(b"m" * 32), revision=0),
        reaction=Reaction(emoji="👍", is_remove=True, target_author=ACI, target_timestamp_ms=12),
        body_ranges=(BodyRange(start=3, length=4, style=TextStyle.BOLD),),
        poll_vote=PollVote(
            target_author=ACI, target_timestamp_ms=13, option_indexes=(0, 2), vote_count=1
        ),
        pin_message=PinMessage(target_author=ACI, target_timestamp_ms=14, forever=True),
    )
    content = decode_content(encode_fields((1, body)))
    assert content.data_message == expected
    assert content.data_message.is_expiration_update
    assert not content.data_message.is_end_session


def test_zeros_that_the_apps_ask_for_are_written() -> None:
    typing = Content(typing_message=TypingMessage(timestamp_ms=7, action=TypingAction.STARTED))
    assert encode_content(typing) == encode_fields((6, encode_fields((1, 7), (2, 0))))
    receipt = Content(receipt_message=ReceiptMessage(type=ReceiptType.DELIVERY, timestamps_ms=(7,)))
    assert encode_content(receipt) == encode_fields((5, encode_fields((1, 0), (2, 7))))
    group = DataMessage(
        timestamp_ms=0, group=GroupContext(master_key=GroupMasterKey(b"m"), revision=0)
    )
    assert encode_content(Content(data_message=group)) == encode_fields(
        (1, encode_fields((7, 0), (15, encode_fields((1, b"m"), (2, 0)))))
    )


# --- ids, enumerations, texts, unknown fields ---


def sent(*fields: tuple[int, int | bytes | str]) -> SyncSent:
    """The transcript with these fields."""
    content = decode_content(encode_fields((2, encode_fields((1, encode_fields(*fields))))))
    assert content.sync_message
    assert content.sync_message.sent
    return content.sync_message.sent


def test_ids_are_read_in_either_form_and_the_binary_one_wins() -> None:
    other = ServiceId.aci(bytes(16))
    assert sent((7, str(PNI))).destination == PNI
    assert sent((12, PNI.to_binary())).destination == PNI
    assert sent((12, ACI.to_binary())).destination == ACI
    assert sent((7, str(other)), (12, ACI.to_binary())).destination == ACI
    # In either order on the wire, and around a binary form that is broken.
    assert sent((12, ACI.to_binary()), (7, str(other))).destination == ACI
    assert sent((7, str(other)), (12, b"short")).destination == other


@pytest.mark.parametrize("bad", [b"", b"\x02" + bytes(16), bytes(17), bytes(15)])
def test_a_bad_id_is_none(bad: bytes) -> None:
    assert sent((12, bad), (7, "not a uuid"), (2, 5)) == SyncSent(timestamp_ms=5)


def test_an_author_is_an_aci() -> None:
    quote = encode_fields((8, encode_fields((1, 1), (5, str(PNI)), (8, PNI.to_binary()))))
    content = decode_content(encode_fields((1, quote)))
    assert content.data_message
    assert content.data_message.quote == Quote(timestamp_ms=1, author=None)


def test_bad_ids_are_left_out_of_a_list() -> None:
    blocked = encode_fields((3, str(ACI)), (3, "?"), (1, "+15550100"))
    content = decode_content(encode_fields((2, encode_fields((6, blocked)))))
    assert content.sync_message
    assert content.sync_message.blocked == SyncBlocked(acis=(ACI,), numbers=("+15550100",))


def test_an_unknown_enumeration_number_survives() -> None:
    content = Content(sync_message=SyncMessage(request=SyncRequest(type=4711)))
    assert decode_content(encode_content(content)) == content
    known = decode_content(encode_fields((2, encode_fields((4, encode_fields((1, 5)))))))
    assert known.sync_message
    assert known.sync_message.request
    assert known.sync_message.request.type is SyncRequestType.KEYS


def test_a_text_that_is_no_utf8_is_shown_as_far_as_it_goes() -> None:
    content = decode_content(encode_fields((1, encode_fields((1, b"a\xffb")))))
    assert content.data_message == DataMessage(timestamp_ms=0, body="a�b")


def test_unknown_kinds_are_reported() -> None:
    content = decode_content(encode_fields((99, b"new"), (12, 5)))
    assert content == Content(unknown_fields=(12, 99))
    within = decode_content(
        encode_fields((2, encode_fields((27, b"new"))), (1, encode_fields((30, 1))))
    )
    assert within.data_message
    assert within.data_message.unknown_fields == (30,)
    sync = decode_content(encode_fields((2, encode_fields((27, b"new")))))
    assert sync.sync_message
    assert sync.sync_message.unknown_fields == (27,)


def test_what_does_not_fit_is_refused() -> None:
    for message in (
        DataMessage(timestamp_ms=2**64),
        DataMessage(timestamp_ms=-1),
        DataMessage(timestamp_ms=1, body="lone surrogate \udc80"),
    ):
        with pytest.raises(MalformedMessage):
            encode_content(Content(data_message=message))


def test_values_never_show_what_they_hold() -> None:
    message = DataMessage(
        timestamp_ms=1, body="secret words", profile_key=ProfileKeyBytes(b"secret key")
    )
    content = Content(data_message=message)
    assert "secret" not in repr(content) + repr(message)
    assert repr(message) == "DataMessage(timestamp_ms, body, profile_key)"


def test_pieces_of_a_transcript() -> None:
    content = Content(
        sync_message=SyncMessage(
            sent=SyncSent(
                timestamp_ms=9,
                destination=PNI,
                destination_number="+15550100",
                message=DataMessage(timestamp_ms=9, body="hi"),
                unidentified_statuses=(
                    UnidentifiedStatus(
                        destination=PNI, unidentified=False, destination_pni_identity_key=b"\x05key"
                    ),
                ),
            ),
            read=(MessageMark(sender=ACI, timestamp_ms=3),),
        )
    )
    assert decode_content(encode_content(content)) == content
    assert AddressableMessage(author=ACI, sent_timestamp_ms=1).author == ACI


# --- hostile bytes ---


def check_hostile(data: bytes) -> None:
    """Bytes either fail as they should, or make a value that is stable."""
    try:
        content = decode_content(data)
    except SigcliError:
        return
    serialised = encode_content(content)
    # Bytes are compared because a hostile float may be NaN.
    assert encode_content(decode_content(serialised)) == serialised


@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    check_hostile(data)


@given(
    st.sampled_from(sorted({*KINDS, *SYNC_KINDS})),
    st.integers(0, 2**32),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255), st.integers(0, 2)), min_size=1),
)
@settings(max_examples=200)
def test_mutated_bytes(kind: str, seed: int, changes: list[tuple[int, int, int]]) -> None:
    data = bytearray(filled(kind, seed, 0.5).SerializeToString())
    for position, byte, operation in changes:
        at = position % (len(data) + 1)
        if operation == 0:
            data.insert(at, byte)
        elif operation == 1:
            del data[at : at + byte % 8]
        elif at < len(data):
            data[at] = byte
    check_hostile(bytes(data))


# --- start-up ---


def test_text_messages_need_none_of_the_other_schemas_and_families() -> None:
    code = """
import sys
from sigcli.wire.content import Content, DataMessage, decode_content, encode_content
decode_content(encode_content(Content(data_message=DataMessage(timestamp_ms=1, body="hi"))))
print(*sorted(name for name in sys.modules if name.startswith("sigcli.wire.")))
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(loaded) == {
        "sigcli.wire.addresses",
        "sigcli.wire.protobuf_runtime",
        "sigcli.wire.content",
        "sigcli.wire.content.attachments",
        "sigcli.wire.content.codec",
        "sigcli.wire.content.data_message",
        "sigcli.wire.content.ranges",
        "sigcli.wire.generated",
        "sigcli.wire.generated.signal_service_pb2",
        "sigcli.wire.limits",
        "sigcli.wire.mapping",
    }


def test_parts_beyond_what_a_message_may_have_are_passed_over() -> None:
    pointer = AttachmentPointer(cdn_id=1)
    many = DataMessage(
        timestamp_ms=1,
        attachments=(pointer,) * 15_000,
        body_ranges=(BodyRange(start=0, length=1, style=TextStyle.BOLD),) * 5_000,
        quote=Quote(
            timestamp_ms=1,
            author=ACI,
            attachments=(QuotedAttachment(thumbnail=pointer),) * 2_000,
        ),
    )
    receipt = ReceiptMessage(type=ReceiptType.DELIVERY, timestamps_ms=tuple(range(1, 50_000)))
    read = decode_content(encode_content(Content(data_message=many)))
    named = decode_content(encode_content(Content(receipt_message=receipt)))
    assert read.data_message is not None
    assert read.data_message.quote is not None
    assert named.receipt_message is not None
    assert len(read.data_message.attachments) == MAX_ATTACHMENTS
    assert len(read.data_message.quote.attachments) == MAX_ATTACHMENTS
    assert len(read.data_message.body_ranges) == MAX_RANGES
    assert len(named.receipt_message.timestamps_ms) == MAX_PARTS


def test_what_own_devices_list_is_as_long_as_it_is() -> None:
    blocked = SyncBlocked(numbers=tuple(f"+1555{one:07}" for one in range(5_000)))
    read = decode_content(encode_content(Content(sync_message=SyncMessage(blocked=blocked))))
    assert read.sync_message is not None
    assert read.sync_message.blocked == blocked
