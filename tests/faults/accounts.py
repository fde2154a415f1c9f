"""Accounts that are made, on this device, another one, or from a backup."""

from __future__ import annotations

import signal

from tests.faults.operations import PASSPHRASE, Operation, Strike, once, people
from tests.faults.processes import Ended
from tests.faults.world import Device, Lost, Stuck, World, link_uri_of, register_words, texts_in


def _strike_link(world: World, act: Strike) -> Ended:
    alice, tablet = world.device("alice"), world.device("tablet", world.device("alice").account)
    linking = world.begin(tablet, "link", "-n", "tablet", act=act)
    uri = link_uri_of(linking)
    if uri is not None:
        adding = world.begin(alice, "addDevice", "--uri", uri)
        ended = linking.wait()
        if ended.killed:
            # As somebody does who sees that nothing happens: it would wait for a minute.
            adding.send_signal(signal.SIGINT)
        adding.wait()
        return ended
    return linking.wait()


def _check_link(world: World, struck: Ended) -> None:
    alice, bob, _ = people(world)
    tablet = world.device("tablet")
    if struck.exit_code != 0:
        listed = world.run(tablet, "listAccounts").json
        if not listed:
            world.link(alice, tablet)
    world.receive(tablet)
    world.run(tablet, "send", "-m", "from the tablet", bob.account)
    once(world.texts(bob), "from the tablet", bob)
    world.run(bob, "send", "-m", "to all devices", alice.account)
    for device in (alice, tablet):
        once(world.texts(device), "to all devices", device)


def _strike_add_device(world: World, act: Strike) -> Ended:
    alice, tablet = world.device("alice"), world.device("tablet", world.device("alice").account)
    linking = world.begin(tablet, "link", "-n", "tablet")
    uri = link_uri_of(linking)
    assert uri is not None
    ended = world.attempt(alice, "addDevice", "--uri", uri, act=act)
    if ended.killed:
        # As somebody does who sees that nothing happens, unless it goes through all the same.
        linking.send_signal(signal.SIGINT)
    linking.wait()
    return ended


def _check_add_device(world: World, struck: Ended) -> None:
    alice = world.device("alice")
    world.talk(alice, world.device("bob"))
    _check_link(world, struck)


def _strike_verify(world: World, act: Strike) -> Ended:
    erin = world.device("erin")
    return world.attempt(erin, *world.verify_words(erin), act=act)


def _begin_registration(world: World) -> None:
    erin = world.device("erin", "+15550999")
    world.run(erin, *register_words(erin))


def _check_verify(world: World, struck: Ended) -> None:
    erin, bob = world.device("erin"), world.device("bob")
    if not world.run(erin, "listAccounts").json:
        world.run(erin, *world.verify_words(erin))
    elif struck.exit_code not in (0, -9):
        raise Stuck(struck.describe())
    world.talk(erin, bob)
    world.talk(bob, erin)


def _strike_register(world: World, act: Strike) -> Ended:
    erin = world.device("erin", "+15550999")
    return world.attempt(erin, *register_words(erin), act=act)


def _check_register(world: World, struck: Ended) -> None:
    del struck
    erin, bob = world.device("erin"), world.device("bob")
    world.run(erin, *register_words(erin))
    world.run(erin, *world.verify_words(erin))
    world.talk(erin, bob)


def _backup_words(world: World) -> tuple[str, ...]:
    return ("backup", str(world.root / "alice.age"), "--passphrase-file", PASSPHRASE)


def _strike_backup(world: World, act: Strike) -> Ended:
    return world.attempt(world.device("alice"), *_backup_words(world), act=act)


def _check_backup(world: World, struck: Ended) -> None:
    del struck
    alice, bob, _ = people(world)
    world.run(alice, *_backup_words(world))
    world.talk(alice, bob)
    _restores(world)


def _restore_words(world: World) -> tuple[str, ...]:
    phrase = str(world.device("alice").home / PASSPHRASE)
    file = str(world.root / "alice.age")
    return ("restore", file, "--passphrase-file", phrase, "--yes-the-other-is-stopped")


def _make_backup(world: World) -> None:
    """One that is behind: afterwards Alice has sent on, and a message waits for her.

    What the copy would send next has been sent with the same keys, and no turn of the ratchet lies in between.
    """
    alice, bob, _ = people(world)
    world.receive(bob)
    world.run(bob, "send", "-m", "before", alice.account)
    world.receive(alice)
    world.run(alice, *_backup_words(world))
    world.run(alice, "send", "-m", "after", bob.account)
    world.run(bob, "send", "-m", "missed", alice.account)


def _strike_restore(world: World, act: Strike) -> Ended:
    return world.attempt(world.device("restored"), *_restore_words(world), act=act)


def _check_restore(world: World, struck: Ended) -> None:
    del struck
    restored = _restores(world)
    bob = world.device("bob")
    # What came after the backup cannot be read: it is asked for, and sent again when Bob looks.
    lines = world.run(restored, "receive").json_lines
    world.receive(bob)
    found = [line["envelope"] for line in lines] + world.receive(restored)
    if "missed" not in texts_in(found):
        raise Lost(f"what came after the backup: {texts_in(found)}")
    world.talk(restored, bob)


def _restores(world: World) -> Device:
    restored = world.device("restored")
    restored.account = world.device("alice").account
    if not world.run(restored, "listAccounts").json:
        world.run(restored, *_restore_words(world))
    return restored


ACCOUNTS = (
    Operation("link", _strike_link, _check_link, about=220),
    Operation("addDevice", _strike_add_device, _check_add_device, about=20),
    Operation("register", _strike_register, _check_register, about=40),
    Operation("verify", _strike_verify, _check_verify, _begin_registration, about=130),
    Operation("backup", _strike_backup, _check_backup, about=38),
    Operation("restore", _strike_restore, _check_restore, _make_backup, about=115),
)
