from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.store import groups
from sigcli.store.group_members import Endorsements, load_endorsements, save_endorsements
from sigcli.store.group_values import (
    AccessRules,
    Ban,
    GroupDetails,
    Invitation,
    JoinRequest,
    Member,
)
from sigcli.wire.addresses import ServiceId
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey

if TYPE_CHECKING:
    from sigcli.store.database import Database

GROUP_ID = GroupIdentifier(b"g" * 32)
MASTER_KEY = GroupMasterKey(b"m" * 32)
NOW_MS = 1_750_000_000_000
ALICE, BOB, CAROL = (ServiceId.aci(UUID(int=number)) for number in (11, 12, 13))
DAVE = ServiceId.pni(UUID(int=14))
DETAILS = GroupDetails(
    revision=7,
    title="Friends",
    description="old ones",
    avatar_url="groups/x",
    timer_s=3600,
    access=AccessRules(
        attributes=AccessRequired.MEMBER,
        members=AccessRequired.ADMINISTRATOR,
        invite_link=AccessRequired.ANY,
        member_label=AccessRequired.MEMBER,
    ),
    members=(
        Member(aci=BOB, role=MemberRole.ADMINISTRATOR, joined_at_revision=3),
        Member(aci=ALICE, label_emoji="🐈", label_text="cat"),
    ),
    invitations=(Invitation(service_id=DAVE, added_by=BOB, since_ms=5),),
    requests=(JoinRequest(aci=CAROL, since_ms=6),),
    bans=(Ban(service_id=DAVE, since_ms=8),),
    invite_link_password=b"password",
    announcements_only=True,
    terminated=True,
)


def saved(database: Database, details: GroupDetails = DETAILS) -> int:
    with database.transaction() as transaction:
        row = groups.note_group(transaction, GROUP_ID, MASTER_KEY)
        groups.save_details(transaction, row, details, NOW_MS)
    return row


def test_a_group_is_read_as_it_was_saved(database: Database) -> None:
    row = saved(database)
    group = groups.find_group(database, GROUP_ID)
    assert group is not None
    assert (group.id, group.master_key, group.details) == (row, MASTER_KEY, DETAILS)
    assert groups.list_groups(database) == [group]
    assert groups.group_title(database, GROUP_ID) == "Friends"
    assert groups.groups_of(database, ALICE) == [GROUP_ID]
    assert groups.groups_of(database, CAROL) == []


def test_of_a_group_that_was_never_fetched_only_the_key_is_known(database: Database) -> None:
    with database.transaction() as transaction:
        row = groups.note_group(transaction, GROUP_ID, MASTER_KEY)
        assert groups.note_group(transaction, GROUP_ID, MASTER_KEY) == row
    group = groups.find_group(database, GROUP_ID)
    assert group is not None
    assert (group.details, group.revision) == (None, -1)
    assert groups.group_title(database, GROUP_ID) is None


def test_how_a_sender_stands_to_a_group(database: Database) -> None:
    saved(database)
    assert groups.standing_of(database, GROUP_ID, BOB) == groups.SenderStanding(7, 2, True, False)
    assert groups.standing_of(database, GROUP_ID, CAROL) == groups.SenderStanding(
        7, None, True, False
    )
    assert groups.standing_of(database, GroupIdentifier(b"x" * 32), BOB) is None


def test_endorsements_hold_until_the_members_change(database: Database) -> None:
    row = saved(database)
    endorsements = Endorsements({ALICE: b"a" * 33, BOB: b"b" * 33}, b"c" * 33, 99)
    with database.transaction() as transaction:
        save_endorsements(transaction, row, endorsements)
        renamed = replace(DETAILS, revision=8, title="Enemies")
        assert groups.save_details(transaction, row, renamed, NOW_MS) == frozenset()
    assert load_endorsements(database, row) == endorsements
    with database.transaction() as transaction:
        smaller = replace(renamed, revision=9, members=DETAILS.members[:1])
        assert groups.save_details(transaction, row, smaller, NOW_MS) == {ALICE}
    assert load_endorsements(database, row) is None
    with database.transaction() as transaction:
        groups.save_details(transaction, row, renamed, NOW_MS)
    assert load_endorsements(database, row) is None


def test_lost_access_is_known_until_the_group_is_fetched_again(database: Database) -> None:
    row = saved(database)
    with database.transaction() as transaction:
        groups.mark_access_lost(transaction, row, NOW_MS)
    assert [group.access_lost for group in groups.list_groups(database)] == [True]
    saved(database)
    assert [group.access_lost for group in groups.list_groups(database)] == [False]


def test_a_forgotten_group_takes_its_people_with_it(database: Database) -> None:
    row = saved(database)
    with database.transaction() as transaction:
        groups.delete_group(transaction, row)
    assert groups.list_groups(database) == []
    assert groups.groups_of(database, ALICE) == []


def test_credentials_replace_one_another(database: Database) -> None:
    with database.transaction() as transaction:
        groups.replace_group_credentials(transaction, [(86_400, b"one")])
        groups.replace_group_credentials(transaction, [(172_800, b"two")])
    assert groups.load_group_credential(database, 86_400) is None
    assert groups.load_group_credential(database, 172_800) == b"two"
