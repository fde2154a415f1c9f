"""The head of an envelope, failures, and the kinds that are no messages of a conversation."""

from __future__ import annotations

import pytest

from sigcli.cli.render import event_text
from sigcli.client.base.events import Failure, Person
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, EditMessage
from sigcli.wire.content.call_message import (
    CallAnswer,
    CallBusy,
    CallHangup,
    CallHangupType,
    CallIceUpdate,
    CallMessage,
    CallOffer,
    CallOfferType,
    CallOpaque,
)
from sigcli.wire.content.receipts import (
    ReceiptMessage,
    ReceiptType,
    TypingAction,
    TypingMessage,
)
from sigcli.wire.content.stories import StoryMessage
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent, UnidentifiedStatus
from sigcli.wire.content.sync_state import (
    MessageMark,
    MessageRequestResponseType,
    SyncBlocked,
    SyncContacts,
    SyncMessageRequestResponse,
)
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.cli.render.test_data_message import ALICE_TEXT, FIVE, body_of
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    BOB,
    BOB_ACI,
    NOW,
    NOW_MS,
    KnownPeople,
    received,
)

HELLO = DataMessage(timestamp_ms=NOW_MS, body="hi")
HEAD = f"""\
Envelope from: “Alice” +15550101 (device: 2) to +15550100
Timestamp: {NOW}
Server timestamps: received: 1700000000124 (2023-11-14T22:13:20.124Z) \
delivered: 1700000000125 (2023-11-14T22:13:20.125Z)
"""


def test_a_plain_text_ends_with_one_blank_line() -> None:
    text = event_text(received(Content(data_message=HELLO), sealed=False), KnownPeople())
    assert text == HEAD + f"Message timestamp: {NOW}\nBody: hi\n"


def test_an_attachment_that_is_not_here_says_why() -> None:
    pointer = AttachmentPointer(cdn_key="abc", content_type="image/png")
    content = Content(data_message=DataMessage(timestamp_ms=NOW_MS, attachments=(pointer,)))
    text = event_text(received(content, left={"abc": "too\nlarge"}), KnownPeople())
    assert "Id: abc\n" in text
    assert text.endswith("Not fetched: too\\nlarge\n")
    assert "Not fetched" not in event_text(received(content), KnownPeople())


def test_seal_and_message_request() -> None:
    lines = event_text(received(message_request=True), KnownPeople()).split("\n")
    assert lines[3] == "Sent by unidentified/sealed sender"
    assert lines[4].startswith("Message request: ")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (None, "unknown source (device: 0)"),
        (BOB, f"{BOB_ACI} (device: 0)"),
        (Person(), "<unknown> (device: 0)"),
        (Person(number="+1", name="a\nb\x1b"), "“a\\nb\\x1b” +1 (device: 0)"),
    ],
)
def test_who_it_is_from(source: Person | None, expected: str) -> None:
    text = event_text(received(source=source, source_device=None), KnownPeople())
    assert text.startswith(f"Envelope from: {expected} to +15550100\n")


def test_a_failure() -> None:
    failure = Failure("ProtocolInvalidMessageException", "bad\nMAC")
    content = Content(data_message=HELLO)
    text = event_text(received(content, sealed=False, failure=failure), KnownPeople())
    assert text == HEAD + "Exception: bad\\nMAC (ProtocolInvalidMessageException)\n"


def test_an_untrusted_identity_comes_with_the_commands_that_help() -> None:
    failure = Failure("UntrustedIdentityException", "untrusted", untrusted_identity=True)
    text = event_text(received(failure=failure), KnownPeople())
    assert "identity key is untrusted" in text
    assert "'sigcli -a +15550100 listIdentities -n +15550101'" in text
    assert "'sigcli -a +15550100 trust -v SAFETY_NUMBER +15550101'" in text
    assert "'sigcli -a +15550100 trust -a +15550101'" in text
    assert "Exception" not in text
    nobody = event_text(received(failure=failure, source=None), KnownPeople())
    assert "identity key is untrusted" in nobody
    assert "trust -a" not in nobody


def test_receipts() -> None:
    receipt = ReceiptMessage(type=ReceiptType.VIEWED, timestamps_ms=(5, 6))
    assert body_of(Content(receipt_message=receipt)) == [
        "Received a receipt message",
        f"  When: {NOW}",
        "  Is viewed receipt",
        "  Timestamps:",
        f"  - {FIVE}",
        "  - 6 (1970-01-01T00:00:00.006Z)",
    ]
    unknown = body_of(Content(receipt_message=ReceiptMessage(type=9, timestamps_ms=())))
    assert unknown == ["Received a receipt message", f"  When: {NOW}", "  Timestamps:"]


def test_a_receipt_of_the_server() -> None:
    text = event_text(received(sealed=False, is_delivery_receipt=True), KnownPeople())
    assert text == HEAD + (
        "Received a receipt message\n"
        "  When: 1700000000124 (2023-11-14T22:13:20.124Z)\n"
        f"  Is delivery receipt\n  Timestamps:\n  - {NOW}\n"
    )


def test_typing() -> None:
    typing = TypingMessage(
        timestamp_ms=5, action=TypingAction.STARTED, group_id=GroupIdentifier(b"\x01")
    )
    assert body_of(Content(typing_message=typing)) == [
        "Received a typing message",
        "  Action: STARTED",
        f"  Timestamp: {FIVE}",
        "  Group Info:",
        "    Id: AQ==",
        "    Name: <Unknown group>",
    ]


def test_calls() -> None:
    call = CallMessage(
        offer=CallOffer(id=2**64 - 1, type=CallOfferType.AUDIO_CALL, opaque=b"123"),
        answer=CallAnswer(id=1),
        ice_updates=(CallIceUpdate(id=2, opaque=b"1"),),
        busy=CallBusy(id=3),
        hangup=CallHangup(id=4, type=CallHangupType.DECLINED, device_id=5),
        destination_device_id=6,
        opaque=CallOpaque(data=b"12"),
    )
    assert body_of(Content(call_message=call)) == [
        "Received a call message",
        "  Destination device id: 6",
        "  Answer message: 1, opaque length: 0",
        "  Busy message: 3",
        "  Hangup message: 4",
        "  - type: DECLINED",
        "  - device id: 5",
        "  Ice update messages:",
        "  - 2, opaque length: 1",
        "  Offer message: 18446744073709551615, opaque length: 3",
        "  Opaque message: size 2, urgency: DROPPABLE",
    ]


def test_what_is_not_known_is_named_by_its_number() -> None:
    assert body_of(Content(unknown_fields=(12, 99))) == ["Unknown fields: 12, 99"]


# --- sync ---


def sync_lines(**held: object) -> list[str]:
    """The lines of a sync message after its title."""
    lines = body_of(Content(sync_message=SyncMessage(**held)))  # type: ignore[arg-type]
    assert lines[0] == "Received a sync message"
    return lines[1:]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (
            SyncSent(
                timestamp_ms=5,
                destination=ALICE_ACI,
                message=HELLO,
                expiration_start_timestamp_ms=5,
            ),
            [
                f"  To: {ALICE_TEXT}",
                f"  Timestamp: {FIVE}",
                f"  Expiration started at: {FIVE}",
                f"  Message timestamp: {NOW}",
                "  Body: hi",
            ],
        ),
        (
            SyncSent(
                timestamp_ms=5,
                unidentified_statuses=(
                    UnidentifiedStatus(destination=ALICE_ACI, unidentified=True),
                    UnidentifiedStatus(destination=None, unidentified=True),
                ),
                story_message=StoryMessage(file_attachment=AttachmentPointer(cdn_key="pic")),
            ),
            [
                f"  To: {ALICE_TEXT}, <unknown>",
                f"  Timestamp: {FIVE}",
                "  Story: with replies: false",
                "  Attachments:",
                "    Content-Type: application/octet-stream",
                "    Type: Pointer",
                "    Id: pic",
            ],
        ),
        (
            SyncSent(
                timestamp_ms=5,
                edit_message=EditMessage(target_timestamp_ms=5, data_message=HELLO),
            ),
            [
                "  To: <unknown>",
                f"  Timestamp: {FIVE}",
                f"  Edit: Target message timestamp: {FIVE}",
                f"    Message timestamp: {NOW}",
                "    Body: hi",
            ],
        ),
    ],
)
def test_transcripts(sent: SyncSent, expected: list[str]) -> None:
    assert sync_lines(sent=sent) == ["Received sync sent message", *expected]


def test_the_other_sync_messages() -> None:
    mark = MessageMark(sender=BOB_ACI, timestamp_ms=5)
    assert sync_lines() == []
    assert sync_lines(contacts=SyncContacts(complete=True)) == ["Received complete sync contacts:"]
    assert sync_lines(contacts=SyncContacts()) == ["Received partial sync contacts:"]
    assert sync_lines(read=(mark,), viewed=(mark,)) == [
        "Received sync read messages list",
        f"- From: {BOB_ACI} Message timestamp: {FIVE}",
        "Received sync viewed messages list",
        f"- From: {BOB_ACI} Message timestamp: {FIVE}",
    ]
    blocked = SyncBlocked(acis=(BOB_ACI,), numbers=("+1\n",), group_ids=(GroupIdentifier(b"\x01"),))
    assert sync_lines(blocked=blocked) == [
        "Received sync message with block list",
        "Blocked:",
        "- +1\\n",
        f"- {BOB_ACI}",
        "- AQ==",
    ]
    assert sync_lines(view_once_open=mark) == [
        "Received sync message with view once open message:",
        f"  Sender: {BOB_ACI}",
        f"  Timestamp: {FIVE}",
    ]
    accepted = MessageRequestResponseType.ACCEPT
    assert sync_lines(
        message_request_response=SyncMessageRequestResponse(
            type=accepted, thread=ALICE_ACI, group_id=GroupIdentifier(b"\x01")
        )
    ) == [
        "Received message request response:",
        "  Type: ACCEPT",
        "For group:",
        "  Id: AQ==",
        "  Name: <Unknown group>",
        f"  For Person: {ALICE_TEXT}",
    ]
    assert sync_lines(unknown_fields=(27,)) == ["Unknown fields: 27"]
