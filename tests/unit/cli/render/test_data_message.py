"""Data messages, edits and stories in text, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigcli.cli.render import event_text
from sigcli.wire.content import (
    AttachmentFlag,
    AttachmentPointer,
    BodyRange,
    Content,
    DataMessage,
    EditMessage,
    TextStyle,
)
from sigcli.wire.content.message_parts import (
    AdminDelete,
    Delete,
    GiftBadge,
    GroupCallUpdate,
    GroupContext,
    Preview,
    Quote,
    QuotedAttachment,
    Reaction,
    Sticker,
    StoryContext,
)
from sigcli.wire.content.payments import Payment, PaymentActivation, PaymentNotification
from sigcli.wire.content.polls_and_pins import (
    PinMessage,
    PollCreate,
    PollTerminate,
    PollVote,
    UnpinMessage,
)
from sigcli.wire.content.shared_contacts import (
    ContactFieldType,
    PostalAddressType,
    SharedContact,
    SharedContactAddress,
    SharedContactAvatar,
    SharedContactField,
    SharedContactName,
)
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.key_types import StickerPackId
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    BOB_ACI,
    GROUP_ID,
    MASTER_KEY,
    NOW,
    NOW_MS,
    OTHER_MASTER_KEY,
    KnownPeople,
    received,
)

ALICE_TEXT = "“Alice” +15550101"
POINTER = AttachmentPointer(cdn_key="pic", content_type="image/png")
FIVE = "5 (1970-01-01T00:00:00.005Z)"


def body_of(content: Content, folder: Path | None = None) -> list[str]:
    """The lines after the head of the envelope and its seal."""
    text = event_text(received(content), KnownPeople(folder))
    *lines, last = text.split("\n")
    assert last == ""
    assert lines[3] == "Sent by unidentified/sealed sender"
    return lines[4:]


PARTS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"body": "hi"}, "Body: hi"),
    ({"body": "one\r\ntwo\n\tthree\n\nfive"}, "Body: one\n  two\n      three\n  \n  five"),
    ({"body": "\x1b[2J\u202e"}, "Body: \\x1b[2J\\u202e"),
    ({"is_view_once": True, "body": "hi"}, "=VIEW ONCE=\nBody: hi"),
    (
        {"group": GroupContext(master_key=MASTER_KEY, revision=7, group_change=b"c")},
        f"Group info:\n  Id: {GROUP_ID}\n  Name: Friends\n  Revision: 7\n  Type: UPDATE",
    ),
    (
        {"group": GroupContext(master_key=OTHER_MASTER_KEY, revision=0)},
        "Group info:\n  Id: b+lDXuPnkP1y/uzh0s8/2Wgjlb0Xk6rnYx6H5n2Wd3o=\n"
        "  Name: <Unknown group>\n  Revision: 0\n  Type: DELIVER",
    ),
    (
        {"story_context": StoryContext(author=ALICE_ACI, sent_timestamp_ms=5)},
        f"Story reply:\n  Sender: {ALICE_TEXT}\n  Sent timestamp: 5",
    ),
    ({"group_call_update": GroupCallUpdate(era_id="e")}, "Group call update:\n  Era id: e"),
    (
        {
            "previews": (
                Preview(url="https://e.org", title="T", description="D", date_ms=5, image=POINTER),
                Preview(url="u"),
            )
        },
        f"Previews:\n- Preview\n  Title: T\n  Description: D\n  Date: {FIVE}\n"
        "  Url: https://e.org\n  Image:\n    Content-Type: image/png\n    Type: Pointer\n"
        "    Id: pic\n- Preview\n  Title: \n  Description: \n  Url: u",
    ),
    (
        {
            "contacts": (
                SharedContact(
                    name=SharedContactName(given="G", middle=" ", nickname="N"),
                    avatar=SharedContactAvatar(attachment=POINTER, is_profile=True),
                    organization="O",
                    phones=(
                        SharedContactField(value="+1", type=ContactFieldType.MOBILE, label="l"),
                        SharedContactField(value="+2", type=9),
                    ),
                    emails=(SharedContactField(value="a@b", type=ContactFieldType.WORK),),
                    addresses=(
                        SharedContactAddress(type=PostalAddressType.HOME, street="S", city="C"),
                    ),
                ),
                SharedContact(),
            )
        },
        "Contacts:\n- Contact:\n  Name:\n    First name: G\n    Display name: N\n"
        "  Avatar: (profile: true)\n    Content-Type: image/png\n    Type: Pointer\n    Id: pic\n"
        "  Organisation: O\n  Phone details:\n  - Phone:\n    Number: +1\n    Type: MOBILE\n"
        "    Label: l\n  - Phone:\n    Number: +2\n    Type: UNKNOWN_9\n  Email details:\n"
        "  - Email:\n    Address: a@b\n    Type: WORK\n  Address details:\n  - Address:\n"
        "    Type: HOME\n    Street: S\n    City: C\n- Contact:\n  Name:",
    ),
    (
        {
            "sticker": Sticker(
                pack_id=StickerPackId(b"\xab"), pack_key=b"k", sticker_id=3, emoji="😀"
            )
        },
        "Sticker:\n  Pack id: ab\n  Sticker id: 3\n  Emoji: 😀",
    ),
    (
        {"flags": 7, "expire_timer_s": 60, "profile_key": b"k"},
        "Is end session\nIs Expiration update: true\nExpires in: 60 seconds\n"
        "Profile key update\nWith profile key",
    ),
    (
        {"reaction": Reaction(emoji="👍\x1b", target_author=BOB_ACI, target_timestamp_ms=5)},
        f"Reaction:\n  Emoji: 👍\\x1b\n  Target author: {BOB_ACI}\n  Target timestamp: {FIVE}\n"
        "  Is remove: false",
    ),
    (
        {
            "quote": Quote(
                timestamp_ms=5,
                author=None,
                text="a\nb",
                body_ranges=(BodyRange(start=0, length=1, mention=ALICE_ACI),),
                attachments=(
                    QuotedAttachment(
                        content_type="image/png", file_name="f\n.png", thumbnail=POINTER
                    ),
                ),
            )
        },
        f"Quote:\n  Id: 5\n  Author: <unknown>\n  Text: a\n    b\n  Mentions:\n"
        f"  - {ALICE_TEXT}: 0 (length: 1)\n  Attachments:\n  - Attachment:\n"
        "    Content-Type: image/png\n    Type: Stream\n    Filename: f\\n.png\n    Thumbnail:\n"
        "      Content-Type: image/png\n      Type: Pointer\n      Id: pic",
    ),
    ({"delete": Delete(target_timestamp_ms=5)}, "Remote delete message: timestamp = 5"),
    (
        {
            "body_ranges": (
                BodyRange(start=1, length=2, style=TextStyle.BOLD),
                BodyRange(start=0, length=1, mention=BOB_ACI),
                BodyRange(start=3, length=4, style=9),
            )
        },
        f"Mentions:\n- {BOB_ACI}: 0 (length: 1)\nText styles:\n- BOLD: 1 (length: 2)\n"
        "- UNKNOWN_9: 3 (length: 4)",
    ),
    (
        {"poll_create": PollCreate(question="Q\n?", allow_multiple=False, options=("a", "b\x07"))},
        'Poll Create: "Q\\n?" (single)\n- a\n- b\\x07',
    ),
    (
        {
            "poll_vote": PollVote(
                target_author=ALICE_ACI, target_timestamp_ms=5, option_indexes=(0, 2), vote_count=3
            )
        },
        f'Poll Vote: "{ALICE_TEXT}" ({FIVE}) selected 0,2 (vote #3)',
    ),
    ({"poll_terminate": PollTerminate(target_timestamp_ms=5)}, f"Poll Terminate: {FIVE}"),
    (
        {"pin_message": PinMessage(target_author=ALICE_ACI, target_timestamp_ms=5, forever=True)},
        f"Pin Message:\n  Target author: {ALICE_TEXT}\n  Target timestamp: {FIVE}\n"
        "  Duration: forever",
    ),
    (
        {"pin_message": PinMessage(target_author=ALICE_ACI, target_timestamp_ms=5, duration_s=9)},
        f"Pin Message:\n  Target author: {ALICE_TEXT}\n  Target timestamp: {FIVE}\n"
        "  Duration: 9 seconds",
    ),
    (
        {"pin_message": PinMessage(target_author=ALICE_ACI, target_timestamp_ms=5)},
        f"Pin Message:\n  Target author: {ALICE_TEXT}\n  Target timestamp: {FIVE}\n"
        "  Duration: unspecified",
    ),
    (
        {"unpin_message": UnpinMessage(target_author=ALICE_ACI, target_timestamp_ms=5)},
        f"Unpin Message:\n  Target author: {ALICE_TEXT}\n  Target timestamp: {FIVE}",
    ),
    (
        {"admin_delete": AdminDelete(target_author=ALICE_ACI, target_timestamp_ms=5)},
        f"Admin Delete:\n  Target author: {ALICE_TEXT}\n  Target timestamp: {FIVE}",
    ),
    (
        {"payment": Payment(notification=PaymentNotification(note="rent"))},
        "Payment:\n  Note: rent",
    ),
    ({"payment": Payment(activation=PaymentActivation(type=7))}, "Payment activation: UNKNOWN_7"),
    ({"gift_badge": GiftBadge()}, "Gift badge"),
    (
        {"required_protocol_version": 99, "unknown_fields": (30, 31)},
        "Needs a newer client: protocol version 99\nUnknown fields: 30, 31",
    ),
]


@pytest.mark.parametrize(("held", "expected"), PARTS)
def test_parts(held: dict[str, Any], expected: str) -> None:
    message = DataMessage(timestamp_ms=NOW_MS, **held)
    lines = (
        [f"Message timestamp: {NOW}", *expected.split("\n")]
        if expected
        else [f"Message timestamp: {NOW}"]
    )
    assert body_of(Content(data_message=message)) == lines


def test_an_edit_shows_the_new_version_below_it() -> None:
    new = DataMessage(timestamp_ms=NOW_MS, body="a\nb")
    edit = EditMessage(target_timestamp_ms=5, data_message=new)
    assert body_of(Content(edit_message=edit)) == [
        f"Edit: Target message timestamp: {FIVE}",
        f"  Message timestamp: {NOW}",
        "  Body: a",
        "    b",
    ]


def test_an_attachment_with_everything(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"x")
    pointer = AttachmentPointer(
        cdn_key="clip",
        content_type="video/mp4",
        size=99,
        thumbnail=b"12",
        flags=int(AttachmentFlag.VOICE_MESSAGE | AttachmentFlag.BORDERLESS | AttachmentFlag.GIF),
        file_name="../\x1b]0;x\x07",
        width=3,
        caption="look\nhere",
        upload_timestamp_ms=5,
    )
    message = DataMessage(timestamp_ms=NOW_MS, attachments=(pointer,))
    assert body_of(Content(data_message=message), tmp_path)[1:] == [
        "Attachments:",
        "- Attachment:",
        "  Content-Type: video/mp4",
        "  Type: Pointer",
        "  Id: clip",
        f"  Upload timestamp: {FIVE}",
        "  Caption: look\\nhere",
        "  Filename: ../\\x1b]0;x\\x07",
        "  Size: 99 bytes (Preview is available: 2 bytes)",
        "  Flags: voice note, borderless, video gif",
        "  Dimensions: 3x0",
        f"  Stored plaintext in: {tmp_path / 'clip'}",
    ]


def test_an_attachment_with_nothing() -> None:
    message = DataMessage(timestamp_ms=NOW_MS, attachments=(AttachmentPointer(thumbnail=b"1"),))
    assert body_of(Content(data_message=message))[3:] == [
        "  Content-Type: application/octet-stream",
        "  Type: Stream",
        "  Size: <unavailable> (Preview is available: 1 bytes)",
    ]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (StoryMessage(), ["  Story: with replies: false"]),
        (
            StoryMessage(
                allows_replies=True,
                group=GroupContext(master_key=MASTER_KEY, revision=1),
                text_attachment=TextAttachment(text="a\nb", preview=Preview(url="u")),
            ),
            [
                "  Story: with replies: true",
                "  Group info:",
                f"    Id: {GROUP_ID}",
                "    Name: Friends",
                "  Body: a",
                "    b",
                "  Preview:",
                "    Title: ",
                "    Description: ",
                "    Url: u",
            ],
        ),
        (
            StoryMessage(file_attachment=POINTER),
            [
                "  Story: with replies: false",
                "  Attachments:",
                "    Content-Type: image/png",
                "    Type: Pointer",
                "    Id: pic",
            ],
        ),
    ],
)
def test_stories(story: StoryMessage, expected: list[str]) -> None:
    assert body_of(Content(story_message=story)) == expected
