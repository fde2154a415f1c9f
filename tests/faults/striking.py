"""Each operation struck at each boundary, one after another, from the same state; and what was found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from tests.faults.boundaries import Act, Kind, Numbered, boundaries_in
from tests.faults.operations import Operation
from tests.faults.pairs import BEFORE_PAIRS, run_pair
from tests.faults.processes import Ended
from tests.faults.table import BASES
from tests.faults.troubles import Trouble
from tests.faults.ways import Way
from tests.faults.world import Lost, Stuck, World

ALL_KINDS = frozenset(Kind)
_EMPTY = "empty"
_LAST_EXIT_CODE = 6
_AGAIN = 0.02
"""The share of struck runs that are followed by an honest one although they went as an earlier one did."""
_TOLD_EACH = 50
_UNSEEN_MORE = 3
"""A run may come to a few boundaries more than another: which thread is first differs."""


@dataclass(slots=True)
class Tally:
    """What came of striking one operation. ``faults`` says of each failure where it was."""

    operation: str
    boundaries: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    honest_runs: int = 0
    """How many struck runs were followed by one; the others went as one did that was."""
    ways: int = 0
    """In how many different ways the struck runs went (``ways.py``)."""
    missed: int = 0
    """How many struck runs never came to where they were to be struck."""
    lost: int = 0
    used_twice: int = 0
    stuck: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    """How struck runs ended, by the error's name."""
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def prepare(world: World, operation: Operation) -> None:
    """Have the state saved from which an operation begins."""
    if not world.is_saved(_EMPTY):
        world.save(_EMPTY)
    _make(world, operation.base, _EMPTY, BASES[operation.base])
    if operation.prepare is not None:
        _make(world, operation.before, operation.base, operation.prepare)


def _make(world: World, name: str, base: str, make: Callable[[World], None]) -> None:
    if not world.is_saved(name):
        world.load(base)
        make(world)
        world.save(name)


def strike_all(
    world: World,
    operation: Operation,
    kinds: frozenset[Kind] = ALL_KINDS,
    sample: int | None = None,
    seed: int = 17,
    told: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Kill an operation at all its boundaries, or at so many of them; each time see what an honest run makes of it."""
    prepare(world, operation)
    tally = Tally(operation.name)
    if sample is not None:
        dice = random.Random(f"{seed} {operation.name}")
        for _ in range(sample):
            _strike_once(world, operation, kinds, dice, tally)
        return tally
    unharmed, labels = _turn(world, operation, kinds, None, tally)
    if unharmed.exit_code != 0:
        tally.stuck += 1
        tally.faults.append(f"unharmed: {unharmed.describe()}")
        return tally
    tally.boundaries = dict(Counter(label.split()[0] for label in labels))
    for number in range(1, len(labels) + 1 + _UNSEEN_MORE):
        ended, _ = _turn(world, operation, kinds, number, tally)
        tally.kills += ended.killed
        told(tally)
    return tally


def _strike_once(
    world: World, operation: Operation, kinds: frozenset[Kind], dice: random.Random, tally: Tally
) -> None:
    """Kill it at one boundary; where it had fewer, at one of these."""
    bound = operation.about
    while bound:
        ended, labels = _turn(world, operation, kinds, dice.randint(1, bound), tally)
        met = Counter(label.split()[0] for label in labels)
        tally.boundaries = dict(Counter(tally.boundaries) + met)
        if ended.killed:
            tally.kills += 1
            return
        bound = min(len(labels), bound - 1)


def trouble_all(
    world: World,
    operation: Operation,
    trouble: Trouble,
    sample: int | None = None,
    seed: int = 17,
    told: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """The same with something else than death: it has to end with an error that has a name, or well."""
    prepare(world, operation)
    tally = Tally(f"{operation.name}: {trouble.name}")
    dice = random.Random(f"{seed} {operation.name} {trouble.name}")
    known = Counter[Way]()
    for blow in trouble.blows(world, operation, sample, dice):
        world.load(operation.before)
        blow.before(world)
        if blow.service is not None:
            world.stop()
            world.start(blow.service)
        with _judged(world, tally, blow.where):
            ended = operation.strike(world, blow.act)
            tally.kills += 1
            name = ended.error_code or str(ended.exit_code)
            tally.refusals[name] = tally.refusals.get(name, 0) + 1
            if blow.service is not None:
                world.stop()
                world.start()
            if not 0 <= ended.exit_code <= _LAST_EXIT_CODE or ended.is_unexpected:
                raise Stuck(ended.describe())
            if blow.way is not None:
                way = blow.way(ended)
                tally.missed += not way.is_struck
                known[way] += 1
            if blow.way is None or known[way] == 1 or dice.random() < _AGAIN:
                tally.honest_runs += 1
                operation.check(world, ended)
        if tally.kills % _TOLD_EACH == 0:
            told(tally)
    tally.ways = len(known)
    return tally


def pair_up(world: World, pairs: Sequence[tuple[str, str]]) -> Tally:
    """Run operations of one account two at a time."""
    prepare(world, BEFORE_PAIRS)
    tally = Tally("side by side")
    for pair in pairs:
        world.load(BEFORE_PAIRS.before)
        with _judged(world, tally, " and ".join(pair)):
            tally.kills += 1
            for ended in run_pair(world, pair):
                name = ended.error_code or str(ended.exit_code)
                tally.refusals[name] = tally.refusals.get(name, 0) + 1
    return tally


def _turn(
    world: World,
    operation: Operation,
    kinds: frozenset[Kind],
    at: int | None,
    tally: Tally,
) -> tuple[Ended, list[str]]:
    world.load(operation.before)
    journal = str(world.root / "boundaries")

    def act() -> Act:
        return Numbered(journal, kinds, at)

    ended = operation.strike(world, act)
    labels = boundaries_in(journal)
    with _judged(world, tally, f"at {at}, {labels[-1] if labels else 'none'}"):
        operation.check(world, ended)
    return ended, labels


@contextmanager
def _judged(world: World, tally: Tally, where: str) -> Iterator[None]:
    """Note what is found wrong, and which keys were used twice."""
    try:
        yield
    except Lost as problem:
        tally.lost += 1
        tally.faults.append(f"{where}: lost: {problem}")
    except (AssertionError, OSError, EOFError) as problem:
        tally.stuck += 1
        tally.faults.append(f"{where}: stuck: {problem!r}")
    twice = world.keys_used_twice()
    if twice:
        tally.used_twice += len(twice)
        tally.faults.append(f"{where}: used twice: {'; '.join(twice)}")
