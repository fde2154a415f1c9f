"""The rules of Android, which everything that the client sends in these tests is held against: each can say no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from sigcli.client.account import stories
from sigcli.client.account.stories import MY_STORY, delete_story, send_story
from sigcli.client.base.account import Account
from sigcli.client.base.events import Person
from sigcli.client.base.outcomes import ResultType, SendResult
from sigcli.client.sending.outgoing import Outgoing
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import update_recipient
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import (
    AttachmentPointer,
    BodyRange,
    Content,
    DataMessage,
    EditMessage,
    TextStyle,
    encode_content,
)
from sigcli.wire.content.message_parts import (
    AdminDelete,
    GroupContext,
    Quote,
    Reaction,
    Sticker,
    StoryContext,
)
from sigcli.wire.content.polls_and_pins import PinMessage, PollCreate, PollVote, UnpinMessage
from sigcli.wire.content.receipts import TypingAction, TypingMessage
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import StoryRecipient, SyncSent, UnidentifiedStatus
from sigcli.wire.content.sync_state import MessageMark, SyncMessageRequestResponse, SyncVerified
from sigcli.wire.key_types import GroupMasterKey, StickerPackId
from tests.support.android_rules import by_name, refused

NOW_MS = 1_750_000_000_000
BOB = ServiceId.aci(UUID(int=0xB0B))
POINTER = AttachmentPointer(cdn_key="k", key=bytes(64), digest=bytes(32), size=1)
BOLD = BodyRange(start=0, length=2, style=TextStyle.BOLD)


def problems(content: Content, **envelope: Any) -> list[str]:
    return refused(by_name(encode_content(content)), **envelope)


def data(**parts: Any) -> DataMessage:
    return DataMessage(timestamp_ms=NOW_MS, **parts)


POLL = PollCreate(question="?", allow_multiple=False, options=("a", "b"))
VOTE = PollVote(target_author=BOB, target_timestamp_ms=1, option_indexes=(0,), vote_count=1)


@pytest.mark.parametrize(
    "parts",
    [
        {"required_protocol_version": 99},
        {"body": "a" * 2049},
        {"body": "a", "body_ranges": (BOLD,)},
        {"quote": Quote(timestamp_ms=1, author=None)},
        {"quote": Quote(timestamp_ms=1, author=BOB, text="a", body_ranges=(BOLD,))},
        {"attachments": (replace(POINTER, cdn_key=None),)},
        {"group": GroupContext(master_key=GroupMasterKey(b"short"), revision=1)},
        {"sticker": Sticker(pack_id=StickerPackId(b"p"), pack_key=b"k", sticker_id=1)},
        {"reaction": Reaction(emoji="x", target_author=None, target_timestamp_ms=1)},
        {"story_context": StoryContext(author=None, sent_timestamp_ms=1)},
        {"poll_create": replace(POLL, question=" ")},
        {"poll_create": replace(POLL, question="q" * 201)},
        {"poll_create": replace(POLL, options=("a",))},
        {"poll_create": replace(POLL, options=("a", "b" * 101))},
        {"poll_vote": replace(VOTE, target_author=None)},
        {"poll_vote": replace(VOTE, option_indexes=tuple(range(11)))},
        {"pin_message": PinMessage(target_author=BOB, target_timestamp_ms=1)},
        {"pin_message": PinMessage(target_author=None, target_timestamp_ms=1, forever=True)},
        {"unpin_message": UnpinMessage(target_author=None, target_timestamp_ms=1)},
        {"admin_delete": AdminDelete(target_author=None, target_timestamp_ms=1)},
    ],
)
def test_messages_that_android_refuses(parts: dict[str, Any]) -> None:
    broken = data(**parts)
    assert problems(Content(data_message=broken), timestamp_ms=NOW_MS) != []
    sent = SyncSent(timestamp_ms=NOW_MS, destination=BOB, message=broken)
    assert problems(Content(sync_message=SyncMessage(sent=sent)), to_own_device=True) != []


RECIPIENT = StoryRecipient(destination=BOB, is_allowed_to_reply=False)
STORY = StoryMessage(text_attachment=TextAttachment(text="so"))


@pytest.mark.parametrize(
    "sent",
    [
        SyncSent(timestamp_ms=1, message=data(body="x")),
        SyncSent(timestamp_ms=1, destination=BOB),
        SyncSent(timestamp_ms=1, story_recipients=(RECIPIENT,)),
        SyncSent(timestamp_ms=1, destination=BOB, story_message=StoryMessage()),
        SyncSent(
            timestamp_ms=1,
            destination=BOB,
            message=data(body="x"),
            unidentified_statuses=(UnidentifiedStatus(destination=None, unidentified=True),),
        ),
    ],
)
def test_transcripts_that_android_refuses(sent: SyncSent) -> None:
    assert problems(Content(sync_message=SyncMessage(sent=sent)), to_own_device=True) != []


def test_a_story_s_recipients_of_whom_something_is_left_unsaid() -> None:
    sent = SyncSent(timestamp_ms=1, story_message=STORY, story_recipients=(RECIPIENT,))
    content = by_name(encode_content(Content(sync_message=SyncMessage(sent=sent))))
    assert refused(content, to_own_device=True) == []
    del content["syncMessage"]["sent"]["storyMessageRecipients"][0]["isAllowedToReply"]
    assert refused(content, to_own_device=True) != []


@pytest.mark.parametrize(
    "sync",
    [
        SyncMessage(read=(MessageMark(sender=None, timestamp_ms=1),)),
        SyncMessage(viewed=(MessageMark(sender=None, timestamp_ms=1),)),
        SyncMessage(view_once_open=MessageMark(sender=None, timestamp_ms=1)),
        SyncMessage(verified=SyncVerified(destination=None, identity_key=b"k", state=0)),
        SyncMessage(message_request_response=SyncMessageRequestResponse(type=1)),
    ],
)
def test_sync_messages_that_android_refuses(sync: SyncMessage) -> None:
    assert problems(Content(sync_message=sync), to_own_device=True) != []


def test_contents_that_do_not_fit_their_envelopes() -> None:
    text = Content(data_message=data(body="x"))
    assert problems(text, timestamp_ms=NOW_MS) == []
    assert problems(text, timestamp_ms=NOW_MS + 1) != []
    assert problems(text, story=True) != []
    assert problems(Content()) != []
    sync = Content(sync_message=SyncMessage(read=(MessageMark(sender=BOB, timestamp_ms=1),)))
    assert problems(sync) != []
    edit = EditMessage(target_timestamp_ms=1, data_message=None)
    assert problems(Content(edit_message=edit)) != []
    typing = TypingMessage(timestamp_ms=1, action=TypingAction.STARTED)
    assert problems(Content(typing_message=typing), timestamp_ms=2) != []


# --- stories --------------------------------------------------------------------------------------


@pytest.fixture
def viewer(account: Account, monkeypatch: pytest.MonkeyPatch) -> ServiceId:
    """Somebody on My Story, who gets everything."""
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=BOB).id
        update_recipient(database, row, is_contact=True, profile_sharing=True)
    results = [SendResult(Person(aci=BOB), ResultType.SUCCESS, sealed=True)]
    monkeypatch.setattr(stories, "_deliver", lambda *_: results)
    monkeypatch.setattr(
        "sigcli.client.content.attachments_out.upload_attachments", lambda *_: (POINTER,)
    )
    return BOB


def transcript(contents: list[Outgoing]) -> dict[str, Any]:
    found = [by_name(one.content) for one in contents]
    (sent,) = [one["syncMessage"]["sent"] for one in found if "syncMessage" in one]
    return dict(sent)


@pytest.mark.parametrize("allows_replies", [True, False])
def test_the_transcript_of_a_story_says_who_may_reply(
    account: Account, viewer: ServiceId, sent_contents: list[Outgoing], allows_replies: bool
) -> None:
    picture = "data:image/png;base64,iVBORw0KGgo="
    send_story(account, picture, allows_replies=allows_replies)
    (recipient,) = transcript(sent_contents)["storyMessageRecipients"]
    assert recipient == {
        "destinationServiceIdBinary": viewer.to_binary(),
        "distributionListIds": [str(MY_STORY)],
        "isAllowedToReply": allows_replies,
    }


def test_the_transcript_of_a_story_s_deletion_names_a_destination(
    account: Account, viewer: ServiceId, sent_contents: list[Outgoing]
) -> None:
    del viewer
    delete_story(account, 1)
    sent = transcript(sent_contents)
    assert sent["destinationServiceIdBinary"] == account.aci.to_binary()
    assert sent["message"]["delete"] == {"targetSentTimestamp": 1}
