from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest

from sigcli import events
from sigcli.client.base.events import Failure, Person, ReceivedEvent
from sigcli.library.reading import _SAID, _TOLD, EventReader
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import (
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
    GroupContext,
    Quote,
    Reaction,
    Sticker,
)
from sigcli.wire.content.polls_and_pins import PollCreate, PollVote
from sigcli.wire.content.receipts import (
    NullMessage,
    ReceiptMessage,
    ReceiptType,
    TypingAction,
    TypingMessage,
)
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.key_types import GroupMasterKey, StickerPackId

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sigcli.library.sent import SentMessage
    from sigcli.library.session import Session

BOB = ServiceId.aci(UUID(int=0xB0B))
CAROL = ServiceId.aci(UUID(int=0xCA))
WHEN_MS = 1_750_000_000_123
MASTER_KEY = GroupMasterKey(bytes(range(32)))


class People:
    """Everybody by their id alone."""

    def person(self, service_id: ServiceId) -> Person:
        return Person(aci=service_id, name="Carol" if service_id == CAROL else None)

    def people(self, service_ids: Sequence[ServiceId]) -> list[Person]:
        """Each of them."""
        return [self.person(one) for one in service_ids]

    def person_by_number(self, number: str) -> Person:
        return Person(number=number)

    def group_name(self, group_id: bytes) -> str | None:
        return "Ops"

    def group_change(self, group: GroupContext) -> None:
        return None

    def attachment(self, pointer: AttachmentPointer) -> tuple[str | None, Path | None]:
        return pointer.cdn_key, None


class Notebook:
    """Stands for the account: notes what would be sent."""

    aci = "own"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(
        self, conversation: object, text: str, options: object, **more: Any
    ) -> SentMessage | None:
        self.sent.append({"conversation": conversation, "text": text, **more})
        return None


def read(
    content: Content | None, account: Notebook | None = None, **changes: Any
) -> events.Received:
    event = ReceivedEvent(
        **{
            "row_id": 7,
            "account": Person(number="+15550100"),
            "source": Person(aci=BOB, name="Bob"),
            "source_device": 1,
            "timestamp_ms": WHEN_MS,
            "server_received_ms": WHEN_MS + 1,
            "server_delivered_ms": WHEN_MS + 2,
            "server_guid": "guid",
            "sealed": True,
            "content": content,
            **changes,
        }
    )
    return EventReader(cast("Session", account or Notebook()), event, People()).read()


def message(data: DataMessage, account: Notebook | None = None) -> events.Message:
    found = read(Content(data_message=data), account)
    assert isinstance(found, events.Message)
    return found


def test_a_text() -> None:
    found = message(DataMessage(timestamp_ms=WHEN_MS, body="hello", expire_timer_s=60))
    assert (found.sender.aci, found.sender.name) == (str(BOB), "Bob")
    assert (found.text, found.group, found.is_own, found.expires_in_s) == ("hello", None, False, 60)
    assert (found.id, found.timestamp_ms, found.server_guid) == (7, WHEN_MS, "guid")
    assert found.sent_at.isoformat() == "2025-06-15T15:06:40.123000+00:00"
    assert found.conversation.recipients == (str(BOB),)
    assert "hello" not in repr(found)


def test_a_message_in_a_group_is_answered_there() -> None:
    notebook = Notebook()
    group = GroupContext(master_key=MASTER_KEY, revision=3)
    found = message(DataMessage(timestamp_ms=WHEN_MS, body="hello", group=group), notebook)
    assert found.group is not None
    assert found.group.name == "Ops"
    found.reply("hi")
    (sent,) = notebook.sent
    assert sent["conversation"].parameters == {"recipients": (), "group_ids": (found.group.id,)}
    assert sent["quote_timestamp"] == WHEN_MS
    assert sent["quote_author"] == str(BOB)
    assert sent["quote_message"] == "hello"


def test_what_a_stranger_calls_a_content_type_names_no_file_when_it_is_quoted() -> None:
    notebook = Notebook()
    files = tuple(
        AttachmentPointer(cdn_key="key", content_type=one, file_name="x:y:/etc/passwd")
        for one in ("image/png", "image/png:name:/etc/passwd", "text/plain\n:a:/etc/passwd")
    )
    found = message(DataMessage(timestamp_ms=WHEN_MS, attachments=files), notebook)
    assert len(found.attachments) == 3
    found.reply("hi")
    plain = "application/octet-stream"
    assert notebook.sent[0]["quote_attachments"] == ("image/png", plain, plain)


def test_mentions_and_styles_go_into_the_quote_as_far_as_they_lie_in_the_text() -> None:
    notebook = Notebook()
    ranges = (
        BodyRange(start=0, length=1, mention=CAROL),
        BodyRange(start=2, length=3, style=TextStyle.BOLD),
        BodyRange(start=2, length=3, style=99),
        BodyRange(start=2, length=4, style=TextStyle.ITALIC),
        BodyRange(start=4_000_000_000, length=4_000_000_000, mention=CAROL),
        BodyRange(start=0, length=0, mention=CAROL),
    )
    found = message(
        DataMessage(timestamp_ms=WHEN_MS, body="\ufffc abc", body_ranges=ranges), notebook
    )
    assert {one.person.name for one in found.mentions} == {"Carol"}
    assert [one.name for one in found.styles] == ["BOLD", "ITALIC"]
    found.reply("hi")
    assert notebook.sent[0]["quote_mentions"] == (f"0:1:{CAROL}",)
    assert notebook.sent[0]["quote_text_styles"] == ("2:3:BOLD",)


def test_a_quote_shows_the_beginning_of_a_long_text() -> None:
    notebook = Notebook()
    message(DataMessage(timestamp_ms=WHEN_MS, body="x" + "é" * 5000), notebook).reply("hi")
    assert notebook.sent[0]["quote_message"] == "x" + "é" * 999


def test_parts_of_messages() -> None:
    data = DataMessage(
        timestamp_ms=WHEN_MS,
        quote=Quote(timestamp_ms=5, author=CAROL, text="quoted"),
        sticker=Sticker(pack_id=StickerPackId(b"\x01\x02"), pack_key=b"", sticker_id=3, emoji="😀"),
        poll_create=PollCreate(question="lunch?", allow_multiple=False, options=("a", "b")),
    )
    found = message(data)
    assert found.quote is not None
    assert found.quote.author is not None
    assert (found.quote.author.name, found.quote.text) == ("Carol", "quoted")
    assert found.sticker == events.Sticker("0102", 3, "😀", None)
    assert found.poll == events.Poll("lunch?", ("a", "b"), False)
    reaction = Reaction(emoji="👍", target_author=CAROL, target_timestamp_ms=9)
    reacted = message(DataMessage(timestamp_ms=WHEN_MS, reaction=reaction)).reaction
    assert reacted is not None
    assert (reacted.emoji, reacted.timestamp_ms, reacted.is_removed) == ("👍", 9, False)


def test_an_edit_is_the_message_anew() -> None:
    data = DataMessage(timestamp_ms=WHEN_MS, body="better")
    found = read(Content(edit_message=EditMessage(target_timestamp_ms=5, data_message=data)))
    assert isinstance(found, events.Message)
    assert (found.text, found.edits_ms) == ("better", 5)


def test_what_the_user_writes_elsewhere_is_own() -> None:
    data = DataMessage(timestamp_ms=WHEN_MS, body="mine")
    sent = SyncSent(timestamp_ms=WHEN_MS, destination=CAROL, message=data)
    found = read(Content(sync_message=SyncMessage(sent=sent)))
    assert isinstance(found, events.Message)
    assert (found.text, found.is_own) == ("mine", True)
    assert found.conversation.recipients == (str(CAROL),)


@pytest.mark.parametrize(
    ("withdrawal", "word"),
    [
        (Withdrawal.DELETED, "deleted"),
        (Withdrawal.EXPIRED, "expired"),
        (Withdrawal.OPENED, "opened"),
        (Withdrawal.DELETED_FOR_ME, "deleted for me"),
    ],
)
def test_a_message_that_is_gone_says_why(withdrawal: Withdrawal, word: str) -> None:
    found = read(Content(data_message=DataMessage(timestamp_ms=WHEN_MS)), withdrawn=withdrawal)
    assert isinstance(found, events.Message)
    assert found.withdrawn == word


def test_events_that_are_no_messages() -> None:
    deleted = read(
        Content(
            data_message=DataMessage(timestamp_ms=WHEN_MS, delete=Delete(target_timestamp_ms=5))
        )
    )
    assert isinstance(deleted, events.Deletion)
    assert deleted.author == deleted.sender
    assert deleted.target_ms == 5
    by_admin = AdminDelete(target_author=CAROL, target_timestamp_ms=6)
    deleted = read(Content(data_message=DataMessage(timestamp_ms=WHEN_MS, admin_delete=by_admin)))
    assert isinstance(deleted, events.Deletion)
    assert deleted.author is not None
    assert deleted.author.name == "Carol"
    typing = TypingMessage(timestamp_ms=1, action=TypingAction.STOPPED)
    typed = read(Content(typing_message=typing))
    assert isinstance(typed, events.Typing)
    assert typed.has_stopped
    group = GroupContext(master_key=MASTER_KEY, revision=3, group_change=b"signed")
    changed = read(Content(data_message=DataMessage(timestamp_ms=WHEN_MS, group=group)))
    assert isinstance(changed, events.GroupChange)
    assert changed.revision == 3


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        (ReceiptType.DELIVERY, "delivered"),
        (ReceiptType.READ, "read"),
        (ReceiptType.VIEWED, "viewed"),
    ],
)
def test_receipts(type: ReceiptType, kind: str) -> None:
    found = read(Content(receipt_message=ReceiptMessage(type=type, timestamps_ms=(1, 2))))
    assert isinstance(found, events.Receipt)
    assert (found.kind, found.timestamps_ms) == (kind, (1, 2))
    by_service = read(None, is_delivery_receipt=True)
    assert isinstance(by_service, events.Receipt)
    assert by_service.timestamps_ms == (WHEN_MS,)


def test_failures_and_what_is_nothing_of_these() -> None:
    failed = read(None, failure=Failure("UntrustedIdentity", "a sentence", True))
    assert isinstance(failed, events.Failure)
    assert (failed.kind, failed.is_held) == ("UntrustedIdentity", True)
    vote = PollVote(target_author=BOB, target_timestamp_ms=1, option_indexes=(0,), vote_count=1)
    group = GroupContext(master_key=MASTER_KEY, revision=3)
    for content in (
        Content(null_message=NullMessage()),
        Content(receipt_message=ReceiptMessage(type=77, timestamps_ms=())),
        Content(data_message=DataMessage(timestamp_ms=WHEN_MS, poll_vote=vote, group=group)),
        Content(data_message=DataMessage(timestamp_ms=WHEN_MS, flags=2)),
        Content(sync_message=SyncMessage()),
    ):
        assert type(read(content)) is events.Other
    assert type(read(Content(data_message=DataMessage(timestamp_ms=1, body="x")), source=None)) is (
        events.Other
    )


def test_every_part_of_a_data_message_is_said_or_told() -> None:
    about_others = {
        *("timestamp_ms", "group", "expire_timer_s", "expire_timer_version", "profile_key"),
        *("required_protocol_version", "is_view_once", "body_ranges", "unknown_fields"),
        *("delete", "admin_delete"),
    }
    sorted_parts = {*_SAID, *_TOLD, *about_others}
    assert sorted_parts == {one.name for one in fields(DataMessage)}
