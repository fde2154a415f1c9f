from __future__ import annotations

from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import Change
from sigcli.operations.shapes.groups import group_info_json
from sigcli.store.group_values import Member
from sigcli.wire.content.message_parts import GroupContext
from tests.unit.operations.shapes.known_people import (
    ALICE_ACI,
    BOB_ACI,
    GROUP_ID,
    MASTER_KEY,
    KnownPeople,
)

BOB = {"number": None, "uuid": str(BOB_ACI), "pni": None}


def test_who_did_what_stands_beside_the_group() -> None:
    change = Change(
        4,
        ALICE_ACI,
        (
            value.MemberAdded(Member(aci=BOB_ACI)),
            value.TitleChanged("New"),
            value.AnnouncementsOnlyChanged(True),
        ),
    )
    context = GroupContext(master_key=MASTER_KEY, revision=4, group_change=b"signed")
    shape = group_info_json(context, KnownPeople(change=change))
    assert shape == {
        "groupId": GROUP_ID,
        "groupName": "Friends",
        "revision": 4,
        "type": "UPDATE",
        "editor": {
            "number": "+15550101",
            "uuid": str(ALICE_ACI),
            "pni": "PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f",
        },
        "changes": [
            {"type": "MEMBER_ADDED", "member": BOB},
            {"type": "NAME_CHANGED", "name": "New"},
            {"type": "PERMISSION_CHANGED", "permission": "sendMessage", "value": "ONLY_ADMINS"},
        ],
    }


def test_a_change_that_is_not_the_services_is_not_explained() -> None:
    context = GroupContext(master_key=MASTER_KEY, revision=4, group_change=b"forged")
    shape = group_info_json(context, KnownPeople())
    assert (shape["type"], "changes" in shape) == ("UPDATE", False)
