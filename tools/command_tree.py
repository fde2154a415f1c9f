"""The command line as a throw-away argparse tree, from which completions and man pages are made."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sigcli.cli.declared_commands import declaration_of
from sigcli.operations.table import OPERATIONS
from sigcli.store.setting_table import SETTINGS

if TYPE_CHECKING:
    from sigcli.operations.declaring import Declaration, Parameter

ACCOUNTS = "accounts"


def command_tree() -> argparse.ArgumentParser:
    """A parser with a sub-parser for every command; it is never used to parse."""
    parser = argparse.ArgumentParser(
        prog="sigcli", description="A Signal messenger client for the command line", add_help=False
    )
    _add_global_options(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, entry in OPERATIONS.items():
        declared = declaration_of(name)
        one = commands.add_parser(
            name, help=entry.summary, description=_description(declared), add_help=False
        )
        for parameter in declared.parameters:
            _add_parameter(one, parameter)
    return parser


def commands_of(tree: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The sub-parsers by the names of their commands."""
    for action in tree._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def actions_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Options and arguments of a parser, without its commands."""
    return [
        action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)
    ]


def _add_global_options(parser: argparse.ArgumentParser) -> None:
    for row in SETTINGS:
        help_text = _escaped(row.shown_help)
        if row.takes_value and row.spellings:
            added = parser.add_argument(
                *row.spellings, metavar=row.metavar, help=help_text, choices=row.choices or None
            )
            _complete(added, ACCOUNTS if row.field == "account" else row.completes)
        elif row.spellings:
            parser.add_argument(*row.spellings, action="store_true", help=help_text)


def _add_parameter(parser: argparse.ArgumentParser, parameter: Parameter) -> None:
    help_text = _escaped(parameter.help)
    choices = parameter.choices or (("true", "false") if parameter.kind is bool else None)
    if parameter.is_argument:
        added = parser.add_argument(
            parameter.name,
            metavar=parameter.value_name,
            nargs="*" if parameter.many else None if parameter.required else "?",
            choices=choices,
            help=help_text,
        )
    elif not parameter.takes_value:
        parser.add_argument(
            *parameter.spellings, dest=parameter.name, action="store_true", help=help_text
        )
        return
    else:
        added = parser.add_argument(
            *parameter.spellings,
            dest=parameter.name,
            metavar=parameter.value_name,
            nargs="+" if parameter.many and parameter.greedy else None,
            required=parameter.required,
            choices=choices,
            help=help_text,
        )
    _complete(added, parameter.completes, parameter.suggestions)


def _complete(action: argparse.Action, kind: str | None, suggestions: tuple[str, ...] = ()) -> None:
    """Note what shells complete a value to."""
    action.completes = kind or "value"  # type: ignore[attr-defined]
    action.suggestions = suggestions  # type: ignore[attr-defined]


def completed(action: argparse.Action) -> tuple[str, tuple[str, ...]]:
    """What a shell completes the value of an option or argument to: a kind, and words; ``none`` for a flag."""
    if action.nargs == 0:
        return "none", ()
    suggestions: tuple[str, ...] = getattr(action, "suggestions", ())
    return getattr(action, "completes", "value"), tuple(action.choices or suggestions)


def _description(declared: type[Declaration]) -> str:
    return _escaped(" ".join((declared.__doc__ or "").split()))


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
