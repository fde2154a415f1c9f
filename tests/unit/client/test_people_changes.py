from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.people.blocking import set_blocked
from sigcli.client.account.people.contact_changes import (
    ContactChange,
    remove_contact,
    update_contact,
)
from sigcli.client.account.people.request_responses import respond_to_requests
from sigcli.client.base.task_items import (
    BLOCKED_LIST_TARGET,
    NEW_PROFILE_KEY_TARGET,
    account_target,
)
from sigcli.client.groups.people_directory import PeopleDirectory
from sigcli.client.people.blocked_groups import blocked_groups
from sigcli.client.people.pending_blocks import note_pending_blocks
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.sending.configuration import Configuration, update_configuration
from sigcli.errors import DiscoveryUnavailable, PrimaryOnly, UnknownRecipient, UsageError
from sigcli.store import account_data
from sigcli.store.groups import note_group
from sigcli.store.identity_keys import find_identity
from sigcli.store.recipient_merging import recipient_id_of, resolve_recipient
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import find_by_number, update_recipient
from sigcli.store.sessions import session_devices, usable_devices
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task, count_tasks, find_items
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.content import Content, DataMessage, DataMessageFlag
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_sent import SyncSent
from sigcli.wire.content.sync_state import (
    MessageRequestResponseType,
    SyncBlocked,
    SyncMessageRequestResponse,
)
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, ProfileKeyBytes
from tests.unit.client.receiving.test_follow_up import Source
from tests.unit.client.receiving.test_inbox_printing import Reader, Stop, printer
from tests.unit.client.world import NOW_MS, OWN_ACI, PEER_ACI, Peer, World, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Contact, Recipient

OTHER = ServiceId.aci(UUID(int=77))
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A linked device, whose service does not answer."""
    world = World.create(tmp_path)
    with world.account:
        yield world


@pytest.fixture
def primary(world: World) -> World:
    """The same as the primary device, without others."""
    with world.database.transaction() as database:
        write_setting(database, account_data.DEVICE_ID, 1)
    world.account.reload_keys()
    return world


@pytest.fixture
def bob(world: World) -> Peer:
    return world.peer()


def change(world: World, service_id: ServiceId = PEER_ACI, **columns: object) -> None:
    with world.database.transaction() as database:
        row_id = recipient_id_of(database, service_id)
        update_recipient(database, row_id, **columns)  # type: ignore[arg-type]


def contact(world: World) -> Contact:
    return world.person().contact


def sync(**fields: object) -> Content:
    return Content(sync_message=SyncMessage(**fields))  # type: ignore[arg-type]


def has_task(world: World, kind: TaskKind, target: bytes = b"") -> bool:
    return bool(find_items(world.database, kind, target))


# --- contacts ---------------------------------------------------------------------------------------


def test_names_are_given_and_taken_back(world: World) -> None:
    change(world, hidden=True, note="old", family_name="Lee")
    update_contact(
        world.account,
        str(PEER_ACI),
        ContactChange(given_name="Bob", nickname_given="Bobby", note="plumber"),
    )
    noted = contact(world)
    assert (noted.given_name, noted.family_name, noted.note) == ("Bob", "Lee", "plumber")
    assert (noted.name, noted.is_contact, noted.hidden) == ("Bobby", True, False)
    update_contact(world.account, "Bobby", ContactChange(nickname_given="", family_name=""))
    assert contact(world).name == "Bob"
    assert world.warnings == []
    with pytest.raises(UsageError):
        update_contact(world.account, "Bob", ContactChange(note="\udcff"))
    with pytest.raises(UsageError):
        update_contact(world.account, "Bob", ContactChange(expiration_s=-1))
    with pytest.raises(UsageError):
        update_contact(world.account, "Bob", ContactChange(expiration_s=1 << 32))


def test_a_removed_contact_is_a_stranger_again(world: World, bob: Peer) -> None:
    change(world, given_name="Bob", is_contact=True, profile_sharing=True, blocked=True)
    remove_contact(world.account, "Bob")
    gone = contact(world)
    assert (gone.name, gone.profile_sharing) == ("", False)
    # Only unblocking ends a block.
    assert gone.blocked
    change(world, blocked=False)
    world.take(bob.sealed("hi"))
    assert contact(world).request_state is RequestState.PENDING


@pytest.mark.parametrize("word", ["+15550166", "Zoe"])
def test_somebody_of_whom_a_number_alone_is_known_is_changed_without_a_directory(
    primary: World, word: str
) -> None:
    def known() -> Recipient:
        found = find_by_number(primary.database, "+15550166")
        assert found is not None
        return found

    with primary.database.transaction() as database:
        row_id = resolve_recipient(database, number="+15550166").id
        update_recipient(database, row_id, is_contact=True, given_name="Zoe")
    for blocked in (True, False):
        set_blocked(primary.account, [word], [], blocked=blocked)
        assert known().contact.blocked is blocked
    respond_to_requests(primary.account, [word], [], accept=False)
    update_contact(primary.account, word, ContactChange(note="away"))
    assert known().contact.note == "away"
    remove_contact(primary.account, word)
    assert (known().contact.is_contact, known().name) == (False, "")
    remove_contact(primary.account, "+15550166", forget=True)
    assert find_by_number(primary.database, "+15550166") is None
    with pytest.raises(DiscoveryUnavailable):
        update_contact(primary.account, "+15550166", ContactChange(note="new"))


def test_a_hidden_contact_keeps_its_name(world: World) -> None:
    change(world, given_name="Bob", is_contact=True, profile_sharing=True)
    remove_contact(world.account, "Bob", hide=True)
    hidden = contact(world)
    assert (hidden.name, hidden.hidden, hidden.profile_sharing) == ("Bob", True, False)
    with pytest.raises(UnknownRecipient):
        remove_contact(world.account, "Bob")


def test_forgetting_takes_keys_and_sessions_along(world: World, bob: Peer) -> None:
    world.take(bob.plain("hi"))
    world.account.files.write_profile_avatar(PEER_ACI, [b"picture"])
    assert session_devices(world.database, ServiceIdKind.ACI, PEER_ACI) == [1]
    change(world, blocked=True)
    with pytest.raises(UsageError, match="blocked"):
        remove_contact(world.account, str(PEER_ACI), forget=True)
    change(world, blocked=False)
    remove_contact(world.account, str(PEER_ACI), forget=True)
    assert world.person_or_none(PEER_ACI) is None
    assert find_identity(world.database, PEER_ACI) is None
    assert usable_devices(world.database, ServiceIdKind.ACI, PEER_ACI, NOW_MS) == []
    assert world.account.files.profile_avatar(PEER_ACI) is None
    with pytest.raises(UsageError):
        remove_contact(world.account, str(OWN_ACI))


def test_what_comes_in_the_old_session_right_after_forgetting_is_read(
    world: World, bob: Peer
) -> None:
    world.take(bob.plain("before"), bob.sealed("sealed before"))
    late = bob.sealed("under way meanwhile")
    remove_contact(world.account, str(PEER_ACI), forget=True)
    world.take(late, bob.plain("after"), bob.sealed("and again"))
    assert world.bodies()[2:] == ["under way meanwhile", "after", "and again"]
    assert find_identity(world.database, PEER_ACI) is not None  # known anew


@pytest.mark.parametrize(
    "edit",
    [
        lambda account: update_contact(account, str(PEER_ACI), ContactChange(note="plumber")),
        lambda account: remove_contact(account, str(PEER_ACI)),
        lambda account: remove_contact(account, str(PEER_ACI), hide=True),
        lambda account: remove_contact(account, str(PEER_ACI), forget=True),
        lambda account: set_blocked(account, [str(PEER_ACI)], [], blocked=True),
        lambda account: respond_to_requests(account, [str(PEER_ACI)], [], accept=True),
        lambda account: update_configuration(account, Configuration(link_previews=False)),
    ],
)
def test_what_the_storage_service_holds_is_to_be_written_there(
    primary: World, edit: Callable[[Account], None]
) -> None:
    change(primary, is_contact=True)
    assert not has_task(primary, TaskKind.STORAGE_SYNC)
    edit(primary.account)
    assert has_task(primary, TaskKind.STORAGE_SYNC)


# --- blocking ---------------------------------------------------------------------------------------


def test_without_the_list_the_others_are_asked_and_the_block_survives_their_answer(
    world: World,
) -> None:
    phone = world.own_phone()
    change(world, OTHER, blocked=True)
    set_blocked(world.account, [str(PEER_ACI)], [], blocked=True)
    set_blocked(world.account, [str(OTHER)], [], blocked=False)
    assert any("asked" in warning for warning in world.warnings)
    assert not has_task(world, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET)
    # An answer from before: it knows of neither.
    world.take(
        phone.sealed(
            sync(blocked=SyncBlocked(acis=(OTHER,), group_ids=(GroupIdentifier(b"g" * 32),)))
        )
    )
    assert contact(world).blocked
    assert not world.person(OTHER).contact.blocked
    assert blocked_groups(world.database) == {b"g" * 32}
    assert has_task(world, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET)
    # What was pending is done: the next list holds as it is.
    world.take(phone.sealed(sync(blocked=SyncBlocked())))
    assert not contact(world).blocked


def test_a_list_that_is_known_is_sent_and_made_up_for(world: World) -> None:
    with world.database.transaction() as database:
        write_setting(database, account_data.BLOCKED_LIST_KNOWN, True)
    change(world, profile_sharing=True)
    set_blocked(world.account, [str(PEER_ACI)], [], blocked=True)
    assert contact(world).blocked
    assert not contact(world).profile_sharing
    # The service does not answer: a task is left.
    assert len(world.warnings) == 1
    assert has_task(world, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET)
    # The profile key is the primary device's to replace.
    assert not has_task(world, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)
    with pytest.raises(UsageError):
        set_blocked(world.account, [str(OWN_ACI)], [], blocked=True)


def test_the_primary_takes_the_profile_key_away(primary: World) -> None:
    change(primary, OTHER, is_contact=True)
    set_blocked(primary.account, [str(OTHER)], [], blocked=True)
    assert primary.warnings == []
    assert not has_task(primary, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)
    change(primary, profile_sharing=True)
    set_blocked(primary.account, [str(PEER_ACI)], [], blocked=True)
    assert has_task(primary, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)
    assert primary.account.keys.profile_key == bytes(32)


def test_a_block_on_a_linked_device_does_too(primary: World) -> None:
    tablet = primary.peer(OWN_ACI, 2, primary.account.keys.aci_identity)
    block = SyncMessageRequestResponse(type=MessageRequestResponseType.BLOCK, thread=PEER_ACI)
    change(primary, is_contact=True)
    primary.take(tablet.sealed(sync(message_request_response=block)))
    assert not has_task(primary, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)
    change(primary, profile_sharing=True)
    primary.take(tablet.sealed(sync(message_request_response=block)))
    assert has_task(primary, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)


def test_groups_are_blocked_by_their_ids(primary: World) -> None:
    with primary.database.transaction() as database:
        note_group(database, GroupIdentifier(b"g" * 32), GroupMasterKey(bytes(32)))
    group = "Z2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2c="
    set_blocked(primary.account, [], [group], blocked=True)
    assert blocked_groups(primary.database) == {b"g" * 32}
    respond_to_requests(primary.account, [], [group], accept=True)
    assert blocked_groups(primary.database) == frozenset()


def test_options_are_kept_by_person(world: World) -> None:
    with world.database.transaction() as database:
        note_pending_blocks(database, [PEER_ACI], [GroupIdentifier(b"g" * 32)], blocked=True)
        note_pending_blocks(database, [PEER_ACI], [], blocked=False)
    world.take(world.own_phone().sealed(sync(blocked=SyncBlocked(acis=(PEER_ACI,)))))
    assert not contact(world).blocked
    assert blocked_groups(world.database) == {b"g" * 32}


# --- requests and settings --------------------------------------------------------------------------


def test_a_request_is_accepted_or_deleted(primary: World, bob: Peer) -> None:
    primary.take(bob.sealed("hi"))
    respond_to_requests(primary.account, [str(PEER_ACI)], [], accept=False)
    assert contact(primary).request_state is RequestState.NONE
    respond_to_requests(primary.account, [str(PEER_ACI)], [], accept=True)
    assert contact(primary).profile_sharing
    assert any("profile was not shared" in warning for warning in primary.warnings)
    primary.take(bob.sealed("again", timestamp_ms=NOW_MS + 1))
    assert count_tasks(primary.database, TaskKind.DELIVERY_RECEIPT) == 1


def test_the_configuration_is_the_primary_devices(world: World) -> None:
    with pytest.raises(PrimaryOnly):
        update_configuration(world.account, Configuration(read_receipts=True))
    assert read_setting(world.database, account_data.READ_RECEIPTS) is None


def test_the_primary_changes_only_what_is_named(primary: World) -> None:
    update_configuration(primary.account, Configuration(read_receipts=True))
    present = update_configuration(primary.account, Configuration(link_previews=False))
    assert present == Configuration(read_receipts=True, link_previews=False)


# --- the own profile key ----------------------------------------------------------------------------


def test_who_is_accepted_and_writes_unsealed_is_told_the_profile_key(
    world: World, bob: Peer
) -> None:
    world.take(bob.plain("a stranger"))
    change(world, profile_sharing=True)
    update = DataMessage(
        timestamp_ms=NOW_MS,
        flags=int(DataMessageFlag.PROFILE_KEY_UPDATE),
        profile_key=ProfileKeyBytes(bytes(32)),
    )
    world.take(bob.sealed("sealed"), bob.plain(Content(data_message=update)))
    assert count_tasks(world.database, TaskKind.PROFILE_KEY_UPDATE) == 0
    world.take(bob.plain("one"), bob.plain("two"))
    assert has_task(world, TaskKind.PROFILE_KEY_UPDATE, account_target(PEER_ACI))
    assert count_tasks(world.database, TaskKind.ATTRIBUTES_UPDATE) == 0
    assert world.task(TaskKind.PROFILE_KEY_UPDATE) is not None
    with world.database.transaction() as database:
        database.write("DELETE FROM task")
    world.take(bob.plain("three"))
    assert count_tasks(world.database, TaskKind.PROFILE_KEY_UPDATE) == 0
    world.account.now_ms = lambda: NOW_MS + DAY_MS
    world.take(bob.plain("the next day"))
    assert count_tasks(world.database, TaskKind.PROFILE_KEY_UPDATE) == 1


def test_the_primary_writes_its_attributes_as_well(primary: World, bob: Peer) -> None:
    change(primary, profile_sharing=True)
    primary.take(bob.plain("one"))
    assert count_tasks(primary.database, TaskKind.ATTRIBUTES_UPDATE) == 1


def test_a_linked_device_takes_a_new_profile_key_from_the_primary(world: World) -> None:
    phone, tablet = world.own_phone(), world.peer(OWN_ACI, 3, world.account.keys.aci_identity)

    def transcript(key: bytes) -> Content:
        data = text("hi", profile_key=ProfileKeyBytes(key)).data_message
        return sync(sent=SyncSent(timestamp_ms=NOW_MS, destination=PEER_ACI, message=data))

    world.take(tablet.sealed(transcript(b"t" * 32)), phone.sealed(transcript(b"short")))
    assert world.account.keys.profile_key == bytes(32)
    world.take(phone.sealed(transcript(b"p" * 32)))
    assert world.account.keys.profile_key == b"p" * 32


# --- around -----------------------------------------------------------------------------------------


def test_storage_tasks_do_not_pile_up(world: World) -> None:
    with world.database.transaction() as database:
        write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, NOW_MS)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=NOW_MS)
    FollowUp(world.account, Source(world.account, Stop()), Stop()).run()
    assert count_tasks(world.database) == 0


def test_names_in_a_long_run_are_fresh(world: World, bob: Peer) -> None:
    directory = PeopleDirectory.of(world.account)
    assert directory is PeopleDirectory.of(world.account)
    change(world, given_name="Bob", is_contact=True)
    assert directory.person(PEER_ACI).name == "Bob"
    printing = printer(world, Reader())
    change(world, given_name="Robert")
    world.take(bob.sealed("hi"))
    printing.print_pending()
    assert directory.person(PEER_ACI).name == "Robert"
