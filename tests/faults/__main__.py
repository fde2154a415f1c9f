"""``tests/run faults [OPERATION …]``: operations killed at every boundary, each time followed by an honest run.

Exits with 1 if anything was lost, a key was used twice, or a person would have had to help.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench.tables import Table
from tests.faults.boundaries import Kind
from tests.faults.operations import Operation
from tests.faults.processes import fork_function, load_everything
from tests.faults.striking import ALL_KINDS, Tally, strike_all
from tests.faults.table import OPERATIONS, chosen
from tests.faults.world import world_in


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
    parser.add_argument("--sample", type=int, help="so many boundaries of each, by chance")
    parser.add_argument("--seed", type=int, default=17, help="of that choice")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="side by side")
    options = parser.parse_args()
    try:
        operations = [OPERATIONS[name] for name in options.only] or chosen(options.operations)
    except (KeyError, ValueError) as problem:
        parser.error(str(problem))
    kinds = frozenset(map(Kind, options.boundary)) if options.boundary else ALL_KINDS
    load_everything()
    folder = Path(tempfile.mkdtemp(prefix="sigcli-faults-", dir=_roomy_memory()))
    try:
        jobs = max(1, min(options.jobs, len(operations)))
        shares = [operations[job::jobs] for job in range(jobs)]
        workers = []
        for job, share in enumerate(shares):

            def work(job: int = job, share: Sequence[Operation] = share) -> None:
                _strike_share(folder / str(job), share, kinds, options.sample, options.seed)

            workers.append(fork_function(work))
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in workers]
        tallies = _tallies(folder, operations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_tallies(tallies)
    for tally in tallies:
        for fault in tally.faults:
            print(f"FAULT {tally.operation} {fault}", file=sys.stderr)
    whole = not any(codes) and len(tallies) == len(operations)
    if not whole:
        print("the harness itself broke off", file=sys.stderr)
    return 0 if whole and not any(tally.faults for tally in tallies) else 1


def _strike_share(
    folder: Path,
    share: Sequence[Operation],
    kinds: frozenset[Kind],
    sample: int | None,
    seed: int,
) -> None:
    folder.mkdir()
    with world_in(folder) as world:
        for operation in share:
            tally = strike_all(world, operation, kinds, sample, seed, _progress)
            (folder / f"{operation.name}.json").write_text(json.dumps(tally.as_json()))


def _progress(tally: Tally) -> None:
    if sys.stderr.isatty() or tally.kills % 50 == 0:
        total = sum(tally.boundaries.values())
        print(f"{tally.operation}: {tally.kills} of {total}", file=sys.stderr, flush=True)


def _tallies(folder: Path, operations: Sequence[Operation]) -> list[Tally]:
    found = []
    for operation in operations:
        for path in folder.glob(f"*/{operation.name}.json"):
            found.append(Tally(**json.loads(path.read_text())))
    return found


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
