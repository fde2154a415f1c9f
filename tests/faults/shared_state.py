"""What several devices have to agree about: groups, keys of people, contacts."""

from __future__ import annotations

from tests.faults.operations import (
    KNOWN_TO_ALICE,
    Operation,
    Strike,
    group_of,
    once,
    people,
    require_all,
)
from tests.faults.processes import Ended
from tests.faults.world import Device, Lost, World, register_words
from tests.support.printed import exceptions_of


def _strike_new_group(world: World, act: Strike) -> Ended:
    alice, bob, carol = people(world)
    members = ("-m", bob.account, "-m", carol.account)
    return world.attempt(alice, "updateGroup", "-n", "New", *members, act=act)


def _check_new_group(world: World, struck: Ended) -> None:
    alice, bob, carol = people(world)
    if struck.stdout:
        ids = [struck.json["groupId"]]
    else:
        world.receive(alice)
        members = ("-m", bob.account, "-m", carol.account)
        ids = [world.run(alice, "updateGroup", "-n", "New", *members).json["groupId"]]
    listed = [one["id"] for one in world.run(alice, "listGroups").json if one["name"] == "New"]
    # One that was made before the process died works as well.
    for group in {*ids, *listed}:
        _group_works(world, group, alice, bob, carol)


def _strike_change_group(world: World, act: Strike) -> Ended:
    alice, bob, _ = people(world)
    words = ("-n", "Renamed", "--admin", bob.account, "-d", "described")
    return world.attempt(alice, "updateGroup", "-g", group_of(world, alice), *words, act=act)


def _check_change_group(world: World, struck: Ended) -> None:
    del struck
    alice, bob, carol = people(world)
    (group,) = (one["id"] for one in world.run(alice, "listGroups").json)
    world.run(
        alice,
        "updateGroup",
        "-g",
        group,
        "-n",
        "Renamed",
        "--admin",
        bob.account,
        "-d",
        "described",
    )
    _group_works(world, group, alice, bob, carol)
    for device in (alice, bob, carol):
        if group_of(world, device, "Renamed") != group:
            raise Lost(f"{device.name} has another group")


def _strike_accept_group(world: World, act: Strike) -> Ended:
    dave = world.device("dave")
    (group,) = (one["id"] for one in world.run(dave, "listGroups").json)
    return world.attempt(dave, "updateGroup", "-g", group, act=act)


def _invite_dave(world: World) -> None:
    alice, dave = world.device("alice"), world.device("dave")
    world.run(alice, "updateGroup", "-g", group_of(world, alice), "-m", dave.account)
    world.receive(dave)
    for name in KNOWN_TO_ALICE:
        world.receive(world.device(name))


def _check_accept_group(world: World, struck: Ended) -> None:
    del struck
    alice, bob, carol = people(world)
    dave = world.device("dave")
    (group,) = (one["id"] for one in world.run(dave, "listGroups").json)
    world.run(dave, "updateGroup", "-g", group)
    _group_works(world, group, dave, alice, bob, carol)


def _group_works(world: World, group: str, *members: Device) -> None:
    """The first writes to all others, and the second one back."""
    for device in members[1:]:
        world.receive(device)
    for number, writer in enumerate(members[:2]):
        text = f"{group[:4]} {number}"
        world.run(writer, "send", "-g", group, "-m", text)
        for reader in members:
            if reader is not writer:
                once(world.texts(reader), text, reader)


def _change_bobs_key(world: World) -> None:
    """Bob has a new phone, and writes from it: that is held back."""
    alice, bob = world.device("alice"), world.device("bob")
    phone = world.device("new phone", bob.account)
    world.run(phone, *register_words(phone))
    world.run(phone, *world.verify_words(phone))
    for text in _HELD:
        world.run(phone, "send", "-m", text, alice.account)
    held = exceptions_of(world.run(alice, "receive").json_lines)
    assert held == ["UntrustedIdentityException"] * len(_HELD), held


_HELD = ("from a new phone", "are you there")


def _strike_trust(world: World, act: Strike) -> Ended:
    alice, bob = world.device("alice"), world.device("bob")
    return world.attempt(alice, "trust", "-a", bob.account, act=act)


def _check_trust(world: World, struck: Ended) -> None:
    del struck
    alice, phone = world.device("alice"), world.device("new phone")
    world.run(alice, "trust", "-a", phone.account)
    require_all(world, alice, world.receive(alice), _HELD)
    world.receive(phone)
    world.talk(alice, phone)


def _strike_update_contact(world: World, act: Strike) -> Ended:
    alice, bob = world.device("alice"), world.device("bob")
    return world.attempt(alice, "updateContact", bob.account, "--nick-given-name", "Bobby", act=act)


def _check_update_contact(world: World, struck: Ended) -> None:
    alice, bob = world.device("alice"), world.device("bob")
    if struck.exit_code != 0:
        world.run(alice, "updateContact", bob.account, "--nick-given-name", "Bobby")
    world.receive(alice)
    laptop = world.device("laptop")
    world.receive(laptop)
    for device in (alice, laptop):
        (found,) = world.run(device, "listContacts", "-a", bob.account).json
        if found["nickGivenName"] != "Bobby":
            raise Lost(f"the name at {device.name}: {found}")
    world.talk(laptop, bob)
    world.talk(alice, bob)


def _change_at_laptop(world: World) -> None:
    laptop = world.device("laptop")
    alice, bob, carol = people(world)
    world.run(laptop, "updateContact", bob.account, "--nick-given-name", "Bobby")
    world.run(alice, "updateContact", carol.account, "--note", "of the phone")


def _strike_storage(world: World, act: Strike) -> Ended:
    return world.attempt(world.device("alice"), "receive", act=act)


def _check_storage(world: World, struck: Ended) -> None:
    del struck
    alice, bob, carol = people(world)
    laptop = world.device("laptop")
    world.receive(alice)
    world.receive(laptop)
    for device in (alice, laptop):
        listed = {
            one["number"]: one for one in world.run(device, "listContacts").json if one["number"]
        }
        if listed[bob.account]["nickGivenName"] != "Bobby":
            raise Lost(f"the nickname at {device.name}")
        if listed[carol.account]["note"] != "of the phone":
            raise Lost(f"the note at {device.name}")
    world.talk(alice, bob)


SHARED_STATE = (
    Operation("updateGroup", _strike_change_group, _check_change_group, about=50),
    Operation("updateGroup-new", _strike_new_group, _check_new_group, about=110),
    Operation(
        "updateGroup-join", _strike_accept_group, _check_accept_group, _invite_dave, about=180
    ),
    Operation("trust", _strike_trust, _check_trust, _change_bobs_key, about=55),
    Operation("updateContact", _strike_update_contact, _check_update_contact, about=75),
    Operation("storage", _strike_storage, _check_storage, _change_at_laptop, about=48),
)
