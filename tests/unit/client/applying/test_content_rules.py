from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from sigcli.client.applying.content_rules import senseless_part
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import CURRENT_PROTOCOL_VERSION, Content, DataMessage, EditMessage
from sigcli.wire.content.message_parts import (
    AdminDelete,
    GiftBadge,
    GroupContext,
    Quote,
    Reaction,
    StoryContext,
)
from sigcli.wire.content.polls_and_pins import PinMessage, PollVote, UnpinMessage
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import StoryRecipient, SyncSent
from sigcli.wire.key_types import GroupMasterKey

BOB = ServiceId.aci(UUID(int=0xB0B))
GIFT = bytes(1) + (5).to_bytes(8, "little") + b"proof" + bytes(32)
TEXT = DataMessage(timestamp_ms=1, body="x")
STORY = StoryMessage(text_attachment=TextAttachment(text="so"))
RECIPIENT = StoryRecipient(destination=BOB, is_allowed_to_reply=True)

GOOD: dict[str, dict[str, Any]] = {
    "version": {"required_protocol_version": CURRENT_PROTOCOL_VERSION},
    "group": {"group": GroupContext(master_key=GroupMasterKey(bytes(32)), revision=0)},
    "quote": {"quote": Quote(timestamp_ms=1, author=BOB)},
    "gift": {"gift_badge": GiftBadge(receipt_credential_presentation=GIFT)},
    "reaction": {"reaction": Reaction(emoji="x", target_author=BOB, target_timestamp_ms=1)},
    "story": {"story_context": StoryContext(author=BOB, sent_timestamp_ms=1)},
    "vote": {
        "poll_vote": PollVote(
            target_author=BOB, target_timestamp_ms=1, option_indexes=(), vote_count=1
        )
    },
    "pin": {"pin_message": PinMessage(target_author=BOB, target_timestamp_ms=1)},
    "unpin": {"unpin_message": UnpinMessage(target_author=BOB, target_timestamp_ms=1)},
    "deletion": {"admin_delete": AdminDelete(target_author=BOB, target_timestamp_ms=1)},
}


def broken(name: str) -> list[dict[str, Any]]:
    """The same, damaged."""
    if name == "version":
        return [{"required_protocol_version": CURRENT_PROTOCOL_VERSION + 1}]
    ((part, value),) = GOOD[name].items()
    if name == "group":
        return [{part: replace(value, master_key=bytes(length))} for length in (0, 31, 33)]
    if name == "gift":
        wrong = (None, b"", GIFT[:-1], GIFT + b"x", b"\x01" + GIFT[1:], bytes(9))
        return [{part: GiftBadge(receipt_credential_presentation=one)} for one in wrong]
    field = "author" if hasattr(value, "author") else "target_author"
    return [{part: replace(value, **{field: None})}]


def contents(data: DataMessage) -> list[Content]:
    """A message by itself, as a new version, and in transcripts."""
    edit = EditMessage(target_timestamp_ms=1, data_message=data)
    return [
        Content(data_message=data),
        Content(edit_message=edit),
        sent(message=data),
        sent(edit_message=edit),
    ]


def sent(**parts: Any) -> Content:
    return Content(sync_message=SyncMessage(sent=SyncSent(timestamp_ms=1, **parts)))


@pytest.mark.parametrize("name", GOOD)
def test_a_message_is_taken_whole_or_not_at_all(name: str) -> None:
    for content in contents(replace(TEXT, **GOOD[name])):
        assert senseless_part(content) is None
    for parts in broken(name):
        for content in contents(replace(TEXT, **parts)):
            assert senseless_part(content), parts


@pytest.mark.parametrize(
    ("content", "makes_sense"),
    [
        (Content(), True),
        (Content(edit_message=EditMessage(target_timestamp_ms=1, data_message=None)), False),
        (Content(story_message=STORY), True),
        (Content(story_message=StoryMessage()), False),
        (
            Content(
                story_message=replace(
                    STORY, group=GroupContext(master_key=GroupMasterKey(b""), revision=0)
                )
            ),
            False,
        ),
        (sent(story_message=STORY, story_recipients=(RECIPIENT,)), True),
        (sent(story_message=StoryMessage(), story_recipients=(RECIPIENT,)), False),
        (sent(story_recipients=(RECIPIENT,), is_recipient_update=True), True),
        (sent(story_recipients=(RECIPIENT,)), False),
        (sent(), False),
        (sent(edit_message=EditMessage(target_timestamp_ms=1, data_message=None)), False),
    ],
)
def test_stories_edits_and_transcripts(content: Content, makes_sense: bool) -> None:
    assert (senseless_part(content) is None) is makes_sense
