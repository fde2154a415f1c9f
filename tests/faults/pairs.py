"""Two operations of one account at the same time: both end with a result that has a name, and nothing is lost."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Sequence

from tests.faults.daemon import READY
from tests.faults.messages import QUEUED, fill_queue
from tests.faults.operations import PASSPHRASE, TALKED, Operation, group_of, people, require_all
from tests.faults.processes import Ended, Forked
from tests.faults.world import Lost, Stuck, World, envelopes, texts_in

Words = Callable[[World, str], tuple[str, ...]]
"""The words of an operation; the text is one that only it uses."""


def _bob(world: World) -> str:
    return world.device("bob").account


def _club(world: World) -> str:
    return group_of(world, world.device("bob"))


_DAEMON = "daemon"
"""Begun with the other, which it does or which goes on by itself, and told to stop afterwards."""
SIDE_BY_SIDE: dict[str, Words] = {
    "send": lambda world, text: ("send", "-m", text, _bob(world)),
    "send-group": lambda world, text: ("send", "-m", text, "-g", _club(world)),
    "receive": lambda world, _: ("receive",),
    "updateGroup": lambda world, text: ("updateGroup", "-g", _club(world), "-d", text),
    "updateContact": lambda world, text: ("updateContact", _bob(world), "--note", text),
    "updateProfile": lambda _, text: ("updateProfile", "--about", text),
    "trust": lambda world, _: ("trust", "-a", _bob(world)),
    "sendSyncRequest": lambda *_: ("sendSyncRequest",),
    "backup": lambda world, text: (
        *("backup", str(world.root / f"{text}.age")),
        *("--passphrase-file", PASSPHRASE),
    ),
    _DAEMON: lambda world, text: ("daemon", "--socket", str(world.root / text)),
}
PAIRS = tuple(itertools.combinations_with_replacement(SIDE_BY_SIDE, 2))


def _prepare(world: World) -> None:
    fill_queue(world)


BEFORE_PAIRS = Operation("pairs", lambda *_: _never(), lambda *_: None, _prepare, TALKED)
"""What both begin with: a queue with messages of all kinds."""


def _never() -> Ended:
    raise AssertionError("the pairs are begun two at a time")


def _stop(daemon: Forked) -> None:
    """Tell a daemon to stop as soon as it hears signals, unless it has ended (there is another one)."""
    if daemon.wait_for(lambda: READY in daemon.stderr_so_far()):
        daemon.send_signal(signal.SIGTERM)


def run_pair(world: World, pair: Sequence[str]) -> list[Ended]:
    """Begin both at once, check what they and an honest run leave; raises Lost and Stuck."""
    alice, bob, carol = people(world)
    texts = [f"{name} {number}" for number, name in enumerate(pair)]
    words = [SIDE_BY_SIDE[name](world, text) for name, text in zip(pair, texts, strict=True)]
    running: list[Forked] = [world.begin(alice, *each) for each in words]
    for name, begun in zip(pair, running, strict=True):
        if name != _DAEMON:
            begun.wait()
    for name, begun in zip(pair, running, strict=True):
        if name == _DAEMON:
            _stop(begun)
    ended = [one.wait() for one in running]
    for one in ended:
        if one.exit_code != 0 and (one.is_unexpected or not one.error_code):
            raise Stuck(one.describe())
    found = envelopes(line for one in ended if "receive" in one.words for line in one.json_lines)
    found += world.receive(alice)
    require_all(world, alice, found, QUEUED)
    world.check_database(alice)
    heard = {bob.name: texts_in(world.receive(bob)), carol.name: texts_in(world.receive(carol))}
    for name, text, one in zip(pair, texts, ended, strict=True):
        if not name.startswith("send") or name == "sendSyncRequest" or one.exit_code:
            continue
        readers = heard if name == "send-group" else {bob.name: heard[bob.name]}
        for reader, arrived in readers.items():
            if arrived.count(text) != 1:
                raise Lost(f"{text!r} came {arrived.count(text)} times to {reader}")
    world.talk(alice, bob)
    world.talk(carol, alice)
    return ended
