"""What may befall an operation beside its death: the disk, the network, the clock, and a service that lies."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.faults.boundaries import BEFORE, Act, Kind, Numbered, boundaries_in
from tests.faults.cutting import Cut, Place, seen_in
from tests.faults.liar import lie
from tests.faults.operations import Operation
from tests.faults.processes import Ended
from tests.faults.queues import shuffle_queue
from tests.faults.ways import Way, shape_of
from tests.faults.world import World

_DAY_S = 24 * 3600
_SHIFTS_S = tuple(sign * days * _DAY_S for days in (1, 40, 400, 4000) for sign in (-1, 1))
_NEEDS_ROOM = frozenset(
    ("open", "write", "fsync", "mkdir", "replace", "rename", "link", "symlink", "commit")
)


@dataclass(frozen=True, slots=True)
class Blow:
    """One of them: ``act`` is made in the process of the operation, ``before`` changes the world."""

    where: str
    act: Callable[[], Act | None]
    before: Callable[[World], None] = lambda _: None
    service: Callable[[], None] | None = None
    """Done in the service's process, which is another one afterwards."""
    way: Callable[[Ended], Way] | None = None
    """How the struck run went: what is said of one that went so is said of all that do."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """``blows``: all of a kind for an operation, or so many of them."""

    name: str
    blows: Callable[[World, Operation, int | None, random.Random], Iterator[Blow]]


def _chosen(count: int, sample: int | None, dice: random.Random) -> list[int]:
    numbers = range(1, count + 1)
    return list(numbers) if sample is None else sorted(dice.sample(numbers, min(sample, count)))


# --- the disk, and connections that end --------------------------------------------------------------


def _from_on(
    kinds: frozenset[Kind], concerns: Callable[[str], bool], fail: Callable[[Kind], None]
) -> Callable[[World, Operation, int | None, random.Random], Iterator[Blow]]:
    """From one of its steps on, all fail."""

    def counting(journal: str, at: int | None) -> Act:
        noted = Numbered(journal, kinds)
        met = 0

        def act(kind: Kind, step: str, when: str) -> None:
            nonlocal met
            if kind not in kinds or when != BEFORE or not concerns(step):
                return
            noted(kind, step, when)
            met += 1
            if at is not None and met >= at:
                fail(kind)

        return act

    def blows(
        world: World, operation: Operation, sample: int | None, dice: random.Random
    ) -> Iterator[Blow]:
        journal = str(world.root / "boundaries")
        world.load(operation.before)
        operation.strike(world, lambda: counting(journal, None))
        labels = boundaries_in(journal)
        for number in _chosen(len(labels), sample, dice):

            def act(number: int = number) -> Act:
                return counting(journal, number)

            yield Blow(f"from {number}, {labels[number - 1]}", act)

    return blows


def _no_room(kind: Kind) -> None:
    _fail(kind, errno.ENOSPC, sqlite3.SQLITE_FULL, "database or disk is full")


def _read_only(kind: Kind) -> None:
    _fail(kind, errno.EROFS, sqlite3.SQLITE_READONLY, "attempt to write a readonly database")


def _fail(kind: Kind, number: int, code: int, text: str) -> None:
    if kind is Kind.COMMIT:
        error = sqlite3.OperationalError(text)
        error.sqlite_errorcode = code
        raise error
    raise OSError(number, os.strerror(number))


def _reset(_kind: Kind) -> None:
    raise ConnectionResetError(errno.ECONNRESET, "reset")


# --- what is received ends after so many bytes ---------------------------------------------------------


def _bytes(
    once: bool, each: bool
) -> Callable[[World, Operation, int | None, random.Random], Iterator[Blow]]:
    """After each byte of each response, or where the borders lie between the ways in which it goes on.

    ``once``: what is connected afterwards works.
    """

    def blows(
        world: World, operation: Operation, sample: int | None, dice: random.Random
    ) -> Iterator[Blow]:
        journal = str(world.root / "received")
        ways: dict[Place, Way] = {}

        def blow(place: Place) -> Blow:
            def way(ended: Ended) -> Way:
                seen = seen_in(journal)
                cut = place.response if seen.was_cut else None
                left = shape_of(world, operation.before)
                ways[place] = Way(cut, ended.exit_code, ended.error_code, seen.requests, left)
                return ways[place]

            return Blow(str(place), lambda: _cut(journal, place, once), way=way)

        world.load(operation.before)
        operation.strike(world, lambda: _cut(journal, None, once))
        lengths = seen_in(journal).lengths
        places = [
            Place(response, offset)
            for response, length in lengths.items()
            for offset in range(length + 1)
        ]
        if sample is not None:
            yield from map(blow, dice.sample(places, min(sample, len(places))))
        elif each:
            yield from map(blow, places)
        else:
            for response, length in lengths.items():
                for place in at_borders(response, length, ways, dice):
                    yield blow(place)

    return blows


def at_borders(
    response: str, length: int, ways: dict[Place, Way], dice: random.Random
) -> Iterator[Place]:
    """Both ends, then halves wherever two do not go alike; of a stretch whose ends do, one place by chance."""
    yield Place(response, 0)
    yield Place(response, length)
    stretches = [(0, length)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        alike = ways[Place(response, first)] == ways[Place(response, last)]
        place = Place(response, dice.randrange(first + 1, last) if alike else (first + last) // 2)
        yield place
        if not alike or ways[place] != ways[Place(response, first)]:
            stretches += [(first, place.offset), (place.offset, last)]


def _cut(journal: str, at: Place | None, once: bool) -> None:
    Cut(journal, at, once=once)


# --- the clock, the queue, the service ------------------------------------------------------------------


def _clock(
    _world: World, _operation: Operation, sample: int | None, dice: random.Random
) -> Iterator[Blow]:
    for number in _chosen(len(_SHIFTS_S), sample, dice):
        shift_s = _SHIFTS_S[number - 1]

        def act(shift_s: int = shift_s) -> None:
            now, now_ns = time.time, time.time_ns
            time.time = lambda: now() + shift_s
            time.time_ns = lambda: now_ns() + shift_s * 1_000_000_000

        yield Blow(f"{shift_s // _DAY_S:+} days", act)


def _queue(
    _world: World, operation: Operation, sample: int | None, _dice: random.Random
) -> Iterator[Blow]:
    if operation.name not in ("receive", "daemon"):
        return
    for seed in range(10 if sample is None else sample):
        yield Blow(f"seed {seed}", lambda: None, partial(shuffle_queue, seed))


def _lies(
    _world: World, _operation: Operation, sample: int | None, _dice: random.Random
) -> Iterator[Blow]:
    for seed in range(40 if sample is None else sample):
        yield Blow(f"seed {seed}", lambda: None, service=partial(lie, seed))


_DISK = frozenset({Kind.COMMIT, Kind.WRITE})
TROUBLES = {
    one.name: one
    for one in (
        Trouble("disk-full", _from_on(_DISK, _NEEDS_ROOM.__contains__, _no_room)),
        Trouble("read-only", _from_on(_DISK, lambda step: step != "print", _read_only)),
        Trouble("cut", _from_on(frozenset({Kind.NETWORK}), lambda _: True, _reset)),
        Trouble("bytes", _bytes(once=False, each=True)),
        Trouble("bytes-once", _bytes(once=True, each=True)),
        Trouble("borders", _bytes(once=False, each=False)),
        Trouble("borders-once", _bytes(once=True, each=False)),
        Trouble("clock", _clock),
        Trouble("queue", _queue),
        Trouble("lies", _lies),
    )
}
