from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.client.applying.group_updates import update_waiting_groups
from sigcli.client.base.account import Account
from sigcli.client.groups.change_values import Change
from sigcli.client.groups.changed_details import apply_change
from sigcli.client.groups.changes import open_change, open_signed_change
from sigcli.client.groups.contexts import judge
from sigcli.client.groups.credentials import authorization, server_params
from sigcli.client.groups.explain import explain
from sigcli.client.groups.fetching import catch_up, fetch_group
from sigcli.client.groups.group_options import Permission
from sigcli.client.groups.verdicts import Verdict
from sigcli.errors import InvalidGroupChange, NotAGroupMember, SigcliError
from sigcli.store.group_values import Group, GroupDetails, Member
from sigcli.store.groups import find_group
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.wire.content import DataMessage
from sigcli.wire.content.message_parts import (
    AdminDelete,
    Delete,
    GroupContext,
    Reaction,
    Sticker,
    StoryContext,
)
from sigcli.wire.content.polls_and_pins import PollCreate, PollTerminate, PollVote
from sigcli.wire.group_access import MemberRole
from sigcli.wire.group_changes import GroupChange, encode_group_change
from sigcli.wire.key_types import ProfileKeyBytes, StickerPackId
from sigcli.zkgroup.groups import GroupSecretParams
from sigcli.zkgroup.server_params import ServerSecretParams
from tests.unit.client.account.groups.test_updating import change, known, made
from tests.unit.client.group_world import NOW_MS, People
from tests.unit.client.groups.modifications import ALICE, BOB, CAROL, every_modification


def signed_change(account: Account, group: Group, revision: int) -> bytes:
    """The change that made a revision, as messages carry it: the sandbox's log is signed."""
    params = group.params
    page = account.groups.log(authorization(account, params), revision)
    change = page.entries[0].change
    assert change is not None
    return encode_group_change(change)


def message(group: Group, revision: int, signed: bytes | None = None, **fields: Any) -> DataMessage:
    context = GroupContext(master_key=group.master_key, revision=revision, group_change=signed)
    return DataMessage(timestamp_ms=NOW_MS, group=context, **fields)


def verdict(
    account: Account, sender: Account, data: DataMessage, *, fetched: bool = False
) -> Verdict:
    assert data.group is not None
    with account.database.transaction() as transaction:
        return judge(account, transaction, sender.aci, data.group, data, NOW_MS, fetched=fetched)


def take(account: Account, sender: Account, data: DataMessage) -> bool:
    return verdict(account, sender, data) is Verdict.TAKEN


def befriend(account: Account, person: Account) -> None:
    from sigcli.store.recipients import find_by_service_id, update_recipient

    with account.database.transaction() as database:
        friend = find_by_service_id(database, person.aci)
        assert friend is not None
        update_recipient(database, friend.id, profile_sharing=True)


def waiting(account: Account) -> int:
    return count_tasks(account.database, TaskKind.GROUP_UPDATE)


def test_the_next_revision_is_applied_from_the_message(
    people: People, alice: Account, bob: Account
) -> None:
    group = made(alice, bob)
    change(alice, group, title="Renamed", timer_s=9)
    signed = signed_change(alice, group, 1)
    people.host.requests.clear()
    assert take(bob, alice, message(group, 1, signed))
    assert known(bob, group) == known(alice, group)
    assert (people.host.requests, waiting(bob)) == ([], 0)
    # The same once more changes nothing.
    assert take(bob, alice, message(group, 1, signed))
    assert known(bob, group) == known(alice, group)


def test_a_gap_is_closed_along_the_log(people: People, alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    for title in ("one", "two", "three"):
        change(alice, group, title=title)
    late = message(group, 3, signed_change(alice, group, 3), body="hello")
    assert verdict(bob, alice, late) is Verdict.HELD
    assert known(bob, group).revision == 0
    assert waiting(bob) == 1
    people.host.state.switches.group_log_page = 1
    people.host.requests.clear()
    update_waiting_groups(bob)
    assert known(bob, group) == known(alice, group)
    assert take(bob, alice, late)
    assert [request.partition("?")[0] for request in people.host.requests] == [
        f"GET /v2/groups/logs/{revision}" for revision in (1, 2, 3)
    ]


def test_a_group_that_is_not_known_is_fetched(alice: Account, bob: Account) -> None:
    group = made(alice)
    change(alice, group, members=(str(bob.aci),))
    befriend(bob, alice)
    told = message(group, 1, signed_change(alice, group, 1))
    assert verdict(bob, alice, told) is Verdict.HELD
    assert find_group(bob.database, group.group_id) is None
    update_waiting_groups(bob)
    assert known(bob, group) == known(alice, group)
    assert take(bob, alice, told)


def test_a_change_that_the_service_did_not_sign_is_not_taken(
    people: People, alice: Account, bob: Account
) -> None:
    group = made(alice, bob)
    change(alice, group, title="Renamed")
    params = group.params
    page = alice.groups.log(authorization(alice, params), 1)
    genuine = page.entries[0].change
    assert genuine is not None
    forger = ServerSecretParams.generate()
    forged = replace(genuine, server_signature=forger.sign(genuine.actions))
    take(bob, alice, message(group, 1, encode_group_change(forged)))
    assert known(bob, group).title == "Friends"
    assert waiting(bob) == 1
    with pytest.raises(InvalidGroupChange):
        open_change(forged, params, server_params(bob))
    other = GroupSecretParams.generate()
    with pytest.raises(InvalidGroupChange):
        open_change(genuine, other, server_params(bob))


def test_who_may_write_to_a_group(alice: Account, bob: Account, carol: Account) -> None:
    group = made(alice, bob)
    assert take(alice, bob, message(group, 0, body="from a member"))
    assert not take(alice, carol, message(group, 0, body="from outside"))
    # Somebody who may have been added by a change that has not come yet.
    newer = message(group, 1, body="from a newer revision")
    assert verdict(alice, carol, newer) is Verdict.HELD
    assert verdict(alice, carol, newer, fetched=True) is Verdict.DROPPED


def test_what_members_may_say_where_only_administrators_send(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    change(alice, group, send_messages=Permission.ONLY_ADMINS)
    fetch_group(bob, group.master_key)
    for allowed in (
        {"reaction": Reaction(emoji="x", target_author=alice.aci, target_timestamp_ms=1)},
        {"delete": Delete(target_timestamp_ms=1)},
        {
            "poll_vote": PollVote(
                target_author=alice.aci, target_timestamp_ms=1, option_indexes=(), vote_count=1
            )
        },
        {"poll_terminate": PollTerminate(target_timestamp_ms=1)},
        {},
    ):
        assert take(alice, bob, message(group, 1, **allowed)), allowed
        assert take(bob, alice, message(group, 1, **allowed)), allowed
    poll = PollCreate(question="?", allow_multiple=False, options=("a", "b"))
    sticker = Sticker(pack_id=StickerPackId(b"p"), pack_key=b"k", sticker_id=1)
    for refused in (
        {"body": "text"},
        {"poll_create": poll},
        {"sticker": sticker},
        {"admin_delete": AdminDelete(target_author=alice.aci, target_timestamp_ms=1)},
        {"body": "x", "story_context": StoryContext(author=alice.aci, sent_timestamp_ms=1)},
    ):
        assert not take(alice, bob, message(group, 1, **refused)), refused
        assert take(bob, alice, message(group, 1, **refused)), refused


def test_only_administrators_delete_what_others_wrote(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    deletion = AdminDelete(target_author=alice.aci, target_timestamp_ms=1)
    assert not take(alice, bob, message(group, 0, admin_delete=deletion))
    assert take(bob, alice, message(group, 0, admin_delete=deletion))


def test_who_leaves_may_say_so(alice: Account, bob: Account) -> None:
    from sigcli.client.account.groups.leaving import quit_group
    from sigcli.client.groups.lookup import format_group_id

    group = made(alice, bob)
    quit_group(bob, format_group_id(group.group_id))
    signed = signed_change(alice, group, 1)
    assert take(alice, bob, message(group, 1, signed))
    assert known(alice, group).member(bob.aci) is None
    assert take(alice, bob, message(group, 1, signed))
    assert not take(alice, bob, message(group, 1, signed, body="and this"))
    params = group.params
    opened = open_signed_change(signed, params, server_params(alice))
    (left,) = explain(opened)
    assert (left.type, left.person, opened.editor) == ("MEMBER_LEFT", bob.aci, bob.aci)


def test_profile_keys_are_learned_but_only_the_owner_replaces_one(
    people: People, alice: Account, bob: Account, carol: Account
) -> None:
    from sigcli.store.recipients import find_by_service_id, set_profile_key

    def key_of_carol() -> bytes | None:
        found = find_by_service_id(bob.database, carol.aci)
        assert found is not None
        return found.profile.key

    with bob.database.transaction() as database:
        row = find_by_service_id(database, carol.aci)
        assert row is not None
        set_profile_key(database, row.id, ProfileKeyBytes(b"x" * 32))
    group = made(alice, bob, carol)
    assert key_of_carol() == b"x" * 32
    with bob.database.transaction() as database:
        database.write(
            "UPDATE recipient SET profile_key = NULL, former_profile_keys = x'' WHERE id = ?",
            (row.id,),
        )
        database.write("UPDATE group_person SET profile_key_ciphertext = x''")
    fetch_group(bob, group.master_key)
    assert key_of_carol() == carol.keys.profile_key


def test_everything_can_be_applied_in_its_order() -> None:
    details = GroupDetails(revision=0, members=(Member(aci=BOB),))
    after = apply_change(details, every_modification("text"))
    assert {member.aci for member in after.members} == {ALICE, BOB, CAROL}
    bob = after.member(BOB)
    assert bob is not None
    # The invitation named the role.
    assert (bob.role, bob.joined_at_revision) == (MemberRole.DEFAULT, 1)
    assert (after.invitations, after.requests, after.bans) == ((), (), ())
    assert (after.title, after.description, after.timer_s) == ("text", "", 0)
    assert (after.terminated, after.announcements_only) == (True, True)


@pytest.mark.parametrize(
    "change",
    [
        Change(2, BOB, ()),
        Change(0, BOB, ()),
        Change(1, BOB, (), complete=False),
        every_modification("x", revision=7),
    ],
)
def test_what_does_not_follow_is_not_applied(change: Change) -> None:
    with pytest.raises(InvalidGroupChange):
        apply_change(GroupDetails(revision=0), change)


def test_everything_can_be_explained() -> None:
    explained = explain(every_modification("text"))
    assert all(one.sentence and one.type == one.type.upper() for one in explained)
    sentences = [one.sentence for one in explained]
    assert sentences[:4] == [
        "{editor} added {person}",
        "{person} joined by the group's link",
        "{editor} removed {person}",
        "{person} left the group",
    ]
    assert "{editor} lets only admins send" in sentences
    assert "{editor} set the group's link to enabled with approval" in sentences


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_hostile_changes_give_named_errors(actions: bytes, signature: bytes) -> None:
    params = GroupSecretParams.derive_from_master_key(bytes(32))
    hostile = GroupChange(actions=actions, server_signature=signature)
    with contextlib.suppress(SigcliError):
        open_change(hostile, params, None)
    with pytest.raises(SigcliError):
        open_signed_change(actions, params, _SERVER)


_SERVER = ServerSecretParams.generate(lambda length: bytes(length)).get_public_params()


def test_catching_up_fetches_where_the_log_is_of_no_use(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    change(alice, group, remove_members=(str(bob.aci),))
    change(alice, group, members=(str(bob.aci),))
    # Bob was out in between: the log before his return is closed to him.
    stale = find_group(bob.database, group.group_id)
    assert stale is not None
    assert catch_up(bob, stale).details == known(alice, group)
    change(alice, group, remove_members=(str(bob.aci),))
    with pytest.raises(NotAGroupMember):
        catch_up(bob, stale)


def test_what_strangers_send_to_a_group_is_fetched_once_the_user_takes_part(
    alice: Account, bob: Account, carol: Account
) -> None:
    from sigcli.client.groups.acceptance import takes_part

    group = made(alice, bob, carol)
    context = GroupContext(master_key=group.master_key, revision=0)
    assert takes_part(alice.database, context)
    assert take(bob, carol, message(group, 0, body="from a stranger"))
    assert not takes_part(bob.database, context)
    # Another own device has written to it.
    assert take(bob, bob, message(group, 0, body="my own"))
    assert takes_part(bob.database, context)


def test_an_older_state_of_a_group_is_never_taken(
    people: People, alice: Account, bob: Account, carol: Account
) -> None:
    from sigcli.client.groups.storing import store_group

    group = made(alice, bob, carol)
    older = known(alice, group)
    params = group.params
    newer = replace(older, revision=older.revision + 1, title="Now", members=older.members[:2])
    with alice.database.transaction() as transaction:
        store_group(alice, transaction, params, newer)
        kept = store_group(alice, transaction, params, older)
    assert kept.details == known(alice, group)
    assert (known(alice, group).title, len(known(alice, group).members)) == ("Now", 2)
    # What the service shows is no newer than that.
    assert fetch_group(alice, group.master_key).details == known(alice, group)
    assert known(alice, group).title == "Now"
