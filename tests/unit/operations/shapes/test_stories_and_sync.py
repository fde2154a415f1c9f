"""Stories, and what the account's devices tell one another."""

from __future__ import annotations

from typing import Any

import pytest

from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, EditMessage
from sigcli.wire.content.message_parts import GroupContext, Preview
from sigcli.wire.content.stories import Gradient, StoryMessage, StoryTextStyle, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import StoryRecipient, SyncSent, UnidentifiedStatus
from sigcli.wire.content.sync_state import (
    MessageMark,
    MessageRequestResponseType,
    SyncBlocked,
    SyncContacts,
    SyncMessageRequestResponse,
)
from sigcli.wire.key_types import GroupIdentifier, ProfileKeyBytes
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    ALICE_PNI,
    BOB_ACI,
    GROUP_ID,
    MASTER_KEY,
    NOW_MS,
    STRANGER_PNI,
    KnownPeople,
    attachment_shape,
    received,
)
from tests.unit.operations.shapes.test_data_message import MINIMAL

POINTER = AttachmentPointer(cdn_key="pic", content_type="image/png")
STORY = StoryMessage(file_attachment=POINTER, allows_replies=True)
STORY_SHAPE = {
    "allowsReplies": True,
    "fileAttachment": attachment_shape(id="pic", contentType="image/png"),
}
TO_ALICE = {
    "destination": "+15550101",
    "destinationNumber": "+15550101",
    "destinationUuid": str(ALICE_ACI),
}
TO_NOBODY = {"destination": None, "destinationNumber": None, "destinationUuid": None}
FROM_BOB = {"sender": str(BOB_ACI), "senderNumber": None, "senderUuid": str(BOB_ACI)}
FROM_NOBODY = {"sender": None, "senderNumber": None, "senderUuid": None}
HELLO = DataMessage(timestamp_ms=NOW_MS, body="hi")
HELLO_SHAPE = MINIMAL | {"message": "hi"}


def envelope(content: Content) -> dict[str, Any]:
    """The envelope's shape."""
    found: dict[str, Any] = receive_object(received(content), KnownPeople())["envelope"]
    return found


# --- stories ---

STORIES: list[tuple[StoryMessage, dict[str, Any]]] = [
    (StoryMessage(), {"allowsReplies": False}),
    (STORY, STORY_SHAPE),
    (
        StoryMessage(
            group=GroupContext(master_key=MASTER_KEY, revision=1),
            profile_key=ProfileKeyBytes(b"k"),
        ),
        {"allowsReplies": False, "groupId": GROUP_ID},
    ),
    (
        StoryMessage(text_attachment=TextAttachment()),
        {"allowsReplies": False, "textAttachment": {"text": None}},
    ),
    (
        StoryMessage(
            text_attachment=TextAttachment(
                text="hey",
                style=StoryTextStyle.SERIF,
                foreground_color=0xFF000000,
                background_color=0x1,
                preview=Preview(url="https://e.org"),
                color=0xFFFFFFFF,
            )
        ),
        {
            "allowsReplies": False,
            "textAttachment": {
                "text": "hey",
                "style": "SERIF",
                "textForegroundColor": "#ff000000",
                "textBackgroundColor": "#00000001",
                "preview": {
                    "url": "https://e.org",
                    "title": "",
                    "description": None,
                    "image": None,
                },
                "backgroundColor": "#ffffffff",
            },
        },
    ),
]


@pytest.mark.parametrize(("story", "expected"), STORIES)
def test_stories(story: StoryMessage, expected: dict[str, Any]) -> None:
    assert envelope(Content(story_message=story))["storyMessage"] == expected


@pytest.mark.parametrize(
    ("gradient", "expected"),
    [
        (
            Gradient(start_color=1, end_color=2, angle_degrees=90),
            ("#00000001", "#00000002", ["#00000001", "#00000002"], [0.0, 1.0], 90),
        ),
        (
            Gradient(colors=(3, 4), positions=(0.0, 1.0), start_color=9, end_color=9),
            ("#00000003", "#00000004", ["#00000003", "#00000004"], [0.0, 1.0], None),
        ),
        (
            # As a 32-bit float comes: 0.1 is not 0.10000000149011612.
            Gradient(colors=(3, 4, 5), positions=(0.0, 0.10000000149011612, float("nan"))),
            (None, None, ["#00000003", "#00000004", "#00000005"], [0.0, 0.1, None], None),
        ),
        (Gradient(start_color=1), (None, None, [], [], None)),
    ],
)
def test_gradients(gradient: Gradient, expected: tuple[Any, ...]) -> None:
    story = StoryMessage(text_attachment=TextAttachment(gradient=gradient))
    shape = envelope(Content(story_message=story))["storyMessage"]["textAttachment"]
    names = ("startColor", "endColor", "colors", "positions", "angle")
    assert shape["backgroundGradient"] == dict(zip(names, expected, strict=True))


# --- sync ---


def sent(**held: Any) -> SyncMessage:
    """A transcript."""
    return SyncMessage(sent=SyncSent(timestamp_ms=NOW_MS, **held))


SYNC: list[tuple[str, SyncMessage, dict[str, Any]]] = [
    ("nothing", SyncMessage(), {}),
    (
        "sent to somebody",
        sent(
            destination=ALICE_ACI,
            destination_number="+15550101",
            message=HELLO,
            expiration_start_timestamp_ms=9,
            unidentified_statuses=(
                UnidentifiedStatus(destination=ALICE_ACI, unidentified=True),
                UnidentifiedStatus(destination=None, unidentified=False),
            ),
        ),
        {
            "sentMessage": {
                **TO_ALICE,
                **HELLO_SHAPE,
                "expirationStartTimestamp": 9,
                "recipients": [
                    {
                        "number": "+15550101",
                        "uuid": str(ALICE_ACI),
                        "pni": str(ALICE_PNI),
                        "sealedSender": True,
                    },
                    {"number": None, "uuid": None, "pni": None, "sealedSender": False},
                ],
            }
        },
    ),
    (
        "sent to a number",
        sent(destination_number="+15550199", message=HELLO),
        {
            "sentMessage": {
                "destination": "+15550199",
                "destinationNumber": "+15550199",
                "destinationUuid": None,
                **HELLO_SHAPE,
            }
        },
    ),
    (
        "sent to a PNI",
        sent(destination=STRANGER_PNI, message=HELLO),
        {"sentMessage": {**TO_NOBODY, "destination": str(STRANGER_PNI), **HELLO_SHAPE}},
    ),
    (
        "sent to a PNI whose number the transcript knows",
        sent(destination=STRANGER_PNI, destination_number="+15550198", message=HELLO),
        {
            "sentMessage": {
                "destination": "+15550198",
                "destinationNumber": "+15550198",
                "destinationUuid": None,
                **HELLO_SHAPE,
            }
        },
    ),
    (
        "sent to a group",
        sent(
            message=DataMessage(
                timestamp_ms=NOW_MS,
                group=GroupContext(master_key=MASTER_KEY, revision=1),
            )
        ),
        {
            "sentMessage": {
                **TO_NOBODY,
                **MINIMAL,
                "groupInfo": {
                    "groupId": GROUP_ID,
                    "groupName": "Friends",
                    "revision": 1,
                    "type": "DELIVER",
                },
            }
        },
    ),
    (
        "sent edit",
        sent(
            destination=ALICE_ACI,
            edit_message=EditMessage(target_timestamp_ms=5, data_message=HELLO),
        ),
        {
            "sentMessage": {
                **TO_ALICE,
                "editMessage": {"targetSentTimestamp": 5, "dataMessage": HELLO_SHAPE},
            }
        },
    ),
    (
        "bare transcript",
        sent(is_recipient_update=True),
        {"sentMessage": {**TO_NOBODY, "isRecipientUpdate": True}},
    ),
    (
        "sent story",
        sent(
            destination=ALICE_ACI,
            story_message=STORY,
            story_recipients=(
                StoryRecipient(
                    destination=BOB_ACI, distribution_list_ids=("l",), is_allowed_to_reply=True
                ),
            ),
        ),
        {
            "sentStoryMessage": {
                "destinationNumber": "+15550101",
                "destinationUuid": str(ALICE_ACI),
                "timestamp": NOW_MS,
                **STORY_SHAPE,
                "storyRecipients": [
                    {
                        "number": None,
                        "uuid": str(BOB_ACI),
                        "pni": None,
                        "allowsReplies": True,
                        "distributionLists": ["l"],
                    }
                ],
            }
        },
    ),
    (
        "sent story to a list",
        sent(story_message=STORY),
        {
            "sentStoryMessage": {
                "destinationNumber": None,
                "destinationUuid": None,
                "timestamp": NOW_MS,
                **STORY_SHAPE,
            }
        },
    ),
    (
        "blocked",
        SyncMessage(
            blocked=SyncBlocked(
                acis=(BOB_ACI,), numbers=("+1",), group_ids=(GroupIdentifier(b"\x01"),)
            )
        ),
        {"blockedNumbers": ["+1", str(BOB_ACI)], "blockedGroupIds": ["AQ=="]},
    ),
    (
        "nobody blocked",
        SyncMessage(blocked=SyncBlocked()),
        {"blockedNumbers": [], "blockedGroupIds": []},
    ),
    (
        "read",
        SyncMessage(
            read=(
                MessageMark(sender=BOB_ACI, timestamp_ms=5),
                MessageMark(sender=None, timestamp_ms=6),
            )
        ),
        {"readMessages": [{**FROM_BOB, "timestamp": 5}, {**FROM_NOBODY, "timestamp": 6}]},
    ),
    (
        "viewed",
        SyncMessage(viewed=(MessageMark(sender=BOB_ACI, timestamp_ms=5),)),
        {"viewedMessages": [{**FROM_BOB, "timestamp": 5}]},
    ),
    (
        "opened",
        SyncMessage(view_once_open=MessageMark(sender=BOB_ACI, timestamp_ms=5)),
        {"viewOnceOpen": {**FROM_BOB, "timestamp": 5}},
    ),
    (
        "answered request of a person",
        SyncMessage(
            message_request_response=SyncMessageRequestResponse(
                type=MessageRequestResponseType.BLOCK_AND_DELETE, thread=BOB_ACI
            )
        ),
        {
            "messageRequestResponse": {
                "type": "BLOCK_AND_DELETE",
                "person": str(BOB_ACI),
                "personNumber": None,
                "personUuid": str(BOB_ACI),
            }
        },
    ),
    (
        "answered request for a group",
        SyncMessage(
            message_request_response=SyncMessageRequestResponse(
                type=42, group_id=GroupIdentifier(b"\x01")
            )
        ),
        {
            "messageRequestResponse": {
                "type": "UNKNOWN_42",
                "groupId": "AQ==",
                "person": None,
                "personNumber": None,
                "personUuid": None,
            }
        },
    ),
    ("contacts", SyncMessage(contacts=SyncContacts(complete=True)), {"type": "CONTACTS_SYNC"}),
    ("something newer", SyncMessage(unknown_fields=(27,)), {"unknownFields": [27]}),
]


@pytest.mark.parametrize(
    ("sync", "expected"), [one[1:] for one in SYNC], ids=[one[0] for one in SYNC]
)
def test_sync_messages(sync: SyncMessage, expected: dict[str, Any]) -> None:
    shape = envelope(Content(sync_message=sync))
    assert shape["syncMessage"] == expected
    assert "dataMessage" not in shape
