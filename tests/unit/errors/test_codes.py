"""Codes and exit codes are read by other people's programs: none changes, and none goes, by accident."""

from __future__ import annotations

import json
from pathlib import Path

from sigcli import errors

PINNED = Path(__file__).with_name("codes.json")


def error_classes() -> dict[str, type[errors.SigcliError]]:
    return {
        name: value
        for name, value in ((name, getattr(errors, name)) for name in dir(errors))
        if isinstance(value, type) and issubclass(value, errors.SigcliError)
    }


def test_codes_and_exit_codes_are_the_pinned_ones() -> None:
    now = {name: [error.code, error.exit_code] for name, error in error_classes().items()}
    pinned = json.loads(PINNED.read_text())
    # A new error is pinned with: python -m tests.unit.errors.test_codes
    assert now == pinned


def test_every_error_says_what_happened_in_a_sentence() -> None:
    for name, error in error_classes().items():
        first_line = (error.__doc__ or "").strip().splitlines()[0]
        assert first_line.endswith("."), name
        assert error.hint is None or not error.hint.removesuffix("...").endswith("."), name


if __name__ == "__main__":
    PINNED.write_text(
        json.dumps(
            {name: [e.code, e.exit_code] for name, e in sorted(error_classes().items())}, indent=1
        )
        + "\n"
    )
