"""``tests/run faults [OPERATION …]``: operations killed at every boundary, each time followed by an honest run.

Exits with 1 if anything was lost, a key was used twice, or a person would have had to help.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench.tables import Table
from tests.faults.boundaries import Kind
from tests.faults.operations import Operation
from tests.faults.pairs import BEFORE_PAIRS, PAIRS
from tests.faults.processes import fork_function, load_everything
from tests.faults.striking import ALL_KINDS, Tally, pair_up, strike_all, trouble_all
from tests.faults.table import OPERATIONS, chosen
from tests.faults.troubles import TROUBLES
from tests.faults.world import World, world_in

SHORT: dict[str, tuple[str, ...]] = {
    "send-group": ("bytes",),
    "receive": ("disk-full", "queue", "lies"),
    "link": (),
    "verify": (),
    "updateGroup": (),
    "trust": (),
    "storage": (),
    "import": (),
    "restore": (),
    "daemon": (),
}
"""What the suite strikes once, and what else befalls it: the rest are their variants."""


def main() -> int:
    """Strike what the command line names; gives the exit code."""
    parser = argparse.ArgumentParser(prog="tests/run faults", description=__doc__.splitlines()[0])
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="all if none is named")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="OPERATION",
        help="exactly these, not their variants",
    )
    parser.add_argument(
        "--boundary",
        action="append",
        choices=[kind.value for kind in Kind],
        help="only these boundaries (may be repeated)",
    )
    parser.add_argument(
        "--trouble",
        action="append",
        choices=[*TROUBLES, "all"],
        help="this instead of a kill: a disk that is full from a step on, or read-only; connections"
        " that are cut from a step on; that end after each byte of each response, for good or"
        " once, or at the borders alone where what follows differs; a wrong clock; a queue in"
        " another order; a service that lies (may be repeated)",
    )
    parser.add_argument("--pairs", action="store_true", help="operations two at a time instead")
    parser.add_argument("--sample", type=int, help="so many boundaries of each, by chance")
    parser.add_argument("--short", action="store_true", help="a little of everything, as the suite")
    parser.add_argument("--seed", type=int, default=17, help="of that choice")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="side by side")
    options = parser.parse_args()
    try:
        operations = [OPERATIONS[name] for name in options.only] or chosen(options.operations)
    except (KeyError, ValueError) as problem:
        parser.error(str(problem))
    kinds = frozenset(map(Kind, options.boundary)) if options.boundary else ALL_KINDS
    asked = options.trouble or []
    troubles = [TROUBLES[name] for name in (TROUBLES if "all" in asked else asked)]
    load_everything()
    folder = Path(tempfile.mkdtemp(prefix="sigcli-faults-", dir=_roomy_memory()))

    if options.pairs:
        operations = [BEFORE_PAIRS]
    elif options.short:
        operations = [*(OPERATIONS[name] for name in SHORT), BEFORE_PAIRS]
    sample = 1 if options.short else options.sample

    def strike(world: World, operation: Operation) -> list[Tally]:
        if operation is BEFORE_PAIRS:
            count = len(PAIRS) if sample is None else sample
            return [pair_up(world, random.Random(options.seed).sample(PAIRS, count))]
        befalling = (
            [TROUBLES[name] for name in SHORT[operation.name]] if options.short else troubles
        )
        found = []
        if options.short or not troubles:
            found.append(strike_all(world, operation, kinds, sample, options.seed, _progress))
        for trouble in befalling:
            tally = trouble_all(world, operation, trouble, sample, options.seed, _progress)
            if tally.kills or tally.faults:  # not every trouble can befall every operation
                found.append(tally)
        return found

    try:
        tallies, whole = _side_by_side(folder, operations, options.jobs, strike)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    killed = [tally for tally in tallies if not tally.refusals]
    if killed:
        print_tallies(killed)
    if len(killed) < len(tallies):
        print_troubles([tally for tally in tallies if tally.refusals])
    for tally in tallies:
        for fault in tally.faults:
            print(f"FAULT {tally.operation} {fault}", file=sys.stderr)
    if not whole:
        print("the harness itself broke off", file=sys.stderr)
    return 0 if whole and not any(tally.faults for tally in tallies) else 1


def _side_by_side(
    folder: Path,
    operations: Sequence[Operation],
    jobs: int,
    strike: Callable[[World, Operation], list[Tally]],
) -> tuple[list[Tally], bool]:
    """What came of all of them, and whether all were gone through."""
    jobs = max(1, min(jobs, len(operations)))
    workers = []
    for job in range(jobs):

        def work(job: int = job) -> None:
            place = folder / str(job)
            place.mkdir()
            with world_in(place) as world:
                for operation in operations[job::jobs]:
                    tallies = [tally.as_json() for tally in strike(world, operation)]
                    (place / f"{operation.name}.json").write_text(json.dumps(tallies))

        workers.append(fork_function(work))
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
    found = []
    for operation in operations:
        for path in folder.glob(f"*/{operation.name}.json"):
            found += [Tally(**one) for one in json.loads(path.read_text())]
    return found, not any(codes)


def _progress(tally: Tally) -> None:
    if sys.stderr.isatty() or tally.kills % 50 == 0:
        total = sum(tally.boundaries.values())
        of_all = f" of {total}" if total else ""
        print(f"{tally.operation}: {tally.kills}{of_all}", file=sys.stderr, flush=True)


def print_troubles(tallies: Sequence[Tally]) -> None:
    """The table of what is no kill."""
    table = Table(
        "Troubles, and what the honest run made of it",
        (
            *("operation", "struck", "not come to", "ways", "honest runs"),
            *("ended well", "named errors", "lost", "keys used twice", "stuck"),
        ),
    )
    for tally in tallies:
        well = tally.refusals.get("0", 0)
        ran = (tally.kills, tally.missed, tally.ways or tally.honest_runs, tally.honest_runs)
        figures = (*ran, well, sum(tally.refusals.values()) - well)
        found = (tally.lost, tally.used_twice, tally.stuck)
        table.add(tally.operation, *map(str, (*figures, *found)))
    table.print()
    errors = Counter[str]()
    for tally in tallies:
        errors.update({name: n for name, n in tally.refusals.items() if name != "0"})
    print("named:", ", ".join(f"{name} {count}" for name, count in errors.most_common()))


def print_tallies(tallies: Sequence[Tally]) -> None:
    """The table."""
    kinds = [kind.value for kind in Kind]
    table = Table(
        "Killed at boundaries, and what the honest run made of it",
        ("operation", *kinds, "kills", "lost", "keys used twice", "stuck"),
    )
    for tally in tallies:
        counts = (str(tally.boundaries.get(kind, 0)) for kind in kinds)
        figures = (tally.kills, tally.lost, tally.used_twice, tally.stuck)
        table.add(tally.operation, *counts, *map(str, figures))
    boundaries = (str(sum(one.boundaries.get(kind, 0) for one in tallies)) for kind in kinds)
    sums = (
        sum(one.kills for one in tallies),
        sum(one.lost for one in tallies),
        sum(one.used_twice for one in tallies),
        sum(one.stuck for one in tallies),
    )
    table.add("all", *boundaries, *map(str, sums))
    table.print()


def _roomy_memory() -> str | None:
    """Where databases sync at no cost, if there is such a place."""
    with suppress(OSError):
        facts = os.statvfs("/dev/shm")
        if os.access("/dev/shm", os.W_OK) and facts.f_bavail * facts.f_frsize > 2 << 30:
            return "/dev/shm"
    return None


if __name__ == "__main__":
    sys.exit(main())
