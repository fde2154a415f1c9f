from __future__ import annotations

import pytest

from sigcli.client.account.groups.joining import join_group
from sigcli.client.account.groups.leaving import quit_group
from sigcli.client.account.groups.updating import create_group, update_group
from sigcli.client.base.account import Account
from sigcli.client.groups.building import Materials, build_actions
from sigcli.client.groups.committing import commit_change
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.group_options import GroupOptions, LinkState, Permission, resolve_people
from sigcli.client.groups.listing import is_member
from sigcli.client.groups.lookup import format_group_id, format_link
from sigcli.errors import (
    GroupChangeRefused,
    GroupLinkInactive,
    GroupSendRefused,
    GroupTooLarge,
    LastAdministrator,
    NotAGroupMember,
    UsageError,
)
from sigcli.store.group_members import load_endorsements
from sigcli.store.group_values import Group, GroupDetails
from sigcli.store.groups import find_group, list_groups
from sigcli.store.sender_keys import devices_with_sender_key, mark_sender_key_shared
from sigcli.store.service_limits import ServiceLimits, store_service_limits
from sigcli.wire.addresses import ProtocolAddress
from sigcli.wire.group_access import AccessRequired, MemberRole
from tests.unit.client.group_world import People


def made(account: Account, *members: Account, **options: object) -> Group:
    """A group of these accounts, made by the first; the others have fetched it."""
    words = tuple(str(member.aci) for member in members)
    title = options.pop("title", "Friends")
    outcome = create_group(account, GroupOptions(title=title, members=words, **options))  # type: ignore[arg-type]
    group = find_group(account.database, outcome.group_id)
    assert group is not None
    for member in members:
        fetch_group(member, group.master_key)
    return group


def change(account: Account, group: Group, **options: object) -> None:
    update_group(account, format_group_id(group.group_id), GroupOptions(**options))  # type: ignore[arg-type]


def known(account: Account, group: Group) -> GroupDetails:
    found = find_group(account.database, group.group_id)
    assert found is not None
    assert found.details is not None
    return found.details


def at_service(account: Account, group: Group) -> GroupDetails:
    """The group as a member sees it who fetches it for the first time."""
    fetched = fetch_group(account, group.master_key).details
    assert fetched is not None
    return fetched


def limit_groups(account: Account, members: int) -> None:
    with account.database.transaction() as database:
        store_service_limits(database, ServiceLimits(group_members=members))


def test_a_group_is_not_made_larger_than_the_service_takes(
    alice: Account, bob: Account, carol: Account
) -> None:
    limit_groups(alice, 2)
    with pytest.raises(GroupTooLarge) as caught:
        made(alice, bob, carol)
    assert (caught.value.count, caught.value.limit) == (3, 2)
    assert list_groups(alice.database) == []
    group = made(alice, bob)
    with pytest.raises(GroupTooLarge):
        change(alice, group, members=(str(carol.aci),))
    assert len(at_service(alice, group).members) == 2
    # One goes, one comes; what adds nobody is not counted.
    change(alice, group, title="Full", members=(str(bob.aci),))
    change(alice, group, members=(str(carol.aci),), remove_members=(str(bob.aci),))
    assert {member.aci for member in at_service(alice, group).members} == {alice.aci, carol.aci}


def test_a_new_group_is_the_same_for_all(alice: Account, bob: Account, carol: Account) -> None:
    group = made(alice, bob, carol, timer_s=60, description="of old", link=LinkState.ENABLED)
    details = known(alice, group)
    assert details == known(bob, group) == at_service(carol, group)
    assert (details.title, details.description, details.timer_s) == ("Friends", "of old", 60)
    assert [(member.aci, member.role) for member in details.members] == [
        (alice.aci, MemberRole.ADMINISTRATOR),
        (bob.aci, MemberRole.DEFAULT),
        (carol.aci, MemberRole.DEFAULT),
    ]
    endorsements = load_endorsements(alice.database, group.id)
    assert endorsements is not None
    assert set(endorsements.by_member) == {bob.aci, carol.aci}


def test_a_new_group_has_the_rules_that_every_service_knows(alice: Account, bob: Account) -> None:
    access = known(alice, made(alice, bob)).access
    assert (access.attributes, access.members) == (AccessRequired.MEMBER, AccessRequired.MEMBER)
    assert access.invite_link == AccessRequired.UNSATISFIABLE
    assert access.member_label == AccessRequired.UNKNOWN


def test_somebody_without_a_known_profile_key_is_invited_and_accepts(
    people: People, alice: Account
) -> None:
    bob = people.add(2)
    with alice.database.transaction() as database:
        database.write("DELETE FROM recipient WHERE aci = ?", (bob.aci.uuid_bytes,))
    people.introduce(alice, bob, with_key=False)
    group = made(alice, bob)
    assert [one.service_id for one in known(alice, group).invitations] == [bob.aci]
    assert is_member(bob, find_group(bob.database, group.group_id) or group) is False
    change(bob, group)
    assert known(bob, group).member(bob.aci) is not None
    assert at_service(alice, group) == known(bob, group)


CHANGES: list[dict[str, object]] = [
    {"title": "Others", "description": "new", "timer_s": 5},
    {"add_members": Permission.ONLY_ADMINS, "edit_details": Permission.ONLY_ADMINS},
    {"send_messages": Permission.ONLY_ADMINS},
    {"link": LinkState.ENABLED_WITH_APPROVAL},
    {"link": LinkState.ENABLED, "reset_link": True},
    {"label_emoji": "🐈", "label_text": "cat"},
    {"terminate": True},
]


@pytest.mark.parametrize("options", CHANGES)
def test_what_was_changed_is_what_the_service_has(
    alice: Account, bob: Account, options: dict[str, object]
) -> None:
    group = made(alice, bob)
    before = known(alice, group)
    change(alice, group, **options)
    after = known(alice, group)
    assert after.revision == before.revision + 1
    assert after == at_service(bob, group)
    if "terminate" not in options:
        # What is so already is no change.
        wanted = {name: value for name, value in options.items() if name != "reset_link"}
        change(alice, group, **wanted)
        assert known(alice, group).revision == after.revision


def test_people_come_and_go(alice: Account, bob: Account, carol: Account) -> None:
    group = made(alice, bob)
    change(alice, group, members=(str(carol.aci),), admins=(str(bob.aci), str(carol.aci)))
    details = known(alice, group)
    assert [member.aci for member in details.administrators] == [alice.aci, bob.aci, carol.aci]
    change(bob, group, remove_admins=(str(alice.aci),), ban=(str(carol.aci),))
    details = known(bob, group)
    assert (details.member(carol.aci), details.is_banned(carol.aci)) == (None, True)
    assert [member.aci for member in details.administrators] == [bob.aci]
    change(bob, group, unban=(str(carol.aci),))
    assert known(bob, group).bans == ()
    assert at_service(alice, group) == known(bob, group)


def test_two_who_change_at_the_same_moment_both_have_their_way(
    people: People, alice: Account, bob: Account
) -> None:
    group = made(alice, bob, admins=(str(bob.aci),))

    def commit(account: Account, options: GroupOptions) -> None:
        # With what the account knew before the other one was at it.
        present = find_group(account.database, group.group_id)
        assert present is not None
        params = group.params
        who = resolve_people(account, options)
        commit_change(
            account,
            present,
            lambda details: build_actions(account, params, details, options, who, Materials()),
        )

    commit(alice, GroupOptions(title="of Alice"))
    people.host.requests.clear()
    commit(bob, GroupOptions(timer_s=77))
    assert people.host.requests == ["PATCH /v2/groups", "GET /v2/groups", "PATCH /v2/groups"]
    details = at_service(alice, group)
    assert (details.title, details.timer_s) == ("of Alice", 77)


def test_what_a_plain_member_may_not_do_is_refused_and_nothing_changes(
    people: People, alice: Account, bob: Account, carol: Account
) -> None:
    group = made(alice, bob, carol)
    before = known(alice, group)
    people.host.requests.clear()
    forbidden: list[dict[str, object]] = [
        {"remove_members": (str(carol.aci),)},
        {"admins": (str(bob.aci),)},
        {"ban": (str(carol.aci),)},
        {"link": LinkState.ENABLED},
        {"send_messages": Permission.ONLY_ADMINS},
        {"terminate": True},
    ]
    for options in forbidden:
        with pytest.raises(GroupChangeRefused) as refused:
            change(bob, group, **options)
        assert refused.value.exit_code == 1
    assert not [request for request in people.host.requests if request.startswith("PATCH")]
    assert at_service(alice, group) == before
    # Where the own knowledge is out of date the service is the one that refuses.
    change(alice, group, admins=(str(bob.aci),))
    fetch_group(bob, group.master_key)
    stale = find_group(bob.database, group.group_id)
    change(alice, group, remove_admins=(str(bob.aci),))
    fetch_group(bob, group.master_key)
    assert stale is not None
    with pytest.raises(UsageError):
        change(alice, group, remove_members=(str(alice.aci),))


def test_who_was_removed_can_neither_read_nor_send(
    alice: Account, bob: Account, carol: Account
) -> None:
    from sigcli.client.sending.group_sending import require_may_send
    from sigcli.client.sending.sender_key_distribution import own_distribution

    group = made(alice, bob, carol)
    with alice.database.transaction() as transaction:
        first = own_distribution(alice, transaction, group, ())
        holders = [ProtocolAddress(one.aci, 1) for one in (bob, carol)]
        mark_sender_key_shared(transaction, first.id, holders, 1)
    change(alice, group, remove_members=(str(bob.aci),))
    # The key that Bob has is not used any more: nobody holds the one that is made next.
    assert devices_with_sender_key(alice.database, first.id) == set()
    with alice.database.transaction() as transaction:
        second = own_distribution(alice, transaction, group, ())
    assert (second.id, second.chain_id == first.chain_id) == (first.id, False)
    with pytest.raises(NotAGroupMember):
        fetch_group(bob, group.master_key)
    left = find_group(bob.database, group.group_id)
    assert left is not None
    assert left.access_lost
    with pytest.raises(NotAGroupMember):
        require_may_send(bob, left)


def test_where_only_administrators_send_a_member_is_refused(alice: Account, bob: Account) -> None:
    from sigcli.client.sending.group_sending import require_may_send

    group = made(alice, bob)
    change(alice, group, send_messages=Permission.ONLY_ADMINS)
    require_may_send(alice, find_group(alice.database, group.group_id) or group)
    with pytest.raises(GroupSendRefused):
        require_may_send(bob, fetch_group(bob, group.master_key))


def test_a_link_lets_people_in(alice: Account, bob: Account, carol: Account) -> None:
    group = made(alice, link=LinkState.ENABLED)
    link = format_link(group.master_key, known(alice, group)) or ""
    assert link.startswith("https://signal.group/#")
    joined = join_group(bob, link)
    assert (joined.group_id, joined.only_requested) == (group.group_id, False)
    assert known(bob, group).member(bob.aci) is not None
    assert join_group(bob, link).only_requested is False
    fetch_group(alice, group.master_key)
    change(alice, group, link=LinkState.ENABLED_WITH_APPROVAL)
    assert join_group(carol, link).only_requested is True
    assert join_group(carol, link).only_requested is True
    fetch_group(alice, group.master_key)
    assert [request.aci for request in known(alice, group).requests] == [carol.aci]
    change(alice, group, members=(str(carol.aci),))
    assert known(alice, group).requests == ()
    assert at_service(carol, group) == known(alice, group)
    change(alice, group, remove_members=(str(carol.aci),), reset_link=True)
    with pytest.raises(GroupLinkInactive):
        join_group(carol, link)
    # A group that could not be joined is not listed.
    assert [one.group_id for one in list_groups(bob.database)] == [group.group_id]


def test_who_is_banned_cannot_join(alice: Account, bob: Account) -> None:
    group = made(alice, bob, link=LinkState.ENABLED)
    link = format_link(group.master_key, known(alice, group)) or ""
    change(alice, group, ban=(str(bob.aci),))
    with pytest.raises(GroupLinkInactive, match="banned"):
        join_group(bob, link)


def test_the_last_administrator_hands_over(alice: Account, bob: Account) -> None:
    group = made(alice, bob)
    group_id = format_group_id(group.group_id)
    with pytest.raises(LastAdministrator):
        quit_group(alice, group_id)
    quit_group(alice, group_id, admins=[str(bob.aci)])
    details = at_service(bob, group)
    assert [(member.aci, member.is_administrator) for member in details.members] == [
        (bob.aci, True)
    ]
    with pytest.raises(NotAGroupMember):
        quit_group(alice, group_id)
    quit_group(alice, group_id, delete=True)
    assert list_groups(alice.database) == []
    quit_group(bob, group_id, delete=True)
    assert list_groups(bob.database) == []
