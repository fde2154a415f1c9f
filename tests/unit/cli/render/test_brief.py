"""One line a message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from sigcli.cli.render.brief import BriefLines, size_text
from sigcli.cli.render.colours import coloured
from sigcli.client.base.events import Failure, Person, ReceivedEvent
from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import Change
from sigcli.store.group_values import Member
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, EditMessage
from sigcli.wire.content.call_message import (
    CallHangup,
    CallHangupType,
    CallMessage,
    CallOffer,
    CallOfferType,
)
from sigcli.wire.content.message_parts import Delete, GroupContext, Reaction, Sticker
from sigcli.wire.content.polls_and_pins import PollCreate
from sigcli.wire.content.receipts import ReceiptMessage, ReceiptType, TypingAction, TypingMessage
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.key_types import StickerPackId
from tests.unit.cli.render.test_any_content import UNSAFE
from tests.unit.operations.shapes.arbitrary_content import (
    HostileDirectory,
    any_events,
    hostile_texts,
)
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    BOB,
    BOB_ACI,
    MASTER_KEY,
    NOW_MS,
    OWN,
    KnownPeople,
    received,
)

DAY_MS = 24 * 3600 * 1000
GROUP = GroupContext(master_key=MASTER_KEY, revision=4)
LINES = BriefLines(KnownPeople(), zone="Europe/Vienna")


def data(**fields: Any) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=NOW_MS, **fields))


def line(content: Content | None = None, **changes: Any) -> str | None:
    return LINES.line(received(content, **changes), NOW_MS)


def sent(**fields: Any) -> Content:
    return Content(sync_message=SyncMessage(sent=SyncSent(timestamp_ms=NOW_MS, **fields)))


HI = DataMessage(timestamp_ms=NOW_MS, body="hi")
PICTURE = AttachmentPointer(content_type="image/png", file_name="a b.png", size=1_234_567)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (data(body="two\nlines\x1b[31m"), "Alice: two\\nlines\\x1b[31m"),
        (data(body="hi", group=GROUP), "Alice → Friends: hi"),
        (data(attachments=(PICTURE,)), "Alice: [a b.png, 1.2 MB]"),
        (
            data(body="see", attachments=(AttachmentPointer(content_type="image/png"),)),
            "Alice: see [image/png]",
        ),
        (
            data(reaction=Reaction(emoji="👍", target_author=BOB_ACI, target_timestamp_ms=1)),
            "Alice: [reacts 👍]",
        ),
        (data(delete=Delete(target_timestamp_ms=1)), "Alice: [deletes a message]"),
        (
            data(
                sticker=Sticker(
                    pack_id=StickerPackId(b"p"),
                    pack_key=b"k",
                    sticker_id=0,
                    emoji="🐈",
                    data=PICTURE,
                )
            ),
            "Alice: [sticker 🐈]",
        ),
        (
            data(
                poll_create=PollCreate(question="when?", allow_multiple=False, options=("a", "b"))
            ),
            "Alice: [poll] when?",
        ),
        (data(is_view_once=True, body="x"), "Alice: [to be viewed once] x"),
        (data(flags=2, expire_timer_s=60), "Alice: [messages vanish after 60 seconds]"),
        (
            Content(edit_message=EditMessage(target_timestamp_ms=1, data_message=HI)),
            "Alice: [edited] hi",
        ),
        (
            Content(story_message=StoryMessage(text_attachment=TextAttachment(text="sun"))),
            "Alice: [story] sun",
        ),
        (
            Content(call_message=CallMessage(offer=CallOffer(id=1, type=CallOfferType.AUDIO_CALL))),
            "Alice: [call]",
        ),
    ],
)
def test_what_was_said(content: Content, expected: str) -> None:
    assert line(content) == f"23:13 {expected}"


@pytest.mark.parametrize(
    "content",
    [
        Content(receipt_message=ReceiptMessage(type=ReceiptType.READ, timestamps_ms=(1,))),
        Content(typing_message=TypingMessage(timestamp_ms=1, action=TypingAction.STARTED)),
        Content(call_message=CallMessage(hangup=CallHangup(id=1, type=CallHangupType(0)))),
        data(flags=4, profile_key=b"k" * 32),
        Content(),
        None,
    ],
)
def test_what_tells_nobody_anything_has_no_line(content: Content | None) -> None:
    assert line(content) is None


def test_what_another_own_device_has_sent() -> None:
    own = {"source": OWN}
    assert line(sent(destination=ALICE_ACI, message=HI), **own) == "23:13 You → Alice: hi"
    in_group = DataMessage(timestamp_ms=NOW_MS, body="hi", group=GROUP)
    assert line(sent(message=in_group), **own) == "23:13 You → Friends: hi"
    edit = EditMessage(target_timestamp_ms=1, data_message=HI)
    told = line(sent(destination=ALICE_ACI, edit_message=edit), **own)
    assert told == "23:13 You → Alice: [edited] hi"


def test_what_changed_in_a_group() -> None:
    change = Change(4, ALICE_ACI, (value.MemberAdded(Member(aci=BOB_ACI)),))
    lines = BriefLines(KnownPeople(change=change), zone="UTC")
    context = GroupContext(master_key=MASTER_KEY, revision=4, group_change=b"signed")
    told = lines.line(received(data(group=context)), NOW_MS)
    assert told == f"22:13 Alice → Friends: [“Alice” +15550101 added {BOB_ACI}]"


def test_what_cannot_be_read_or_is_gone() -> None:
    assert line(failure=Failure("X", "bad\nMAC")) == "23:13 Alice: [could not be read: bad\\nMAC]"
    held = line(failure=Failure("X", "y", untrusted_identity=True)) or ""
    assert "identity key has changed" in held
    assert line(data(group=GROUP), withdrawn=Withdrawal.DELETED) == (
        "23:13 Alice → Friends: [withdrawn]"
    )


def test_who_and_where_cannot_be_forged_by_a_name() -> None:
    spoof = Person(aci=BOB_ACI, name="Alice → Ops: all is well, says")
    told = line(data(body="hi"), source=spoof, message_request=True) or ""
    assert told == "23:13 “Alice → Ops: all is well, says” (message request): hi"
    assert line(data(body="hi"), source=BOB) == f"23:13 {BOB_ACI}: hi"
    assert line(data(body="hi"), source=None) == "23:13 someone: hi"


def test_the_day_is_told_where_it_is_another() -> None:
    told = LINES.line(received(data(body="hi")), NOW_MS + DAY_MS)
    assert told == "2023-11-14 23:13 Alice: hi"
    assert line(data(body="hi"), timestamp_ms=1 << 62) == f"{1 << 62} Alice: hi"
    nowhere = BriefLines(KnownPeople(), zone="No/Where")
    assert (nowhere.line(received(data(body="hi")), NOW_MS) or "").endswith(" Alice: hi")


def test_colours_are_around_what_is_safe() -> None:
    lines = BriefLines(KnownPeople(), paint=coloured, zone="UTC", arrow="->")
    told = lines.line(received(data(body="\x1b[31mred", group=GROUP)), NOW_MS) or ""
    assert told.startswith("\x1b[2m22:13\x1b[0m \x1b[3")
    assert " -> \x1b[36mFriends\x1b[0m: " in told
    assert told.endswith("\\x1b[31mred")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (10**10, "10.0 GB")]
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


@settings(max_examples=40, deadline=None)
@given(any_events(), hostile_texts)
def test_every_event_is_one_harmless_line_or_none(event: ReceivedEvent, name: str) -> None:
    told = BriefLines(HostileDirectory(name), zone="UTC").line(event, NOW_MS)
    if told is not None:
        assert "\n" not in told
        assert not UNSAFE.search(told)
        told.encode()
