"""What the command line prints and ends with, word for word: helps, usage errors, results in text and JSON.

After a change that is meant, ``SIGCLI_GOLDEN=write`` writes the files anew; the difference is part of the change.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigcli.operations.table import OPERATIONS
from tests.unit.cli.golden import cases
from tests.unit.cli.golden.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.unit.cli.golden.stage import Case

WRITES = os.environ.get("SIGCLI_GOLDEN") == "write"
RECORDS = {
    "help": lambda: cases.help_texts(list(OPERATIONS)),
    "usage_errors": lambda: cases.usage_errors(list(OPERATIONS)),
    "outputs": cases.outputs,
}


@pytest.mark.parametrize("name", RECORDS)
def test_the_command_line_stays_as_it_is(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    stage = Stage.set(tmp_path, monkeypatch, capfd)
    recorded = _recorded(stage, RECORDS[name]())
    path = Path(__file__).with_name(f"{name}.txt")
    if WRITES:
        path.write_text(recorded)
    assert recorded.split("\n\n") == path.read_text().split("\n\n")


def test_every_command_has_its_results_recorded() -> None:
    """Except for those that start a server, which have tests of their own."""
    words = {word for case in cases.outputs() for word in case.words}
    assert set(OPERATIONS) - words == {"daemon", "demo", "jsonRpc", "sandbox"}


def _recorded(stage: Stage, some: Iterable[Case]) -> str:
    return "\n".join(stage.play(case) for case in some)
