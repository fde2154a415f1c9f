"""Where a received message's time goes: sealed texts drained in this process, beside libsignal's unseal and decrypt.

Processor time, not time on the clock: the figures hold on a busy machine as well.
"""

from __future__ import annotations

import cProfile
import pstats
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from sigcli.protocol.session import encrypt
from sigcli.wire.padding import pad
from tests.bench.operations import sealed, sessions
from tests.bench.startup import against
from tests.bench.tables import Table
from tests.bench.timing import NodeWork
from tests.interop.oracle import Oracle
from tests.unit.client.test_hostile_queue import CAROL, receive
from tests.unit.client.world import NOW_MS, Peer, World

ROUNDS = 7
MESSAGES = 1_000
BUDGET = 1.5
_THEIRS = ("unseal v1 and validate (sigcli: a sender seen before)", "decrypt, same chain")
_THEIR_BATCH = """
    const { step, prepare } = state.works[name];
    if (prepare !== undefined) await prepare(count);
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) {
        const answer = step();
        if (answer instanceof Promise) await answer;
    }
    const used = process.cpuUsage(before);
    return (used.user + used.system) / count;
"""
_PARTS = (
    ("SQLite", ("sqlite3.", "sigcli/store/")),
    ("ciphers, keys, hashes", ("cryptography", "_hashlib", "hmac.py", "sigcli/crypto/", "hashlib")),
    ("parsing and writing protobuf", ("google", "sigcli/wire/", "uuid.py")),
    ("sealed sender, sessions, ratchets", ("sigcli/protocol/",)),
    ("JSON and lines", ("sigcli/operations/", "json/")),
    ("applying, inbox, printing", ("sigcli/client/",)),
)
_REST = "Python's own"


def drain(folder: Path, profile: cProfile.Profile | None = None) -> float:
    """Receive and print the texts of one sender, whose session both sides use; microseconds of each."""
    world = World.create(folder)
    with world.account:
        carol = world.peer(CAROL)
        certificate = carol.certificate()
        receive(world, [carol.sealed("the first", certificate=certificate)])
        _answer(world, carol)
        queue = [
            carol.sealed(f"text {number}", certificate=certificate, timestamp_ms=NOW_MS + number)
            for number in range(1, MESSAGES + 1)
        ]
        if profile is not None:
            profile.enable()
        taken_s, said = receive(world, queue)
        if profile is not None:
            profile.disable()
    if len(said) != MESSAGES:
        raise RuntimeError(f"{len(said)} of {MESSAGES} texts were printed")
    return taken_s * 1e6 / MESSAGES


def libsignal_us(oracle: Oracle) -> float:
    """What libsignal takes to unseal, validate and decrypt one message."""
    return sum(float(oracle.call(_THEIR_BATCH, name=name, count=MESSAGES)) for name in _THEIRS)


def measure(rounds: int) -> tuple[float, float]:
    """Microseconds of one message here, and in libsignal, in turns."""
    found: list[tuple[float, float]] = []
    with (
        tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name,
        Oracle(timeout_s=600) as oracle,
    ):
        for operation in (*sealed.OPERATIONS, *sessions.OPERATIONS):
            if operation.name in _THEIRS and operation.theirs is not None:
                arguments = dict(operation.arguments())
                NodeWork.create(oracle, operation.name, operation.theirs, arguments)
        for number in range(rounds + 1):
            folder = Path(name, str(number))
            folder.mkdir()
            found.append((drain(folder), libsignal_us(oracle)))
    pairs = found[1:]  # the first one warms up
    theirs_us = median(theirs for _, theirs in pairs)
    # Of each pair, so that a busy moment of the machine meets both.
    return median(ours / theirs for ours, theirs in pairs) * theirs_us, theirs_us


def shares() -> Counter[str]:
    """How the time of a drain divides among the parts of the program, in all 1."""
    profile = cProfile.Profile(time.process_time)
    with tempfile.TemporaryDirectory(prefix="sigcli-bench-") as name:
        drain(Path(name), profile)
    found: Counter[str] = Counter()
    statistics: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for function, (_, _, own_s, _, callers) in statistics.items():
        part = _part_of(function)
        if part != _REST or not callers:
            found[part] += own_s
            continue
        # What belongs to nobody, such as len, is its callers' work.
        for caller, (_, _, share_s, _) in callers.items():
            found[_part_of(caller)] += share_s
    whole = sum(found.values())
    return Counter({part: own_s / whole for part, own_s in found.items()})


def run(rounds: int) -> None:
    """Print both tables."""
    ours_us, theirs_us = measure(rounds)
    ratio = ours_us / theirs_us
    table = Table(
        f"Draining {MESSAGES:,} sealed texts, CPU of one message",
        ("", "µs", "of libsignal's", "budget", ""),
    )
    table.add("libsignal: unseal, validate, decrypt", f"{theirs_us:.0f}", "1x", "", "")
    table.add(
        "sigcli: all of it, printed",
        f"{ours_us:.0f}",
        f"{ratio:.2f}x",
        *against(ratio, BUDGET, "x"),
    )
    table.print()
    parts = Table(
        "Where sigcli's goes (by a profile, which weighs small calls more)", ("part", "µs", "%")
    )
    for part, share in shares().most_common():
        parts.add(part, f"{share * ours_us:.0f}", f"{share:.0%}")
    parts.print()


def _answer(world: World, peer: Peer) -> None:
    """Write to the peer once, so that it sends no prekey messages any more."""
    account = world.account
    with account.database.transaction() as transaction:
        store = account.protocol_store(transaction)
        message = encrypt(
            pad(b""), peer.device.address, account.address(), store, NOW_MS, account.random
        )
    peer.device.decrypt(account.address(), message)


def _part_of(function: tuple[str, int, str]) -> str:
    place = f"{function[0]} {function[2]}"
    for part, signs in _PARTS:
        if any(sign in place for sign in signs):
            return part
    return _REST
