"""What is read without Typer is what Typer reads, and what it refuses is left to it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import typer

from sigcli.cli.building import typer_command
from sigcli.cli.declared_commands import declaration_of
from sigcli.cli.plain_words import read_plain
from sigcli.errors import SigcliError
from sigcli.operations.table import OPERATIONS

if TYPE_CHECKING:
    from sigcli.operations.declaring import Declaration, Parameter

LINES = 60
VALUES = (
    "",
    "-",
    "--",
    "-5",
    "0",
    "7",
    "007",
    "1_0",
    " 3 ",
    "2.5",
    "nan",
    "true",
    "False",
    "+15550100",
    "a=b",
    "äöü",
)


def by_typer(name: str, declared: type[Declaration], words: list[str]) -> Declaration | None:
    """What Typer makes of the words; None if it refuses them, or shows help."""
    made: list[Declaration] = []

    def keep(value: Declaration) -> int:
        made.append(value)
        return 0

    refusal: Any = typer.BadParameter.__base__
    try:
        typer_command(name, declared, keep).main(list(words), prog_name=name, standalone_mode=False)
    except (refusal, typer.Exit, SigcliError):
        return None
    return made[0] if made else None


def by_itself(declared: type[Declaration], words: list[str]) -> Declaration | None:
    try:
        given = read_plain(declared, words)
        return None if given is None else declared(**given)
    except SigcliError:
        return None


def value_for(parameter: Parameter, chance: random.Random) -> str:
    if parameter.choices and chance.random() < 0.8:
        return chance.choice(parameter.choices)
    if parameter.kind in (int, float) and chance.random() < 0.8:
        return str(chance.randrange(-1, 5))
    return chance.choice(VALUES)


def a_line(declared: type[Declaration], chance: random.Random) -> list[str]:
    words: list[str] = []
    for parameter in chance.sample(declared.parameters, len(declared.parameters)):
        likely = 0.9 if parameter.required else 0.3
        for _ in range(chance.choice((1, 1, 1, 2))):
            if chance.random() > likely:
                continue
            if parameter.is_argument:
                words.append(value_for(parameter, chance))
                continue
            spelling = chance.choice(parameter.spellings)
            if not parameter.takes_value:
                words.append(spelling + chance.choice(("", "", "", "x", "=1")))
            elif chance.random() < 0.5:
                words += [spelling, value_for(parameter, chance)]
            else:
                joint = "=" if spelling.startswith("--") else ""
                words.append(spelling + joint + value_for(parameter, chance))
    return words + chance.choice([[], [], [], ["--"], ["--help"], ["-x"], ["--no-such-option"]])


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_command_reads_its_words_as_typer_does(name: str) -> None:
    declared = declaration_of(name)
    chance = random.Random(name)
    for _ in range(LINES):
        words = a_line(declared, chance)
        expected, found = by_typer(name, declared, words), by_itself(declared, words)
        assert repr(found) == repr(expected), words
        for parameter in declared.parameters:
            # Compared as text: nan differs from itself.
            assert repr(getattr(found, parameter.name, None)) == repr(
                getattr(expected, parameter.name, None)
            ), words


def test_most_plain_lines_need_no_typer() -> None:
    read = 0
    for name in OPERATIONS:
        declared = declaration_of(name)
        for seed in range(LINES):
            words = a_line(declared, random.Random(seed))
            read += by_itself(declared, words) is not None
    assert read > LINES * len(OPERATIONS) // 4
