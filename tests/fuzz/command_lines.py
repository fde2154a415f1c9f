"""Targets: the words of command lines, as sigcli takes them and in signal-cli's place."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from sigcli.cli.arguments import arrange, split_at_command
from sigcli.cli.building import typer_command
from sigcli.cli.command_names import canonical_command
from sigcli.cli.declared_commands import declaration_of
from sigcli.cli.plain_words import read_plain, shape_of
from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import OwnSurroundings, surrounded_by
from sigcli.errors import UsageError, UserError
from sigcli.operations.table import OPERATIONS
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from typer.core import TyperCommand

    from sigcli.cli.arguments import CommandShape
    from sigcli.operations.declaring import Declaration


class _Place(OwnSurroundings):
    """Where words are given: to sigcli, or in signal-cli's place."""

    def __init__(self, **variables: str) -> None:
        self._variables = variables

    @property
    def environ(self) -> Mapping[str, str]:
        return self._variables

    @property
    def stdout(self) -> TextIO:
        return io.StringIO()


_OWN, _IN_ITS_PLACE = _Place(), _Place(SIGCLI_COMPAT="signal-cli")


class NotPlain(UserError):
    """Words that are left to Typer."""


def _arranged(data: bytes) -> tuple[str, list[str]] | None:
    """Of words with zero bytes between them, the command and its own words; None if they ask for no command."""
    split = split_at_command(data.decode(errors="surrogateescape").split("\0"))
    if split.command is None:
        return None
    name = canonical_command(split.command, OPERATIONS)
    if name is None:
        raise UsageError(f"there is no command {split.command!r}")
    arranged = arrange(split, _shape(name, manner().stands_in))
    return None if arranged.options.get("help") else (name, arranged.words)


def _words(place: _Place, data: bytes) -> None:
    """Up to where the command would run, without Typer."""
    with surrounded_by(place):
        found = _arranged(data)
        if found is not None and _plainly(*found) is None:
            raise NotPlain


def _words_by_typer(data: bytes) -> None:
    """The same with Typer, which reads the same from words that are plainly valid."""
    with surrounded_by(_IN_ITS_PLACE):
        found = _arranged(data)
        if found is None:
            return
        plain, by_typer = _plainly(*found), _by_typer(*found)
        assert plain is None or by_typer == plain


def _plainly(name: str, words: list[str]) -> Declaration | None:
    """What is read from words that are plainly valid; None for others. Raises UserError."""
    declared = declaration_of(name)
    given = read_plain(declared, words)
    return None if given is None else declared(**given)


def _by_typer(name: str, words: list[str]) -> Declaration | None:
    import typer

    usage_error: Any = typer.BadParameter.__base__
    command, read = _command(name)
    read.clear()
    try:
        command.main(
            [word for word in words if word not in ("-h", "--help")],
            prog_name=name,
            standalone_mode=False,
        )
    except (typer.Exit, typer.Abort):
        return None
    except usage_error as error:
        raise UsageError(error.format_message()) from None
    return read[0]


@cache
def _shape(name: str, _stands_in: bool) -> CommandShape:
    return shape_of(declaration_of(name))


@cache
def _command(name: str) -> tuple[TyperCommand, list[Declaration]]:
    """Made once: a command keeps nothing of what it has read; and where it puts that."""
    read: list[Declaration] = []

    def run(value: Declaration) -> int:
        read.append(value)
        return 0

    return typer_command(name, declaration_of(name), run), read


_LINES = (
    "-a +15550100 send -m text +15550101",
    "-u +15550100 -o json receive -t 5",
    "send -m text -g AAAA= --attachment a b c",
    "updateGroup -g AAAA= -m +1 +2 -n name --link=enabled",
    "--output=json listContacts",
    "sendReaction -e x -a +15550101 -t 1 +15550101",
    "updateProfile --given-name A --remove-avatar",
    "daemon --socket --tcp localhost:1 --receive-mode manual",
    "trust -a +15550101",
)


def _word_seeds() -> list[bytes]:
    return [one.replace(" ", "\0").encode() for one in _LINES]


TARGETS = (
    Target("words", lambda data: _words(_OWN, data), _word_seeds, (UserError,)),
    Target("words-signal-cli", lambda data: _words(_IN_ITS_PLACE, data), _word_seeds, (UserError,)),
    Target("words-typer", _words_by_typer, _word_seeds, (UserError,), rounds=30),
)
