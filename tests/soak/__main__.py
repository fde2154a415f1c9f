"""``tests/run soak [killed|mixed|outage|figures]``: a daemon for a long time.

Exits with 1 if anything was lost or has grown.

Without a part: ``killed``, or ``mixed`` where ``--hours`` is given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

_PARTS = ("killed", "mixed", "outage", "figures")


def main() -> int:
    """Run what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="tests/run soak", description=__doc__)
    parser.add_argument("part", nargs="?", choices=_PARTS)
    parser.add_argument("--messages", type=int, default=100_000, help="killed: how many")
    parser.add_argument("--kills", type=int, default=100, help="killed: of the daemon")
    parser.add_argument(
        "--consumer-kills", type=int, help="killed: of each consumer (default: as the daemon)"
    )
    parser.add_argument("--senders", type=int, default=2, help="killed: who send side by side")
    parser.add_argument(
        "--rate", type=float, help="a second and sender (killed: as fast as it goes; mixed: 2)"
    )
    parser.add_argument("--hours", type=float, default=4.0, help="mixed: how long (default: 4)")
    parser.add_argument("--away", type=float, default=60.0, help="outage: for how many seconds")
    parser.add_argument("--seed", type=int, default=13, help="of the dice")
    options = parser.parse_args()
    asked_for_hours = any(word.startswith("--hours") for word in sys.argv)
    part = options.part or ("mixed" if asked_for_hours else "killed")
    with tempfile.TemporaryDirectory(prefix="sigcli-soak-") as name:
        faults = _run(part, options, Path(name))
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    if not faults:
        print(f"{part}: nothing was lost, nothing has grown beyond its bound")
    return 1 if faults else 0


def _run(part: str, options: argparse.Namespace, folder: Path) -> list[str]:
    if part == "killed":
        from tests.soak.killed import Plan, print_outcome, run_killed

        kills = options.kills
        plan = Plan(
            options.messages,
            kills,
            kills if options.consumer_kills is None else options.consumer_kills,
            options.senders,
            options.rate or 0.0,
            options.seed,
        )
        outcome = run_killed(folder, plan)
        print_outcome(outcome)
        return outcome.faults
    if part == "mixed":
        from tests.soak.mixed import run_mixed

        return run_mixed(folder, options.hours * 3600, options.rate or 2.0)
    if part == "outage":
        from tests.soak.outage import run_outage

        return run_outage(folder, options.away)
    from tests.soak.figures import print_figures

    return print_figures(folder)


if __name__ == "__main__":
    sys.exit(main())
