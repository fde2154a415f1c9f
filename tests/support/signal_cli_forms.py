"""Command lines that programs build for signal-cli, as ``tests/e2e/signal_cli_forms.txt`` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent.parent / "e2e" / "signal_cli_forms.txt"
RUNS = "runs"
"""In the place of an exit code: it runs until it is ended."""


@dataclass(frozen=True, slots=True)
class Form:
    """A command line as a shell reads it, and how it ends: with signal-cli, and with what stands in for it.

    An exit code as a text, or RUNS. Where the two differ, ``why`` says why.
    """

    words: str
    signal_cli: str
    ours: str
    why: str = ""


def sections() -> dict[str, list[Form]]:
    """All of them, by section."""
    found: dict[str, list[Form]] = {}
    forms: list[Form] = []
    for line in FILE.read_text().splitlines():
        if line.startswith("["):
            forms = found.setdefault(line.strip("[]"), [])
        elif line.startswith(" "):
            last = forms.pop()
            forms.append(Form(last.words, last.signal_cli, last.ours, line.strip(" #")))
        elif line and not line.startswith("#"):
            ends, _, words = line.partition("|")
            theirs, *ours = ends.split()
            forms.append(Form(words.strip(), theirs, (ours or [theirs])[0]))
    return found
