from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sigcli.client.account.stories import MY_STORY, send_story, story_audience
from sigcli.client.groups.storing import store_group
from sigcli.errors import (
    AttachmentUnreadable,
    InvalidGroupId,
    NoStoryViewers,
    UnknownGroup,
    UnsuitableStory,
)
from sigcli.store.group_values import GroupDetails, Member
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import update_recipient
from sigcli.store.storage_records import SeenRecord, save_seen
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.content.message_parts import Delete, GroupContext, StoryContext
from sigcli.wire.content.stories import StoryMessage, TextAttachment
from sigcli.wire.key_types import GroupMasterKey
from sigcli.wire.storage_manifest import StorageItemType
from sigcli.wire.storage_records import StorageRecord, StoryListRecord, encode_storage_record
from sigcli.zkgroup.groups import GroupSecretParams
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account
    from sigcli.store.recipients import RecipientChange

PNG = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def add(account: Account, number: int, change: RecipientChange) -> ServiceId:
    aci = ServiceId.aci(UUID(int=number))
    with account.database.transaction() as database:
        row = resolve_recipient(database, aci=aci).id
        update_recipient(database, row, **change)
    return aci


def test_my_story_is_for_the_people_whom_the_account_talks_to(account: Account) -> None:
    with pytest.raises(NoStoryViewers):
        story_audience(account)
    friend = add(account, 11, {"profile_sharing": True})
    accepted = add(account, 12, {"is_contact": True, "request_state": RequestState.ACCEPTED})
    add(account, 13, {"is_contact": True, "request_state": RequestState.PENDING})
    add(account, 14, {"profile_sharing": True, "blocked": True})
    add(account, 15, {"profile_sharing": True, "hidden": True})
    add(account, 16, {"profile_sharing": True, "unregistered_ms": 1})
    add(account, 1, {"profile_sharing": True, "is_contact": True})  # oneself
    with account.database.transaction() as database:
        by_number = resolve_recipient(database, number="+15550109").id
        update_recipient(database, by_number, is_contact=True, profile_sharing=True)
    assert story_audience(account).service_ids == [friend, accepted]


def set_my_story(account: Account, **fields: Any) -> None:
    record = StorageRecord(story_list=StoryListRecord(identifier=MY_STORY.bytes, **fields))
    other = StorageRecord(story_list=StoryListRecord(identifier=b"o" * 16))
    kind = StorageItemType.STORY_DISTRIBUTION_LIST
    with account.database.transaction() as database:
        seen = [
            SeenRecord(bytes([number]) * 16, kind, encode_storage_record(one))
            for number, one in enumerate((other, record))
        ]
        save_seen(database, 1, b"manifest", new=seen)


def test_my_story_is_as_the_phone_has_it_set(account: Account) -> None:
    ada, bob, eve = (add(account, number, {"profile_sharing": True}) for number in (11, 12, 13))
    assert story_audience(account).allows_replies
    set_my_story(account, is_block_list=True, recipients=(eve,), allows_replies=True)
    assert story_audience(account).service_ids == [ada, bob]
    assert story_audience(account).allows_replies
    set_my_story(account, is_block_list=False, recipients=(eve,))
    assert story_audience(account).service_ids == [eve]
    assert not story_audience(account).allows_replies
    set_my_story(account, is_block_list=True)
    assert story_audience(account).service_ids == [ada, bob, eve]
    set_my_story(account, is_block_list=False)
    with pytest.raises(NoStoryViewers):
        story_audience(account)


def test_what_is_no_story_is_refused_before_anything_is_sent(
    account: Account, tmp_path: Path
) -> None:
    add(account, 11, {"profile_sharing": True})
    note = tmp_path / "note.txt"
    note.write_text("text")
    with pytest.raises(UnsuitableStory):
        send_story(account, str(note))
    with pytest.raises(AttachmentUnreadable):
        send_story(account, str(tmp_path / "nothing.png"))
    with pytest.raises(InvalidGroupId):
        send_story(account, PNG, group_id="x")
    with pytest.raises(UnknownGroup):
        send_story(account, PNG, group_id="A" * 43 + "=")


GROUP = GroupContext(master_key=GroupMasterKey(bytes(32)), revision=0)
CONTEXT = StoryContext(author=OWN_ACI, sent_timestamp_ms=1)


def data(**fields: object) -> Content:
    message = DataMessage(timestamp_ms=NOW_MS)
    return Content(data_message=replace(message, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "printed"),
    [
        (Content(story_message=StoryMessage(text_attachment=TextAttachment(text="so"))), True),
        (data(delete=Delete(target_timestamp_ms=1)), True),
        (data(body="in a group", group=GROUP, story_context=CONTEXT), True),
        (data(body="to one", story_context=CONTEXT), False),
        (data(body="in a group", group=GROUP), False),
        (data(body="anything"), False),
    ],
)
def test_only_what_concerns_a_story_may_come_as_one(
    world: World, content: Content, printed: bool
) -> None:
    peer = world.peer()
    with world.database.transaction() as database:
        resolve_recipient(database, aci=PEER_ACI)
    details = GroupDetails(revision=0, members=(Member(aci=OWN_ACI), Member(aci=PEER_ACI)))
    params = GroupSecretParams.derive_from_master_key(GROUP.master_key)
    with world.database.transaction() as transaction:
        store_group(world.account, transaction, params, details)
    as_story = replace(peer.sealed(content), story=True)
    assert bool(world.take(as_story)) is printed
    assert bool(world.take(peer.sealed(content, timestamp_ms=NOW_MS + 1)))
