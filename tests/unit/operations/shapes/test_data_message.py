"""Data messages and edits: each part with all fields and with none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigcli.operations.shapes.envelope import receive_object
from sigcli.wire.content import (
    AttachmentPointer,
    BodyRange,
    Content,
    DataMessage,
    DataMessageFlag,
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
from sigcli.wire.content.payments import (
    MobileCoinReceipt,
    Payment,
    PaymentActivation,
    PaymentActivationType,
    PaymentNotification,
)
from sigcli.wire.content.polls_and_pins import (
    PinMessage,
    PollCreate,
    PollTerminate,
    PollVote,
    UnpinMessage,
)
from sigcli.wire.key_types import GroupMasterKey, StickerPackId
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    ALICE_AS_AUTHOR,
    BOB_ACI,
    BOB_AS_TARGET,
    GROUP_ID,
    MASTER_KEY,
    NOBODY_AS_TARGET,
    NOW_MS,
    OTHER_MASTER_KEY,
    KnownPeople,
    attachment_shape,
    received,
)

MINIMAL = {
    "timestamp": NOW_MS,
    "message": None,
    "expiresInSeconds": 0,
    "isExpirationUpdate": False,
    "viewOnce": False,
}
AUTHOR = {"author": str(BOB_ACI), "authorNumber": None, "authorUuid": str(BOB_ACI)}
POINTER = AttachmentPointer(cdn_key="pic", content_type="image/png")


def message(**held: Any) -> DataMessage:
    """A message with these fields."""
    return DataMessage(timestamp_ms=NOW_MS, **held)


def shape(folder: Path | None = None, **held: Any) -> dict[str, Any]:
    """The shape of that message."""
    content = Content(data_message=message(**held))
    envelope = receive_object(received(content), KnownPeople(folder))["envelope"]
    found: dict[str, Any] = envelope["dataMessage"]
    return found


PARTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nothing", {}, {}),
    ("empty body", {"body": ""}, {}),
    ("profile key", {"profile_key": b"k" * 32, "expire_timer_version": 3}, {}),
    (
        "flags",
        {"flags": 7, "is_view_once": True, "expire_timer_s": 3600},
        {
            "expiresInSeconds": 3600,
            "isExpirationUpdate": True,
            "viewOnce": True,
            "endSession": True,
            "profileKeyUpdate": True,
        },
    ),
    ("unknown flags", {"flags": 2**31}, {}),
    (
        "reaction",
        {"reaction": Reaction(emoji="👍", target_author=BOB_ACI, target_timestamp_ms=5)},
        {
            "reaction": {
                "emoji": "👍",
                **BOB_AS_TARGET,
                "targetSentTimestamp": 5,
                "isRemove": False,
            }
        },
    ),
    (
        "reaction to nobody",
        {
            "reaction": Reaction(
                emoji="", target_author=None, target_timestamp_ms=2**64 - 1, is_remove=True
            )
        },
        {
            "reaction": {
                "emoji": "",
                **NOBODY_AS_TARGET,
                "targetSentTimestamp": 2**64 - 1,
                "isRemove": True,
            }
        },
    ),
    (
        "quote",
        {
            "quote": Quote(
                timestamp_ms=5,
                author=ALICE_ACI,
                text="what?",
                attachments=(
                    QuotedAttachment(
                        content_type="image/jpeg", file_name="a.jpg", thumbnail=POINTER
                    ),
                    QuotedAttachment(),
                ),
                body_ranges=(
                    BodyRange(start=0, length=1, mention=BOB_ACI),
                    BodyRange(start=1, length=2, style=TextStyle.ITALIC),
                ),
            )
        },
        {
            "quote": {
                "id": 5,
                **ALICE_AS_AUTHOR,
                "text": "what?",
                "attachments": [
                    {
                        "contentType": "image/jpeg",
                        "filename": "a.jpg",
                        "thumbnail": attachment_shape(id="pic", contentType="image/png"),
                    },
                    {"contentType": "application/octet-stream", "filename": None},
                ],
                "mentions": [
                    {
                        "name": str(BOB_ACI),
                        "number": None,
                        "uuid": str(BOB_ACI),
                        "start": 0,
                        "length": 1,
                    }
                ],
                "textStyles": [{"style": "ITALIC", "start": 1, "length": 2}],
            }
        },
    ),
    (
        "bare quote",
        {"quote": Quote(timestamp_ms=5, author=None)},
        {
            "quote": {
                "id": 5,
                "author": None,
                "authorNumber": None,
                "authorUuid": None,
                "text": "",
                "attachments": [],
            }
        },
    ),
    (
        "remote delete",
        {"delete": Delete(target_timestamp_ms=5)},
        {"remoteDelete": {"timestamp": 5}},
    ),
    (
        "payment",
        {
            "payment": Payment(
                notification=PaymentNotification(
                    mobile_coin=MobileCoinReceipt(receipt=b"\x01"), note="rent"
                )
            )
        },
        {"payment": {"note": "rent", "receipt": "AQ=="}},
    ),
    (
        "bare payment",
        {"payment": Payment(notification=PaymentNotification())},
        {"payment": {"note": "", "receipt": None}},
    ),
    (
        "payment activation",
        {"payment": Payment(activation=PaymentActivation(type=PaymentActivationType.REQUEST))},
        {"paymentActivation": "REQUEST"},
    ),
    (
        "mentions in UTF-16 units, styles, and a range of neither",
        {
            "body": "😀 ￼ bold",
            "body_ranges": (
                BodyRange(start=3, length=1, mention=ALICE_ACI),
                BodyRange(start=5, length=4, style=TextStyle.BOLD),
                BodyRange(start=5, length=4, style=77),
                BodyRange(start=0, length=0),
            ),
        },
        {
            "message": "😀 ￼ bold",
            "mentions": [
                {
                    "name": "+15550101",
                    "number": "+15550101",
                    "uuid": str(ALICE_ACI),
                    "start": 3,
                    "length": 1,
                }
            ],
            "textStyles": [
                {"style": "BOLD", "start": 5, "length": 4},
                {"style": "UNKNOWN_77", "start": 5, "length": 4},
            ],
        },
    ),
    (
        "previews",
        {
            "previews": (
                Preview(url="https://e.org", title="T", description="D", image=POINTER, date_ms=9),
                Preview(url="https://e.org"),
            )
        },
        {
            "previews": [
                {
                    "url": "https://e.org",
                    "title": "T",
                    "description": "D",
                    "image": attachment_shape(id="pic", contentType="image/png"),
                    "date": 9,
                },
                {"url": "https://e.org", "title": "", "description": None, "image": None},
            ]
        },
    ),
    (
        "stickers",
        {
            "sticker": Sticker(
                pack_id=StickerPackId(b"\xab\xcd"), pack_key=b"k", sticker_id=4, emoji="😀"
            )
        },
        {"sticker": {"packId": "abcd", "stickerId": 4, "emoji": "😀"}},
    ),
    (
        "bare sticker",
        {"sticker": Sticker(pack_id=StickerPackId(b""), pack_key=b"", sticker_id=0)},
        {"sticker": {"packId": "", "stickerId": 0}},
    ),
    (
        "group",
        {"group": GroupContext(master_key=MASTER_KEY, revision=7, group_change=b"signed")},
        {
            "groupInfo": {
                "groupId": GROUP_ID,
                "groupName": "Friends",
                "revision": 7,
                "type": "UPDATE",
            }
        },
    ),
    (
        "unknown group",
        {"group": GroupContext(master_key=OTHER_MASTER_KEY, revision=0, group_change=b"")},
        {
            "groupInfo": {
                "groupId": "b+lDXuPnkP1y/uzh0s8/2Wgjlb0Xk6rnYx6H5n2Wd3o=",
                "groupName": None,
                "revision": 0,
                "type": "DELIVER",
            }
        },
    ),
    (
        "impossible group",
        {"group": GroupContext(master_key=GroupMasterKey(b"short"), revision=0)},
        {"groupInfo": {"groupId": None, "groupName": None, "revision": 0, "type": "DELIVER"}},
    ),
    (
        "story context",
        {"story_context": StoryContext(author=ALICE_ACI, sent_timestamp_ms=5)},
        {
            "storyContext": {
                "authorNumber": "+15550101",
                "authorUuid": str(ALICE_ACI),
                "sentTimestamp": 5,
            }
        },
    ),
    (
        "group call",
        {"group_call_update": GroupCallUpdate(era_id="era")},
        {"groupCallUpdate": {"eraId": "era"}},
    ),
    (
        "gift badge",
        {"gift_badge": GiftBadge(receipt_credential_presentation=b"\x01")},
        {"giftBadge": {"receiptCredentialPresentation": "AQ=="}},
    ),
    (
        "poll",
        {"poll_create": PollCreate(question="Q?", allow_multiple=True, options=("a", "b"))},
        {"pollCreate": {"question": "Q?", "allowMultiple": True, "options": ["a", "b"]}},
    ),
    (
        "vote",
        {
            "poll_vote": PollVote(
                target_author=BOB_ACI, target_timestamp_ms=5, option_indexes=(0, 2), vote_count=3
            )
        },
        {
            "pollVote": {
                **AUTHOR,
                "targetSentTimestamp": 5,
                "optionIndexes": [0, 2],
                "voteCount": 3,
            }
        },
    ),
    (
        "end of a poll",
        {"poll_terminate": PollTerminate(target_timestamp_ms=5)},
        {"pollTerminate": {"targetSentTimestamp": 5}},
    ),
    (
        "pin for some time",
        {"pin_message": PinMessage(target_author=BOB_ACI, target_timestamp_ms=5, duration_s=60)},
        {"pinMessage": {**BOB_AS_TARGET, "targetSentTimestamp": 5, "pinDurationSeconds": 60}},
    ),
    (
        "pin for ever",
        {"pin_message": PinMessage(target_author=None, target_timestamp_ms=5, forever=True)},
        {"pinMessage": {**NOBODY_AS_TARGET, "targetSentTimestamp": 5, "pinDurationSeconds": -1}},
    ),
    (
        "pin without a duration",
        {"pin_message": PinMessage(target_author=None, target_timestamp_ms=5)},
        {"pinMessage": {**NOBODY_AS_TARGET, "targetSentTimestamp": 5, "pinDurationSeconds": 0}},
    ),
    (
        "unpin",
        {"unpin_message": UnpinMessage(target_author=BOB_ACI, target_timestamp_ms=5)},
        {"unpinMessage": {**BOB_AS_TARGET, "targetSentTimestamp": 5}},
    ),
    (
        "deletion by an administrator",
        {"admin_delete": AdminDelete(target_author=BOB_ACI, target_timestamp_ms=5)},
        {"adminDelete": {**BOB_AS_TARGET, "targetSentTimestamp": 5}},
    ),
    (
        "something newer",
        {"required_protocol_version": 99, "unknown_fields": (30,)},
        {"requiredProtocolVersion": 99, "unknownFields": [30]},
    ),
    ("the newest that is known", {"required_protocol_version": 8}, {}),
]


@pytest.mark.parametrize(
    ("held", "expected"), [part[1:] for part in PARTS], ids=[part[0] for part in PARTS]
)
def test_parts(held: dict[str, Any], expected: dict[str, Any]) -> None:
    assert shape(**held) == MINIMAL | expected


def test_every_field_of_a_message_is_covered_here() -> None:
    assert DataMessageFlag(7) == sum(DataMessageFlag(one) for one in (1, 2, 4))
    tested = {name for _, held, _ in PARTS for name in held}
    assert set(DataMessage.__slots__) - tested == {"timestamp_ms", "attachments", "contacts"}
