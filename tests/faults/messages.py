"""Messages that are sent and received."""

from __future__ import annotations

from typing import Any

from tests.faults.operations import (
    KNOWN_TO_ALICE,
    Operation,
    Strike,
    group_of,
    people,
    require_all,
    sent_texts,
)
from tests.faults.processes import Ended
from tests.faults.world import Device, Lost, Stuck, World, envelopes, texts_in

QUEUED = ("from bob", "a picture", "from a stranger", "to the group", "from carol")


def _sending(name: str, *options: str, to: tuple[str, ...], about: int) -> Operation:
    """A message; ``to``: its recipients by name, or ``club`` for the group's."""

    def words(world: World, text: str) -> tuple[str, ...]:
        alice = world.device("alice")
        if to == ("club",):
            return ("send", "-m", text, *options, "-g", group_of(world, alice))
        return ("send", "-m", text, *options, *(world.device(one).account for one in to))

    def strike(world: World, act: Strike) -> Ended:
        return world.attempt(world.device("alice"), *words(world, "struck"), act=act)

    def check(world: World, struck: Ended) -> None:
        alice = world.device("alice")
        world.run(alice, *words(world, "honest"))
        readers = KNOWN_TO_ALICE if to == ("club",) else to
        for name in (*readers, "laptop"):
            reader = world.device(name)
            found = world.receive(reader)
            texts = texts_in(found) if name != "laptop" else sent_texts(found)
            copies = len(to) if name == "laptop" else 1
            _came(texts, "honest", copies, reader)
            # What was said to be sent has arrived; what was not may have, once. That the laptop does not know is said.
            if reported_sent(struck) and (name != "laptop" or "warning" not in struck.stderr):
                _came(texts, "struck", copies, reader)
            if texts.count("struck") > copies:
                raise Lost(f"'struck' came {texts.count('struck')} times to {name}")
        world.talk(alice, world.device(readers[0]))

    return Operation(name, strike, check, about=about)


def reported_sent(struck: Ended) -> bool:
    """Whether a `send` has said that everybody has got it."""
    lines = struck.json_lines
    return bool(lines) and all(one["type"] == "SUCCESS" for one in lines[-1]["results"])


def _came(texts: list[str], text: str, copies: int, reader: Device) -> None:
    if texts.count(text) != copies:
        raise Lost(f"{text!r} came {texts.count(text)} times to {reader.name}, not {copies}")


def fill_queue(world: World) -> None:
    """Of each kind one: known people, sealed; somebody new; a group; a picture; receipts; a request to sync."""
    alice, bob, carol = people(world)
    dave = world.device("dave")
    group = group_of(world, bob)
    world.run(bob, "send", "-m", "from bob", alice.account)
    world.run(bob, "send", "-m", "a picture", "-a", "picture.png", alice.account)
    world.run(dave, "send", "-m", "from a stranger", alice.account)
    world.run(carol, "send", "-g", group, "-m", "to the group")
    world.run(world.device("laptop"), "send", "-m", "from the laptop", bob.account)
    world.run(carol, "send", "-m", "from carol", alice.account)


def _strike_receive(world: World, act: Strike) -> Ended:
    return world.attempt(world.device("alice"), "receive", act=act)


def _check_receive(world: World, struck: Ended) -> None:
    alice, bob, carol = people(world)
    found = envelopes(struck.json_lines)
    found += world.receive(alice)
    require_all(world, alice, found, QUEUED)
    if "from the laptop" not in sent_texts(found):
        raise Lost("the transcript of the laptop's message")
    if world.queued(alice):
        raise Stuck("the service still holds what was received")
    for sender, expected in ((bob, 2), (carol, 2)):
        receipts = _receipts(world.receive(sender))
        if len(receipts) < expected:
            raise Lost(f"{sender.name} got {len(receipts)} of {expected} delivery receipts")
    world.talk(alice, bob)
    world.talk(carol, alice)


def _receipts(found: list[dict[str, Any]]) -> set[int]:
    delivered: set[int] = set()
    for one in found:
        receipt = one.get("receiptMessage")
        if receipt and receipt["isDelivery"]:
            delivered.update(receipt["timestamps"])
    return delivered


MESSAGES = (
    _sending("send", to=("bob",), about=30),
    _sending("send-first", to=("dave",), about=90),
    _sending("send-file", "-a", "picture.png", to=("bob", "carol"), about=65),
    _sending("send-group", to=("club",), about=35),
    Operation("receive", _strike_receive, _check_receive, fill_queue, about=140),
)
