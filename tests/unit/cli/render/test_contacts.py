"""Contacts as JSON and as text."""

from __future__ import annotations

from sigcli.cli.render.contacts import contact_lines
from sigcli.operations.shapes.contacts import contact_shape
from sigcli.store.recipient_values import AccessMode, Contact, Profile, Recipient
from tests.unit.operations.shapes.known_people import ALICE_ACI, ALICE_PNI

BARE = Recipient(
    id=1, aci=None, pni=None, number=None, username=None, contact=Contact(), profile=Profile()
)
FULL = Recipient(
    id=2,
    aci=ALICE_ACI,
    pni=ALICE_PNI,
    number="+15550101",
    username="alice.01",
    contact=Contact(
        is_contact=True,
        given_name="Alice",
        family_name="A",
        nickname="Al",
        nickname_given="Ally",
        nickname_family="B",
        note="a note",
        color="blue",
        blocked=True,
        hidden=True,
        archived=True,
        expire_timer_s=60,
        profile_sharing=True,
        unregistered_ms=5,
    ),
    profile=Profile(
        given_name="Pro",
        family_name="File",
        about="about",
        about_emoji="😀",
        avatar_path="profiles/x",
        mobile_coin_address=b"\x01",
        capabilities=frozenset({"b", "a"}),
        access_mode=AccessMode.ENABLED,
        shares_number=True,
        discoverable=False,
        fetched_ms=9,
    ),
)


def test_json_of_a_contact_with_everything() -> None:
    assert contact_shape(FULL, internal=True) == {
        "number": "+15550101",
        "uuid": str(ALICE_ACI),
        "username": "alice.01",
        "name": "Ally B",
        "givenName": "Alice",
        "familyName": "A",
        "nickName": "Al",
        "nickGivenName": "Ally",
        "nickFamilyName": "B",
        "note": "a note",
        "color": "blue",
        "isArchived": True,
        "isBlocked": True,
        "isHidden": True,
        "messageExpirationTime": 60,
        "profileSharing": True,
        "unregistered": True,
        "profile": {
            "lastUpdateTimestamp": 9,
            "givenName": "Pro",
            "familyName": "File",
            "about": "about",
            "aboutEmoji": "😀",
            "hasAvatar": True,
            "mobileCoinAddress": "AQ==",
        },
        "internal": {
            "capabilities": ["a", "b"],
            "unidentifiedAccessMode": "ENABLED",
            "sharesPhoneNumber": True,
            "discoverableByPhonenumber": False,
        },
    }


def test_json_of_somebody_of_whom_nothing_is_known() -> None:
    shape = contact_shape(BARE, internal=False)
    assert shape["name"] == ""
    assert shape["profile"] is None
    assert shape["messageExpirationTime"] == 0
    assert "internal" not in shape
    falsy = {name for name, value in shape.items() if value is False}
    assert falsy == {
        "isArchived",
        "isBlocked",
        "isHidden",
        "profileSharing",
        "unregistered",
    }
    assert {name for name, value in shape.items() if value is None} == {
        "number",
        "uuid",
        "username",
        "givenName",
        "familyName",
        "nickName",
        "nickGivenName",
        "nickFamilyName",
        "note",
        "color",
        "profile",
    }


def test_text_is_one_line_and_one_more_for_each_option() -> None:
    assert list(contact_lines(BARE, detailed=False, internal=False)) == [
        "Number:  ACI:  Name:  Profile name:  Username:  Color:  Blocked: false"
        " Message expiration: disabled"
    ]
    first, detailed, internal = contact_lines(FULL, detailed=True, internal=True)
    assert first == (
        f"Number: +15550101 ACI: {ALICE_ACI} Name: Ally B Profile name: Pro File"
        " Username: alice.01 Color: blue Blocked: true Message expiration: 60s"
    )
    assert detailed.startswith(f"    PNI: {ALICE_PNI} Given name: Alice")
    assert internal.startswith("    Capabilities: a, b Unidentified access mode: ENABLED")


def test_names_cannot_reach_the_terminal_as_more_than_text() -> None:
    attack = "x\x1b[2J\ny"
    contact = Contact(given_name=attack, nickname=attack, note=attack, color=attack)
    evil = Recipient(
        id=1,
        aci=None,
        pni=None,
        number=None,
        username=attack,
        contact=contact,
        profile=Profile(given_name=attack),
    )
    for line in contact_lines(evil, detailed=True, internal=True):
        assert "\x1b" not in line
        assert "\n" not in line
