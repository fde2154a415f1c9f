"""The interop and e2e tests, run against a folder of npm packages."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools.currency.packages import Packages

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_TESTS = ("tests/interop", "tests/e2e")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tests by what became of them, named as pytest takes them."""

    passed: frozenset[str]
    failed: frozenset[str]
    skipped: frozenset[str]

    def __str__(self) -> str:
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def run_tests(packages: Packages, tests: Sequence[str]) -> Outcome:
    """Run tests (paths, or ids) against these packages; what pytest prints goes to standard error."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-o", "junit_family=xunit1", f"--junitxml={report}", *tests),
        ]
        environment = {**os.environ, "SIGCLI_NODE_DIRECTORY": str(packages.directory)}
        finished = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=sys.stderr, check=False
        )
        if not report.exists():
            raise RuntimeError(f"pytest ended with {finished.returncode} and without a report")
        return read_report(report.read_text())


def read_report(xml: str) -> Outcome:
    """What a JUnit report says."""
    found: dict[str, set[str]] = {"passed": set(), "failed": set(), "skipped": set()}
    for case in ElementTree.fromstring(xml).iter("testcase"):
        place = case.get("file") or case.get("classname", "").replace(".", "/") + ".py"
        kinds = {child.tag for child in case}
        broke = kinds & {"failure", "error"}
        kind = "failed" if broke else "skipped" if "skipped" in kinds else "passed"
        found[kind].add(f"{place}::{case.get('name')}")
    # A test whose teardown broke stands there twice.
    found["passed"] -= found["failed"]
    return Outcome(**{kind: frozenset(names) for kind, names in found.items()})
