"""Compare sigcli with the newest libsignal and mock server, for maintainers.

python -m tools.currency                 the newest of both, and all interop and e2e tests against them
python -m tools.currency --no-tests      versions, constants and schemas only
python -m tools.currency --libsignal 0.104.0 --mock-server 28.0.0 tests/interop

What fails with the newest packages is run once more with the pinned ones. Standard output says what changed; the exit
code is 1 if something has to be done about it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.support.node import NodeUnavailable
from tools.currency import constants, schemas, suites
from tools.currency.packages import (
    COMPARED,
    LIBSIGNAL,
    MOCK_SERVER,
    InstallationFailed,
    Packages,
    other_packages,
    pinned_packages,
)

_NEWEST = "latest"


def main() -> None:
    words = _parser().parse_args()
    wanted = {LIBSIGNAL: words.libsignal, MOCK_SERVER: words.mock_server}
    with tempfile.TemporaryDirectory(prefix="sigcli-currency-") as folder:
        try:
            pinned = pinned_packages()
            newest = other_packages(Path(folder) / "node", wanted)
        except (InstallationFailed, NodeUnavailable) as problem:
            sys.exit(f"the packages cannot be installed: {problem}")
        problems = [
            *_versions(pinned, newest),
            *_constants(pinned, newest),
            *_schemas(pinned, newest),
        ]
        if words.run_tests:
            problems += _tests(pinned, newest, words.tests)
    _section("To be done", problems or ["nothing"])
    sys.exit(1 if problems else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.currency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--libsignal", default=_NEWEST, metavar="VERSION")
    parser.add_argument("--mock-server", default=_NEWEST, metavar="VERSION")
    parser.add_argument("--no-tests", dest="run_tests", action="store_false")
    parser.add_argument("tests", nargs="*", default=list(suites.DEFAULT_TESTS))
    return parser


def _versions(pinned: Packages, newest: Packages) -> list[str]:
    _section(
        "Versions",
        (
            f"{name}: pinned {pinned.version(name)}, newest {newest.version(name)}"
            for name in COMPARED
        ),
    )
    return []


def _constants(pinned: Packages, newest: Packages) -> list[str]:
    environments = constants.shipped_environments()
    wanted = constants.shipped_constants(environments)
    before, after = (
        constants.facts_of(constants.native_library(packages.folder(LIBSIGNAL)), wanted)
        for packages in (pinned, newest)
    )
    found = constants.compare(before, after, constants.shipped_groups(environments))
    summary = f"{len(after.known)} of {len(wanted)} shipped constants are in the newest library"
    days = ", ".join(f"{name} of {one.constants_as_of}" for name, one in environments.items())
    _section("Constants", [f"shipped: {days}", summary, *found.notes, *found.problems])
    return found.problems


def _schemas(pinned: Packages, newest: Packages) -> list[str]:
    own = schemas.own_schema()
    try:
        before, after = (
            schemas.schema_of_package(packages.folder(MOCK_SERVER)) for packages in (pinned, newest)
        )
    except schemas.NoSchema as problem:
        _section("Schemas", [str(problem)])
        return [f"schemas: {problem}"]
    changed = list(schemas.changes(before, after))
    clashing = list(schemas.conflicts(own, after))
    unknown = list(schemas.unknown_fields(own, after))
    seen = {*schemas.conflicts(own, before), *schemas.unknown_fields(own, before)}
    _section("Schemas", [f"{len(after)} messages", *(changed or ["nothing changed"])])
    _section("Numbers that mean something else here", clashing or ["none"])
    _section("Fields that are not known here", unknown or ["none"])
    return [f"schemas: {text}" for text in (*clashing, *unknown) if text not in seen]


def _tests(pinned: Packages, newest: Packages, tests: list[str]) -> list[str]:
    outcome = suites.run_tests(newest, tests)
    lines = [f"with the newest packages: {outcome}"]
    if not outcome.failed:
        _section("Tests", lines)
        return []
    beside = suites.run_tests(pinned, sorted(outcome.failed))
    lines.append(f"those that failed, with the pinned ones: {beside}")
    broken = [f"fails with the newest packages only: {name}" for name in sorted(beside.passed)]
    own = [f"fails with both: {name}" for name in sorted(outcome.failed - beside.passed)]
    _section("Tests", [*lines, *broken, *own])
    return [*broken, *own]


def _section(title: str, lines: Iterable[str]) -> None:
    print(f"{title}", *(f"  {line}" for line in lines), sep="\n", flush=True)


if __name__ == "__main__":
    main()
