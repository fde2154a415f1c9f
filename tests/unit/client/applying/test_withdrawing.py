"""What was deleted, has expired or is viewed once: printed in its place without content, gone from the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.cli.render import event_text
from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.expiring import expire_due
from sigcli.client.applying.group_updates import release_messages
from sigcli.client.applying.withdrawing import (
    apply_own_deletion,
    forget_unused,
)
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.client.people.attachment_names import attachment_id
from sigcli.client.people.known_people import KnownPeople
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.receiving import ReceiveOptions, replay_messages
from sigcli.client.receiving.taking import VIEW_ONCE_FILES_MS
from sigcli.client.sending.audience import Audience
from sigcli.client.sending.composing import kept_for_ms
from sigcli.operations.shapes.envelope import receive_object
from sigcli.store.attachment_uses import known_names
from sigcli.store.database import Database
from sigcli.store.group_values import GroupDetails, Member
from sigcli.store.groups import find_group, note_group, save_details
from sigcli.store.send_log import SentMessage, log_sent
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import (
    AttachmentPointer,
    Content,
    DataMessage,
    EditMessage,
    encode_content,
)
from sigcli.wire.content.message_parts import AdminDelete, Delete, GroupContext
from sigcli.wire.content.stories import StoryMessage
from sigcli.wire.content.sync_deletions import (
    AddressableMessage,
    AttachmentDelete,
    ConversationDelete,
    ConversationIdentifier,
    MessageDeletes,
    SyncDeleteForMe,
)
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.content.sync_state import MessageMark
from sigcli.wire.group_access import MemberRole
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, ProfileKeyBytes
from sigcli.zkgroup.groups import GroupSecretParams
from tests.support.stored import count_pending
from tests.unit.client.receiving.test_inbox_printing import Stop
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI, Peer, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.events import ReceivedEvent

CAROL = ServiceId.aci(UUID(int=0xD))
PICTURE = AttachmentPointer(
    cdn_key="picture",
    cdn_number=3,
    key=bytes(64),
    digest=b"d" * 32,
    content_type="image/png",
    client_uuid=b"u" * 16,
)
NAME = attachment_id(PICTURE) or ""
MASTER_KEY = GroupMasterKey(b"m" * 32)
GROUP_ID = GroupIdentifier(
    bytes(GroupSecretParams.derive_from_master_key(MASTER_KEY).get_group_identifier())
)


class Blobs(AttachmentFetcher):
    """Every blob is at the service."""

    def pieces(self, pointer: AttachmentPointer, max_bytes: int) -> Iterator[bytes]:
        del pointer, max_bytes
        yield b"plaintext"


class Reader:
    """Keeps what is printed."""

    def __init__(self, world: World) -> None:
        self._directory = PeopleDirectory.of(world.account)
        self.shapes: list[dict[str, Any]] = []
        self.texts: list[str] = []

    def __call__(self, event: ReceivedEvent) -> bool:
        self.shapes.append(receive_object(event, self._directory)["envelope"])
        self.texts.append(event_text(event, self._directory))
        return True

    @property
    def data(self) -> list[dict[str, Any]]:
        return [shape["dataMessage"] for shape in self.shapes]


class Desk:
    """An account that prints, with a clock of the test's own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now_ms = NOW_MS
        world.account.now_ms = lambda: self.now_ms
        self.printers: list[InboxPrinter] = []

    def keep(self, keep_ms: int = 10**9) -> None:
        self.world.account.settings = replace(self.world.account.settings, keep_messages_ms=keep_ms)

    def print(self, **options: Any) -> Reader:
        reader = Reader(self.world)
        account = self.world.account
        printing = InboxPrinter(
            account, ReceiveOptions(**options), reader, Blobs(account, Stop()), Stop()
        )
        self.printers.append(printing)
        assert printing.print_pending()
        return reader

    def replay(self) -> Reader:
        reader = Reader(self.world)
        replay_messages(self.world.account, "0", reader, Stop())
        return reader

    def has_picture(self) -> bool:
        return self.world.account.files.find_attachment(NAME) is not None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    world = World.create(tmp_path)
    with world.account:
        yield Desk(world)


@pytest.fixture
def bob(desk: Desk) -> Peer:
    bob = desk.world.peer()
    accept(desk, PEER_ACI)
    return bob


def accept(desk: Desk, aci: ServiceId) -> None:
    with desk.world.database.transaction() as database:
        people = KnownPeople(database)
        people.accept(people.get(aci))


def delete(target_ms: int, group: GroupContext | None = None) -> Content:
    return Content(
        data_message=DataMessage(
            timestamp_ms=NOW_MS + 50, delete=Delete(target_timestamp_ms=target_ms), group=group
        )
    )


def edit(target_ms: int, body: str) -> Content:
    data = DataMessage(timestamp_ms=NOW_MS + 9, body=body)
    return Content(edit_message=EditMessage(target_timestamp_ms=target_ms, data_message=data))


def picture(**fields: Any) -> Content:
    data = DataMessage(timestamp_ms=NOW_MS, body="secret", attachments=(PICTURE,), **fields)
    return Content(data_message=data)


def sent(data: DataMessage, peer: ServiceId | None = PEER_ACI, **fields: Any) -> Content:
    transcript = SyncSent(timestamp_ms=data.timestamp_ms, destination=peer, message=data, **fields)
    return Content(sync_message=SyncMessage(sent=transcript))


def make_group(desk: Desk, administrator: ServiceId) -> GroupContext:
    members = tuple(
        Member(
            aci=aci,
            profile_key=ProfileKeyBytes(bytes(32)),
            role=MemberRole.ADMINISTRATOR if aci == administrator else MemberRole.DEFAULT,
            joined_at_revision=0,
        )
        for aci in (OWN_ACI, PEER_ACI, CAROL)
    )
    with desk.world.database.transaction() as database:
        row = note_group(database, GROUP_ID, MASTER_KEY)
        save_details(database, row, GroupDetails(revision=0, title="g", members=members), NOW_MS)
    return GroupContext(master_key=MASTER_KEY, revision=0)


# --- deleted for everyone -------------------------------------------------------------------------


def test_a_deleted_message_is_printed_in_its_place_without_content(desk: Desk, bob: Peer) -> None:
    desk.world.take(
        bob.sealed("before", timestamp_ms=NOW_MS - 1),
        bob.sealed(picture(), timestamp_ms=NOW_MS),
        bob.sealed("after", timestamp_ms=NOW_MS + 1),
        bob.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 50),
    )
    printed = desk.print()
    before, deleted, after, deletion = printed.data
    assert [before["message"], deleted["message"], after["message"]] == ["before", None, "after"]
    assert deleted["remotelyDeleted"] is True
    assert "attachments" not in deleted
    assert deletion["remoteDelete"] == {"timestamp": NOW_MS}
    assert "remotelyDeleted" not in before | after | deletion
    assert "secret" not in "".join(printed.texts)
    assert "deleted for everyone" in printed.texts[1]
    assert not desk.has_picture()


@pytest.mark.parametrize("target_ms", [NOW_MS, NOW_MS + 1, NOW_MS + 2])
def test_a_deletion_takes_every_version_of_a_message(desk: Desk, bob: Peer, target_ms: int) -> None:
    desk.world.take(
        bob.sealed("first", timestamp_ms=NOW_MS),
        bob.sealed(edit(NOW_MS, "second"), timestamp_ms=NOW_MS + 1),
        bob.sealed(edit(NOW_MS + 1, "third"), timestamp_ms=NOW_MS + 2),
        bob.sealed(edit(NOW_MS - 7, "another"), timestamp_ms=NOW_MS + 3),
        bob.sealed(delete(target_ms), timestamp_ms=NOW_MS + 50),
    )
    shapes = desk.print().shapes
    assert shapes[0]["dataMessage"]["remotelyDeleted"] is True
    for shape in shapes[1:3]:
        assert shape["editMessage"]["dataMessage"]["remotelyDeleted"] is True
        assert shape["editMessage"]["dataMessage"]["message"] is None
    assert shapes[3]["editMessage"]["dataMessage"]["message"] == "another"


def test_nobody_deletes_what_is_not_theirs(desk: Desk, bob: Peer) -> None:
    carol = desk.world.peer(CAROL, seed=1)
    group = make_group(desk, administrator=OWN_ACI)
    inside = Content(data_message=DataMessage(timestamp_ms=NOW_MS, body="inside", group=group))
    desk.world.take(
        bob.sealed("outside", timestamp_ms=NOW_MS),
        carol.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 50),
        bob.sealed(delete(NOW_MS, group), timestamp_ms=NOW_MS + 50),
        bob.sealed(inside, timestamp_ms=NOW_MS + 60),
        bob.sealed(delete(NOW_MS + 60), timestamp_ms=NOW_MS + 61),
        bob.sealed(delete(2**64 - 1), timestamp_ms=NOW_MS + 62),
    )
    bodies = [data["message"] for data in desk.print().data]
    assert bodies[0] == "outside"
    assert bodies[3] == "inside"


@pytest.mark.parametrize("is_administrator", [True, False])
def test_an_administrator_deletes_what_others_wrote_to_the_group(
    desk: Desk, bob: Peer, is_administrator: bool
) -> None:
    carol = desk.world.peer(CAROL, seed=1)
    group = make_group(desk, administrator=CAROL if is_administrator else OWN_ACI)
    inside = Content(data_message=DataMessage(timestamp_ms=NOW_MS, body="inside", group=group))
    admin_delete = AdminDelete(target_author=PEER_ACI, target_timestamp_ms=NOW_MS)
    deletion = Content(
        data_message=DataMessage(timestamp_ms=NOW_MS + 1, admin_delete=admin_delete, group=group)
    )
    desk.world.take(
        bob.sealed(inside, timestamp_ms=NOW_MS),
        carol.sealed(deletion, timestamp_ms=NOW_MS + 1),
    )
    first = desk.print().data[0]
    assert first.get("remotelyDeleted", False) is is_administrator
    assert first["message"] == (None if is_administrator else "inside")
    assert first["groupInfo"]["groupId"]


def test_an_administrator_may_become_known_after_the_deletion(desk: Desk, bob: Peer) -> None:
    carol = desk.world.peer(CAROL, seed=1)
    group = GroupContext(master_key=MASTER_KEY, revision=0)
    inside = Content(data_message=DataMessage(timestamp_ms=NOW_MS, body="inside", group=group))
    target = AdminDelete(target_author=PEER_ACI, target_timestamp_ms=NOW_MS)
    deletion = Content(
        data_message=DataMessage(timestamp_ms=NOW_MS + 1, admin_delete=target, group=group)
    )
    desk.world.take(
        bob.sealed(inside, timestamp_ms=NOW_MS), carol.sealed(deletion, timestamp_ms=NOW_MS + 1)
    )
    assert desk.world.rows() == []
    make_group(desk, administrator=CAROL)
    assert release_messages(desk.world.account, GROUP_ID) == 2
    assert desk.print().data[0]["remotelyDeleted"] is True


def test_another_own_device_deletes_what_it_has_sent(desk: Desk, bob: Peer) -> None:
    del bob
    phone = desk.world.own_phone()
    data = DataMessage(timestamp_ms=NOW_MS, body="mine")
    deletion = DataMessage(timestamp_ms=NOW_MS + 1, delete=Delete(target_timestamp_ms=NOW_MS))
    desk.world.take(
        phone.plain(sent(data), timestamp_ms=NOW_MS + 7),
        phone.plain(sent(replace(data, body="to carol"), CAROL), timestamp_ms=NOW_MS + 8),
        phone.plain(sent(deletion), timestamp_ms=NOW_MS + 9),
    )
    first, second, _ = (shape["syncMessage"]["sentMessage"] for shape in desk.print().shapes)
    assert (first["message"], first["remotelyDeleted"]) == (None, True)
    assert first["destinationUuid"] == str(PEER_ACI)
    assert second["message"] == "to carol"


def test_a_story_is_deleted(desk: Desk, bob: Peer) -> None:
    story = Content(story_message=StoryMessage(file_attachment=PICTURE, allows_replies=True))
    desk.world.take(
        bob.sealed(story, timestamp_ms=NOW_MS), bob.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 1)
    )
    shape = desk.print().shapes[0]["storyMessage"]
    assert shape == {"allowsReplies": True, "remotelyDeleted": True}


def test_a_kept_message_and_its_file_go_when_it_is_deleted(desk: Desk, bob: Peer) -> None:
    desk.keep()
    desk.world.take(bob.sealed(picture()))
    assert desk.print().data[0]["message"] == "secret"
    assert desk.has_picture()
    desk.world.take(bob.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 1))
    desk.print()
    expire_due(desk.world.account)
    assert not desk.has_picture()
    replayed = desk.replay().data
    assert (replayed[0]["message"], replayed[0]["remotelyDeleted"]) == (None, True)


@pytest.mark.parametrize("shared", [True, False])
def test_a_file_goes_with_the_last_message_that_points_at_it(
    desk: Desk, bob: Peer, shared: bool
) -> None:
    carol = desk.world.peer(CAROL, seed=1)
    accept(desk, CAROL)
    desk.world.take(bob.sealed(picture()))
    if shared:
        desk.world.take(carol.sealed(picture()))
    desk.print()
    assert count_pending(desk.world.database) == 0
    desk.world.take(bob.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 1))
    expire_due(desk.world.account)
    assert desk.has_picture() is shared
    desk.world.take(carol.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 2))
    expire_due(desk.world.account)
    assert not desk.has_picture()


def test_what_was_left_at_the_service_is_not_fetched_once_it_is_deleted(
    desk: Desk, bob: Peer
) -> None:
    stranger = desk.world.peer(CAROL, seed=1)
    del bob
    desk.world.take(stranger.sealed(picture()))
    desk.print()
    assert count_tasks(desk.world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 1
    desk.world.take(stranger.sealed(delete(NOW_MS), timestamp_ms=NOW_MS + 1))
    expire_due(desk.world.account)
    assert count_tasks(desk.world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 0


def test_what_this_device_deletes_is_gone_here_too(desk: Desk, bob: Peer) -> None:
    phone = desk.world.own_phone()
    group = make_group(desk, administrator=OWN_ACI)
    inside = Content(data_message=DataMessage(timestamp_ms=NOW_MS + 1, body="inside", group=group))
    desk.world.take(
        phone.plain(sent(DataMessage(timestamp_ms=NOW_MS, body="mine"))),
        bob.sealed(inside, timestamp_ms=NOW_MS + 1),
        bob.sealed("yours", timestamp_ms=NOW_MS),
    )
    to_bob = Audience(people=(desk.world.person(PEER_ACI),))
    deletion = DataMessage(timestamp_ms=0, delete=Delete(target_timestamp_ms=NOW_MS))
    apply_own_deletion(desk.world.account, to_bob, deletion)
    found = find_group(desk.world.database, GROUP_ID)
    assert found is not None
    target = AdminDelete(target_author=PEER_ACI, target_timestamp_ms=NOW_MS + 1)
    as_administrator = DataMessage(timestamp_ms=0, admin_delete=target)
    apply_own_deletion(desk.world.account, Audience(groups=(found,)), as_administrator)
    mine, theirs, yours = desk.print().shapes
    assert mine["syncMessage"]["sentMessage"]["remotelyDeleted"] is True
    assert theirs["dataMessage"]["remotelyDeleted"] is True
    assert yours["dataMessage"]["message"] == "yours"


def test_uses_are_forgotten_with_the_files_that_the_user_removes(desk: Desk, bob: Peer) -> None:
    desk.world.take(bob.sealed(picture()))
    desk.print()
    account = desk.world.account
    forget_unused(account, [])
    assert known_names(account.database) == [NAME]
    account.files.remove_attachment(NAME)
    forget_unused(account, [])
    assert known_names(account.database) == []


# --- expired --------------------------------------------------------------------------------------


def test_a_received_timer_begins_when_the_message_is_printed(desk: Desk, bob: Peer) -> None:
    desk.keep()
    desk.world.take(bob.sealed(picture(expire_timer_s=60)))
    desk.now_ms += 3_600_000
    assert desk.print().data[0]["message"] == "secret"
    desk.now_ms += 59_999
    assert desk.replay().data[0]["message"] == "secret"
    assert desk.has_picture()
    desk.now_ms += 1
    (data,) = desk.replay().data
    assert (data["message"], data["expired"], data["expiresInSeconds"]) == (None, True, 60)
    assert not desk.has_picture()
    assert all(b"secret" not in (row or b"") for row in contents(desk))


def contents(desk: Desk) -> list[bytes | None]:
    return [content for (content,) in desk.world.database.rows("SELECT content FROM inbox")]


def test_the_files_of_a_message_that_is_not_kept_expire_too(desk: Desk, bob: Peer) -> None:
    desk.world.take(bob.sealed(picture(expire_timer_s=60)))
    desk.print()
    expire_due(desk.world.account)
    assert desk.has_picture()
    desk.now_ms += 60_000
    expire_due(desk.world.account)
    assert not desk.has_picture()


@pytest.mark.parametrize("late", [True, False])
def test_a_transcript_may_expire_before_it_is_printed(desk: Desk, late: bool) -> None:
    phone = desk.world.own_phone()
    data = DataMessage(timestamp_ms=NOW_MS, body="mine", expire_timer_s=60, attachments=(PICTURE,))
    desk.world.take(phone.plain(sent(data, expiration_start_timestamp_ms=NOW_MS)))
    desk.now_ms += 60_000 if late else 59_999
    shape = desk.print().shapes[0]["syncMessage"]["sentMessage"]
    assert shape["message"] == (None if late else "mine")
    assert shape.get("expired", False) is late
    assert desk.has_picture() is not late
    desk.now_ms += 1
    expire_due(desk.world.account)
    assert not desk.has_picture()


def test_a_change_of_the_timer_does_not_expire(desk: Desk, bob: Peer) -> None:
    desk.keep()
    change = Content(data_message=DataMessage(timestamp_ms=NOW_MS, flags=2, expire_timer_s=1))
    desk.world.take(bob.sealed(change))
    desk.print()
    desk.now_ms += 5_000
    assert "expired" not in desk.replay().data[0]


def test_an_expired_text_stands_nowhere_on_the_disk(desk: Desk, bob: Peer) -> None:
    desk.keep()
    database = desk.world.database
    with Database.open(database.path) as receiver:  # another process keeps the log from going
        assert receiver.row("SELECT count(*) FROM inbox")
        desk.world.take(bob.sealed(words("the word is xyzzy", expire_timer_s=60)))
        desk.print()
        assert on_disk(desk, b"xyzzy")
        desk.now_ms += 60_000
        expire_due(desk.world.account)
        assert not on_disk(desk, b"xyzzy")


def test_an_expired_text_that_was_sent_stands_nowhere_on_the_disk(desk: Desk, bob: Peer) -> None:
    sent = words("the word is xyzzy", expire_timer_s=60)
    kept_ms = kept_for_ms(sent.data_message)
    assert kept_ms == 60_000
    with desk.world.database.transaction() as database:
        message = SentMessage(NOW_MS, encode_content(sent), 1, urgent=True)
        log_sent(database, message, {bob.device.address: b""}, desk.now_ms, kept_ms=kept_ms)
    desk.now_ms += 59_999
    expire_due(desk.world.account)
    assert on_disk(desk, b"xyzzy")
    desk.now_ms += 1
    expire_due(desk.world.account)
    assert not on_disk(desk, b"xyzzy")


def test_what_has_to_be_told_still_is_kept_as_long_as_anything() -> None:
    update = DataMessage(timestamp_ms=NOW_MS, flags=2, expire_timer_s=1)
    deletion = DataMessage(
        timestamp_ms=NOW_MS, delete=Delete(target_timestamp_ms=1), expire_timer_s=1
    )
    for message in (update, deletion, DataMessage(timestamp_ms=NOW_MS, body="for ever")):
        assert kept_for_ms(message) is None
    text = words("new", expire_timer_s=1).data_message
    assert kept_for_ms(None, EditMessage(target_timestamp_ms=1, data_message=text)) == 1_000


def test_the_log_is_emptied_once_nobody_reads(desk: Desk, bob: Peer) -> None:
    database = desk.world.database
    with closing(sqlite3.connect(database.path, isolation_level=None)) as reader:
        desk.world.take(bob.sealed(words("the word is xyzzy")))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM inbox").fetchone()
        desk.print()
        assert not database.clear_log()
        assert on_disk(desk, b"xyzzy")
        reader.execute("ROLLBACK")
        assert database.clear_log()
        assert not on_disk(desk, b"xyzzy")


def words(body: str, **fields: Any) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=NOW_MS, body=body, **fields))


def on_disk(desk: Desk, secret: bytes) -> bool:
    """Whether the database or its log holds some bytes."""
    paths = (desk.world.database.path, desk.world.database.path + "-wal")
    return any(secret in Path(path).read_bytes() for path in paths)


# --- viewed once ----------------------------------------------------------------------------------


def test_a_view_once_message_is_printed_once(desk: Desk, bob: Peer) -> None:
    desk.keep()
    desk.world.take(bob.sealed(picture(is_view_once=True)))
    (data,) = desk.print(send_read_receipts=True).data
    assert (data["message"], data["attachments"][0]["id"]) == ("secret", NAME)
    assert desk.printers[-1].opened == [(PEER_ACI, NOW_MS)]
    (again,) = desk.replay().data
    assert (again["message"], again["viewOnce"], again["viewOnceOpened"]) == (None, True, True)
    assert all(b"secret" not in (row or b"") for row in contents(desk))
    assert desk.has_picture()  # the reader of the line may want it
    desk.now_ms += VIEW_ONCE_FILES_MS
    expire_due(desk.world.account)
    assert not desk.has_picture()


def test_what_another_device_has_opened_is_not_opened_here(desk: Desk, bob: Peer) -> None:
    phone = desk.world.own_phone()
    mark = MessageMark(sender=PEER_ACI, timestamp_ms=NOW_MS)
    desk.world.take(
        bob.sealed(picture(is_view_once=True), timestamp_ms=NOW_MS),
        bob.sealed("plain", timestamp_ms=NOW_MS + 1),
        phone.plain(Content(sync_message=SyncMessage(view_once_open=mark))),
        phone.plain(
            Content(sync_message=SyncMessage(view_once_open=replace(mark, timestamp_ms=NOW_MS + 1)))
        ),
    )
    opened, plain = desk.print(send_read_receipts=True).shapes[:2]
    assert opened["dataMessage"]["viewOnceOpened"] is True
    assert opened["dataMessage"]["message"] is None
    assert plain["dataMessage"]["message"] == "plain"
    assert desk.printers[-1].opened == []
    assert desk.printers[-1].read == {PEER_ACI: [NOW_MS + 1]}


# --- deleted for the account alone ----------------------------------------------------------------

WITH_BOB = ConversationIdentifier(thread=PEER_ACI)


def deletions(**fields: Any) -> Content:
    return Content(sync_message=SyncMessage(delete_for_me=SyncDeleteForMe(**fields)))


def addressed(author: ServiceId, sent_ms: int) -> AddressableMessage:
    return AddressableMessage(author=author, sent_timestamp_ms=sent_ms)


def test_single_messages_are_deleted_for_the_account(desk: Desk, bob: Peer) -> None:
    phone = desk.world.own_phone()
    messages = (addressed(PEER_ACI, NOW_MS), addressed(OWN_ACI, NOW_MS + 1))
    desk.world.take(
        bob.sealed("one", timestamp_ms=NOW_MS),
        phone.plain(sent(DataMessage(timestamp_ms=NOW_MS + 1, body="two"))),
        bob.sealed("three", timestamp_ms=NOW_MS + 2),
        phone.plain(
            deletions(message_deletes=(MessageDeletes(conversation=WITH_BOB, messages=messages),))
        ),
    )
    one, two, three, _ = desk.print().shapes
    assert one["dataMessage"]["deletedForMe"] is True
    assert one["dataMessage"]["message"] is None
    assert two["syncMessage"]["sentMessage"]["deletedForMe"] is True
    assert three["dataMessage"]["message"] == "three"


@pytest.mark.parametrize("of_group", [True, False])
def test_a_conversation_is_deleted_up_to_its_latest_message(
    desk: Desk, bob: Peer, of_group: bool
) -> None:
    phone = desk.world.own_phone()
    group = make_group(desk, administrator=OWN_ACI)
    conversation = ConversationIdentifier(group_id=GROUP_ID) if of_group else WITH_BOB
    inside = DataMessage(timestamp_ms=NOW_MS, body="inside", group=group)
    delete = ConversationDelete(
        conversation=conversation,
        most_recent_messages=(addressed(PEER_ACI, NOW_MS + 3), addressed(OWN_ACI, 2**64 - 1)),
        is_full_delete=True,
    )
    desk.world.take(
        bob.sealed("outside", timestamp_ms=NOW_MS),
        bob.sealed(Content(data_message=inside), timestamp_ms=NOW_MS + 1),
        phone.plain(sent(replace(inside, timestamp_ms=NOW_MS + 2), None)),
        bob.sealed("later", timestamp_ms=NOW_MS + 4),
        phone.plain(deletions(conversation_deletes=(delete,)), timestamp_ms=NOW_MS + 5),
    )
    outside, first, second, later, _ = desk.print().shapes
    assert (outside["dataMessage"]["message"] is None) is not of_group
    assert (first["dataMessage"]["message"] is None) is of_group
    assert (second["syncMessage"]["sentMessage"]["message"] is None) is of_group
    assert later["dataMessage"]["message"] == "later"


def test_one_attachment_is_deleted_for_the_account(desk: Desk, bob: Peer) -> None:
    phone = desk.world.own_phone()
    other = replace(PICTURE, cdn_key="other", digest=b"o" * 32, client_uuid=None)
    data = DataMessage(timestamp_ms=NOW_MS, body="two", attachments=(PICTURE, other))
    delete = AttachmentDelete(
        conversation=WITH_BOB,
        target_message=addressed(PEER_ACI, NOW_MS),
        fallback_digest=b"d" * 32,
    )
    desk.world.take(
        bob.sealed(Content(data_message=data)),
        phone.plain(deletions(attachment_deletes=(delete,))),
    )
    shape = desk.print().shapes[0]["dataMessage"]
    assert shape["message"] == "two"
    assert [one["id"] for one in shape["attachments"]] == [attachment_id(other)]
