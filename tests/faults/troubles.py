"""What may befall an operation beside its death: the disk, the network, the clock, and a service that lies."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.faults.boundaries import BEFORE, Act, Kind, Numbered, boundaries_in
from tests.faults.liar import lie
from tests.faults.operations import Operation
from tests.faults.queues import shuffle_queue
from tests.faults.world import World

_DAY_S = 24 * 3600
_SHIFTS_S = tuple(sign * days * _DAY_S for days in (1, 40, 400, 4000) for sign in (-1, 1))
_NEEDS_ROOM = frozenset(
    ("open", "write", "fsync", "mkdir", "replace", "rename", "link", "symlink", "commit")
)
_EVERY_BYTE = 400
"""So many of the first bytes of what is received are the end, each once."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One of them: ``act`` is made in the process of the operation, ``before`` changes the world."""

    where: str
    act: Callable[[], Act | None]
    before: Callable[[World], None] = lambda _: None
    service: Callable[[], None] | None = None
    """Done in the service's process, which is another one afterwards."""


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
    world: World, operation: Operation, sample: int | None, dice: random.Random
) -> Iterator[Blow]:
    world.load(operation.before)
    journal = str(world.root / "received")
    operation.strike(world, lambda: _end_after(1 << 60, journal))
    total = sum(int(line) for line in boundaries_in(journal))
    if sample is None:
        later = range(_EVERY_BYTE, total)
        numbers = [*range(min(_EVERY_BYTE, total)), *dice.sample(later, min(100, len(later)))]
    else:
        numbers = sorted(dice.sample(range(total), min(sample, total)))
    for number in numbers:

        def act(number: int = number) -> None:
            _end_after(number, journal)

        yield Blow(f"after {number} of {total} bytes", act)


def _end_after(limit: int, journal: str) -> None:
    """Of all that TLS connections bring, only so many bytes; then each is at its end."""
    left = limit
    noted = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    receive, receive_into = ssl.SSLSocket.recv, ssl.SSLSocket.recv_into

    def came(count: int) -> int:
        nonlocal left
        taken = min(count, left)
        left -= taken
        os.write(noted, f"{taken}\n".encode())
        return taken

    def recv(self: ssl.SSLSocket, length: int = 1024, flags: int = 0) -> bytes:
        data = receive(self, length, flags)
        return data[: came(len(data))]

    def recv_into(self: ssl.SSLSocket, buffer: Any, *arguments: Any) -> int | None:
        count = receive_into(self, buffer, *arguments)
        return None if count is None else came(count)

    for name, limited in (("recv", recv), ("recv_into", recv_into)):
        setattr(ssl.SSLSocket, name, limited)


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
        Trouble("bytes", _bytes),
        Trouble("clock", _clock),
        Trouble("queue", _queue),
        Trouble("lies", _lies),
    )
}
