"""``python -m tests.bench [PART …]``: figures of this machine, nothing asserted."""

from __future__ import annotations

import argparse
import importlib

_PARTS = (
    *("protocol", "startup", "latency", "throughput", "receive-profile", "groups", "scale"),
    "budgets",
)


def main() -> None:
    """Run the parts that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join((*_PARTS, "all")))
    parser.add_argument(
        "--rounds",
        type=int,
        default=None,
        help="how often each thing is measured (default: by part)",
    )
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in (*_PARTS, "all")]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}")
    # The table of budgets measures again what others have measured.
    everything = not options.parts or "all" in options.parts
    chosen = _PARTS[:-1] if everything else options.parts
    for name in chosen:
        part = importlib.import_module(f"tests.bench.{name.replace('-', '_')}")
        part.run(part.ROUNDS if options.rounds is None else options.rounds)


if __name__ == "__main__":
    main()
