"""Whose messages for groups are printed: judged by the group as the service has it, whatever senders claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from sigcli.client.account.groups.updating import create_group, update_group
from sigcli.client.applying.received_events import EventBuilder
from sigcli.client.groups.acceptance import takes_part
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.group_options import GroupOptions, Permission
from sigcli.client.groups.listing import listed_groups
from sigcli.client.groups.lookup import format_group_id
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.errors import Unreachable
from sigcli.store.groups import find_group
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import update_recipient
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, EditMessage, decode_content
from sigcli.wire.content.call_message import CallMessage
from sigcli.wire.content.message_parts import (
    AdminDelete,
    Delete,
    GroupCallUpdate,
    GroupContext,
    Reaction,
)
from sigcli.wire.content.polls_and_pins import PinMessage, PollCreate, PollVote
from sigcli.wire.content.receipts import ReceiptMessage, ReceiptType, TypingAction, TypingMessage
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from tests.unit.client.group_world import People
from tests.unit.client.receiving.test_inbox_printing import Stop
from tests.unit.client.world import NOW_MS, World, failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group
    from sigcli.store.inbox_values import InboxRow
    from tests.unit.client.world import Peer

LATE = 2**32 - 1
"""A revision that no group has."""


class Scene:
    """An account that receives, and people who share a group service with it."""

    def __init__(self, folder: Path) -> None:
        (folder / "world").mkdir()
        self.people = People(folder)
        self.world = World.create(folder / "world")
        self.account = self.world.account
        self.people._equip(self.account)
        self.bob = self.people.add(2)
        self.mallory = self.people.add(3)
        for person in (self.bob, self.mallory):
            self.people.introduce(person, self.account)
        self._peers: dict[int, Peer] = {}
        self._timestamp_ms = NOW_MS

    def close(self) -> None:
        self.account.close()
        self.people.close()

    def group(self, *members: Account, **options: object) -> Group:
        """A group of Bob's with these members; nobody else has heard of it."""
        words = tuple(str(member.aci) for member in members)
        made = create_group(self.bob, GroupOptions(title="Friends", members=words, **options))  # type: ignore[arg-type]
        return self.known_to(self.bob, made.group_id)

    def known_to(self, account: Account, group_id: bytes) -> Group:
        group = find_group(account.database, GroupIdentifier(group_id))
        assert group is not None
        return group

    def change(self, group: Group, **options: object) -> None:
        update_group(self.bob, format_group_id(group.group_id), GroupOptions(**options))  # type: ignore[arg-type]

    def learn(self, group: Group) -> None:
        """The account knows the group, without taking part in it."""
        fetch_group(self.account, group.master_key)

    def befriend(self, person: Account) -> None:
        database = self.account.database
        with database.transaction() as transaction:
            update_recipient(
                transaction, recipient_id_of(transaction, person.aci), profile_sharing=True
            )

    def says(self, person: Account, content: Content) -> list[InboxRow]:
        """Somebody's message is received; the rows that can be printed at once."""
        number = person.aci.uuid_bytes[-1]
        if number not in self._peers:
            self._peers[number] = self.world.peer(person.aci, seed=number)
        self._timestamp_ms += 1
        peer = self._peers[number]
        return self.world.take(peer.plain(content, timestamp_ms=self._timestamp_ms))

    def before_printing(self) -> None:
        self.follow_up().update_groups()

    def after_printing(self) -> None:
        self.follow_up().look_up_groups()

    def work(self) -> list[InboxRow]:
        """Everything that receiving does about groups; the rows that can be printed then."""
        before = {row.id for row in self.world.rows()}
        self.before_printing()
        self.after_printing()
        return [row for row in self.world.rows() if row.id not in before]

    def follow_up(self) -> FollowUp:
        return FollowUp(self.account, cast("Any", None), Stop())

    def is_request(self, row: InboxRow) -> bool:
        return EventBuilder(self.account).event(row).message_request

    def requests(self) -> list[str]:
        """What was asked of the group service since the last call."""
        requests = list(self.people.host.requests)
        self.people.host.requests.clear()
        return requests


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.close()


def context(group: Group, revision: int = 0) -> GroupContext:
    return GroupContext(master_key=group.master_key, revision=revision)


def message(group: GroupContext | None, **parts: Any) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=NOW_MS, group=group, **parts))


def every_kind(group: GroupContext | None, person: Account) -> dict[str, Content]:
    """Every kind of content that a stranger can think of."""
    aci = person.aci
    text = DataMessage(timestamp_ms=NOW_MS, body="x", group=group)
    story = StoryMessage(text_attachment=TextAttachment(text="so"), group=group)
    vote = PollVote(target_author=aci, target_timestamp_ms=1, option_indexes=(), vote_count=1)
    poll = PollCreate(question="?", allow_multiple=False, options=("a", "b"))
    pointer = AttachmentPointer(cdn_key="k", key=bytes(64), digest=bytes(32), size=1)
    return {
        "text": message(group, body="x"),
        "picture": message(group, attachments=(pointer,)),
        "reaction": message(
            group, reaction=Reaction(emoji="x", target_author=aci, target_timestamp_ms=1)
        ),
        "poll": message(group, poll_create=poll),
        "vote": message(group, poll_vote=vote),
        "pin": message(group, pin_message=PinMessage(target_author=aci, target_timestamp_ms=1)),
        "deletion": message(group, delete=Delete(target_timestamp_ms=1)),
        "group call": message(group, group_call_update=GroupCallUpdate(era_id="e")),
        "nothing": message(group),
        "edit": Content(edit_message=EditMessage(target_timestamp_ms=1, data_message=text)),
        "story": Content(story_message=story),
    }


def forget_claims(scene: Scene) -> None:
    """As after an hour."""
    with scene.account.database.transaction() as database:
        database.write("DELETE FROM false_group_claim")


# --- removed members ------------------------------------------------------------------------------


def test_a_removed_member_is_none_whatever_revision_they_claim(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory)
    scene.learn(group)
    scene.befriend(scene.mallory)
    scene.change(group, remove_members=(str(scene.mallory.aci),))
    scene.learn(group)
    scene.requests()
    for kind, claimed in every_kind(context(group, LATE), scene.mallory).items():
        assert scene.says(scene.mallory, claimed) == [], kind
        assert scene.work() == [], kind
        assert len(scene.requests()) == 1, kind
        # The same claim is not looked into a second time.
        assert scene.says(scene.mallory, claimed) == [], kind
        assert scene.work() == [], kind
        assert scene.requests() == [], kind
        forget_claims(scene)
    assert count_tasks(scene.account.database, TaskKind.DELIVERY_RECEIPT) == 0


def test_a_member_who_was_removed_unnoticed_is_not_printed(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory)
    scene.learn(group)
    scene.change(group, remove_members=(str(scene.mallory.aci),))
    assert scene.says(scene.mallory, message(context(group, LATE), body="still here")) == []
    assert scene.work() == []


def test_administrators_who_claim_to_be_some_delete_nothing(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory, send_messages=Permission.ONLY_ADMINS)
    scene.learn(group)
    (text,) = scene.says(scene.bob, message(context(group, 1), body="keep"))
    deletion = AdminDelete(
        target_author=scene.bob.aci, target_timestamp_ms=text.metadata.timestamp_ms
    )
    for revision in (1, LATE):
        claimed = message(context(group, revision), admin_delete=deletion)
        assert scene.says(scene.mallory, claimed) == []
        assert scene.work() == []
    assert all(row.withdrawn is None for row in scene.world.rows())
    (told,) = scene.says(scene.bob, message(context(group, 1), admin_delete=deletion))
    assert told.content is not None
    assert scene.world.rows()[0].withdrawn is not None


def test_a_member_s_lie_about_the_revision_costs_one_request(scene: Scene) -> None:
    group = scene.group(scene.account)
    scene.learn(group)
    scene.requests()
    for expected in (1, 0, 0):
        rows = scene.says(scene.bob, message(context(group, LATE), body="x"))
        assert len([*rows, *scene.work()]) == 1
        assert len(scene.requests()) == expected


def test_a_member_who_was_added_unnoticed_is_printed(scene: Scene) -> None:
    group = scene.group(scene.account)
    scene.learn(group)
    scene.change(group, members=(str(scene.mallory.aci),))
    assert scene.says(scene.mallory, message(context(group, 1), body="new here")) == []
    (row,) = scene.work()
    assert not scene.is_request(row)


# --- groups that are not known --------------------------------------------------------------------


def test_an_invented_group_prints_nothing_and_stays_nowhere(scene: Scene) -> None:
    scene.requests()
    group = GroupContext(master_key=GroupMasterKey(b"i" * 32), revision=3)
    for kind, invented in every_kind(group, scene.mallory).items():
        assert scene.says(scene.mallory, invented) == [], kind
        scene.before_printing()
        assert scene.requests() == [], kind
        scene.after_printing()
        assert len(scene.requests()) == 1, kind
        assert scene.says(scene.mallory, invented) == [], kind
        assert scene.work() == [], kind
        assert scene.requests() == [], kind
        forget_claims(scene)
    assert scene.world.rows() == []
    assert listed_groups(scene.account) == []


def test_what_one_stranger_may_invent_is_bounded(scene: Scene) -> None:
    scene.requests()
    for number in range(10):
        invented = GroupContext(master_key=GroupMasterKey(bytes([number]) * 32), revision=0)
        assert scene.says(scene.mallory, message(invented, body="x")) == []
    assert scene.work() == []
    assert len(scene.requests()) == 3
    assert (
        scene.says(
            scene.mallory, message(GroupContext(master_key=GroupMasterKey(b"z" * 32), revision=0))
        )
        == []
    )
    assert scene.work() == []
    assert scene.requests() == []
    stored = scene.account.database.row("SELECT count(*) FROM inbox")
    assert stored == (0,)


def test_who_is_no_member_of_a_group_that_is_learned_in_the_same_run(scene: Scene) -> None:
    group = scene.group(scene.account)
    assert scene.says(scene.mallory, message(context(group), body="from outside")) == []
    assert scene.says(scene.bob, message(context(group), body="from inside")) == []
    messages = [decode_content(row.content or b"").data_message for row in scene.work()]
    assert [(one.body, one.group) for one in messages if one is not None] == [
        ("from inside", context(group))
    ]


def test_a_group_of_somebody_known_is_fetched_before_printing(scene: Scene) -> None:
    scene.befriend(scene.bob)
    group = scene.group(scene.account)
    assert scene.says(scene.bob, message(context(group), body="hello")) == []
    scene.before_printing()
    (row,) = scene.world.rows()
    assert not scene.is_request(row)
    # They have brought the account into it.
    assert takes_part(scene.account.database, context(group))


def test_a_group_of_a_stranger_is_not_taken_part_in(scene: Scene) -> None:
    group = scene.group(scene.account)
    scene.says(scene.bob, message(context(group), body="hello"))
    (row,) = scene.work()
    assert not scene.is_request(row)
    assert not takes_part(scene.account.database, context(group))


def test_what_cannot_be_judged_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    group = scene.group(scene.account)

    def unreachable(*_: object, **__: object) -> None:
        raise Unreachable("not now")

    with monkeypatch.context() as patch:
        patch.setattr(scene.people.host, "request", unreachable)
        assert scene.says(scene.bob, message(context(group), body="later")) == []
        assert scene.work() == []
    scene.account.now_ms = lambda: NOW_MS + 60_000
    assert len(scene.work()) == 1


def test_messages_keep_their_order(scene: Scene) -> None:
    group = scene.group(scene.account)
    for body in ("one", "two", "three"):
        scene.says(scene.bob, message(context(group), body=body))
    rows = scene.work()
    datas = [decode_content(row.content or b"").data_message for row in rows]
    assert [None if data is None else data.body for data in datas] == ["one", "two", "three"]


def test_what_another_own_device_sends_makes_its_group_known(scene: Scene) -> None:
    phone = scene.world.own_phone()
    for kind in ("message", "edit_message", "story_message"):
        group = scene.group(scene.account)
        sent = SyncSent(timestamp_ms=NOW_MS, **sent_to(group, kind))
        rows = scene.world.take(phone.plain(Content(sync_message=SyncMessage(sent=sent))))
        assert len(rows) == 1, kind
        scene.before_printing()
        assert scene.known_to(scene.account, group.group_id).details is not None, kind
        assert takes_part(scene.account.database, context(group)), kind


def sent_to(group: Group, kind: str) -> dict[str, Any]:
    data = DataMessage(timestamp_ms=NOW_MS, body="mine", group=context(group))
    parts: dict[str, Any] = {
        "message": data,
        "edit_message": EditMessage(target_timestamp_ms=1, data_message=data),
        "story_message": StoryMessage(
            text_attachment=TextAttachment(text="so"), group=context(group)
        ),
    }
    return {kind: parts[kind]}


# --- strangers ------------------------------------------------------------------------------------


def test_a_stranger_is_a_request_in_every_kind_of_content(scene: Scene) -> None:
    kinds = {
        **every_kind(None, scene.mallory),
        "typing": Content(
            typing_message=TypingMessage(timestamp_ms=1, action=TypingAction.STARTED)
        ),
        "call": Content(call_message=CallMessage()),
        "receipt": Content(
            receipt_message=ReceiptMessage(type=ReceiptType.READ, timestamps_ms=(1,))
        ),
    }
    rows = {}
    for kind, content in kinds.items():
        (rows[kind],) = scene.says(scene.mallory, content)
        assert scene.is_request(rows[kind]), kind
    scene.befriend(scene.mallory)
    for kind, row in rows.items():
        assert not scene.is_request(row), kind


def test_a_group_that_holds_both_vouches_for_what_is_said_in_it(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory)
    scene.learn(group)
    direct = every_kind(None, scene.mallory)
    for kind, content in every_kind(context(group), scene.mallory).items():
        (row,) = scene.says(scene.mallory, content)
        assert not scene.is_request(row), kind
        (row,) = scene.says(scene.mallory, direct[kind])
        assert scene.is_request(row), kind


def test_a_group_to_which_one_is_only_invited_vouches_for_nobody(scene: Scene) -> None:
    with scene.bob.database.transaction() as database:
        database.write(
            "UPDATE recipient SET profile_key = NULL, profile_key_credential = NULL WHERE aci = ?",
            (scene.account.aci.uuid_bytes,),
        )
    group = scene.group(scene.account)
    scene.says(scene.bob, message(context(group)))
    (row,) = scene.work()
    details = scene.known_to(scene.account, group.group_id).details
    assert details is not None
    assert details.invitation(scene.account.aci) is not None
    assert scene.is_request(row)


def test_typing_is_told_of_members_alone(scene: Scene) -> None:
    group = scene.group(scene.account)

    def typing(group_id: bytes) -> Content:
        return Content(
            typing_message=TypingMessage(
                timestamp_ms=NOW_MS, action=TypingAction.STARTED, group_id=GroupIdentifier(group_id)
            )
        )

    assert scene.says(scene.bob, typing(group.group_id)) == []
    scene.learn(group)
    assert scene.says(scene.mallory, typing(group.group_id)) == []
    assert scene.says(scene.mallory, typing(b"x")) == []
    (row,) = scene.says(scene.bob, typing(group.group_id))
    assert not scene.is_request(row)
    scene.change(group, send_messages=Permission.ONLY_ADMINS, members=(str(scene.mallory.aci),))
    scene.learn(group)
    assert scene.says(scene.mallory, typing(group.group_id)) == []


def test_stories_of_members_alone_where_everybody_sends(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory)
    scene.learn(group)
    story = every_kind(context(group), scene.mallory)["story"]
    assert len(scene.says(scene.mallory, story)) == 1
    scene.change(group, send_messages=Permission.ONLY_ADMINS)
    scene.learn(group)
    assert scene.says(scene.mallory, story) == []


def test_a_group_that_was_left_is_not_listened_to(scene: Scene) -> None:
    group = scene.group(scene.account, scene.mallory)
    scene.learn(group)
    scene.change(group, remove_members=(str(scene.account.aci),))
    assert scene.says(scene.mallory, message(context(group, 1), body="gone?")) == []
    assert scene.work() == []
    assert scene.says(scene.mallory, message(context(group), body="gone?")) == []


# --- damaged groups -------------------------------------------------------------------------------


def test_a_damaged_master_key_is_a_line(scene: Scene) -> None:
    for length in (0, 31, 33):
        damaged = GroupContext(master_key=GroupMasterKey(bytes(length)), revision=0)
        for kind, content in every_kind(damaged, scene.mallory).items():
            (row,) = scene.says(scene.mallory, content)
            assert failure(row) == "InvalidMessageStructureException", kind
            assert row.failure is not None
            assert "master key" in row.failure.message
