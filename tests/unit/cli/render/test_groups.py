from __future__ import annotations

from sigcli.cli.render.group_list import group_line
from sigcli.cli.render.groups import print_group_context
from sigcli.cli.render.lines import Lines
from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import Change
from sigcli.client.groups.listing import ListedGroup
from sigcli.operations.shapes.group_list import group_shape
from sigcli.store.group_values import (
    AccessRules,
    Group,
    GroupDetails,
    Invitation,
    Member,
)
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    ALICE_PNI,
    BOB_ACI,
    MASTER_KEY,
    KnownPeople,
)


def test_a_change_is_told_line_by_line() -> None:
    change = Change(
        4,
        ALICE_ACI,
        (
            value.MemberAdded(Member(aci=BOB_ACI)),
            value.TitleChanged("{editor}\n- forged"),
            value.TimerChanged(60),
        ),
    )
    lines = Lines()
    context = GroupContext(master_key=MASTER_KEY, revision=4, group_change=b"signed")
    print_group_context(lines, context, KnownPeople(change=change))
    assert lines.joined().split("\n")[3:] == [
        "Type: UPDATE",
        f"- “Alice” +15550101 added {BOB_ACI}",
        "- “Alice” +15550101 named the group “{editor}\\n- forged”",
        "- “Alice” +15550101 lets messages vanish after 60 seconds",
    ]


LISTED = ListedGroup(
    Group(
        id=1,
        group_id=GroupIdentifier(b"g" * 32),
        master_key=MASTER_KEY,
        details=GroupDetails(
            revision=3,
            title="Fri\x1bends",
            description="of old",
            timer_s=60,
            access=AccessRules(
                attributes=AccessRequired.ADMINISTRATOR, members=AccessRequired.MEMBER
            ),
            members=(
                Member(aci=ALICE_ACI, role=MemberRole.ADMINISTRATOR, label_text="cat"),
                Member(aci=BOB_ACI),
            ),
            invitations=(Invitation(service_id=ALICE_PNI),),
        ),
    ),
    is_member=True,
    is_blocked=False,
    invite_link=None,
)


def test_a_group_is_listed_as_signal_cli_does() -> None:
    shape = group_shape(LISTED, KnownPeople().person)
    alice = {"number": "+15550101", "uuid": str(ALICE_ACI)}
    assert shape["members"] == [
        {**alice, "isAdmin": True, "label": "cat"},
        {"number": None, "uuid": str(BOB_ACI), "isAdmin": False},
    ]
    assert (shape["admins"], shape["pendingMembers"]) == ([alice], [alice])
    assert (shape["permissionEditDetails"], shape["permissionAddMember"]) == (
        "ONLY_ADMINS",
        "EVERY_MEMBER",
    )
    assert shape["permissionSendMessage"] == "EVERY_MEMBER"
    assert (shape["messageExpirationTime"], shape["groupInviteLink"]) == (60, None)
    line = group_line(LISTED, KnownPeople().person, detailed=True)
    assert "Name: Fri\\x1bends Description: of old Active: true Blocked: false" in line
    assert f"Members: [+15550101{{ADMIN}}(cat), {BOB_ACI}] Pending members: [+15550101]" in line
    assert line.endswith("Message expiration: 60s Link: -")


def test_a_group_of_which_only_the_key_is_known_is_listed_too() -> None:
    listed = ListedGroup(
        Group(id=1, group_id=GroupIdentifier(b"g" * 32), master_key=MASTER_KEY),
        False,
        True,
        None,
    )
    shape = group_shape(listed, KnownPeople().person)
    assert (shape["name"], shape["isMember"], shape["isBlocked"]) == (None, False, True)
    assert group_line(listed, KnownPeople().person, detailed=False).endswith(
        "Name: <Unknown group>  Active: false Blocked: true"
    )
