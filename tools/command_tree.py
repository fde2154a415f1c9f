"""The command line as a throw-away argparse tree, from which completions and man pages are made."""

from __future__ import annotations

import argparse
import re
from typing import Any

import shtab

from sigcli.cli.app import is_greedy, load_command
from sigcli.cli.command_table import COMMANDS, GLOBAL_OPTIONS

_FILES = re.compile(r"FILE\b|\bfiles?\b(?! name)")
_CHOICES = re.compile(r"[a-z-]+(\|[a-z-]+)+")
_GLOBAL_CHOICES = {
    "--service-environment": ("live", "staging", "sandbox"),
    "--trust-new-identities": ("on-first-use", "unless-verified", "always", "never"),
}


def command_tree() -> argparse.ArgumentParser:
    """A parser with a sub-parser for every command; it is never used to parse."""
    parser = argparse.ArgumentParser(
        prog="sigcli", description="A Signal messenger client for the command line", add_help=False
    )
    _add_global_options(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, entry in COMMANDS.items():
        command = load_command(name)
        one = commands.add_parser(
            name, help=entry.summary, description=_description(command), add_help=False
        )
        for parameter in command.params:
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
    for spelling, meaning in GLOBAL_OPTIONS:
        *names, last = spelling.split(", ")
        long, _, value = last.partition(" ")
        names.append(long)
        if value:
            choices = _GLOBAL_CHOICES.get(long) or _choices(value)
            added = parser.add_argument(
                *names, metavar=value, help=_escaped(meaning), choices=choices
            )
            _complete_files(added, value)
        else:
            parser.add_argument(*names, action="store_true", help=_escaped(meaning))


def _add_parameter(parser: argparse.ArgumentParser, parameter: Any) -> None:
    help_text = _escaped(parameter.help or "")
    choices = getattr(parameter.type, "choices", None) or _choices(parameter.metavar or "")
    choices = tuple(choices) if choices else None
    if parameter.param_type_name == "argument":
        several = parameter.nargs == -1
        metavar = parameter.name.upper().replace("_", "-")
        added = parser.add_argument(
            parameter.name,
            metavar=metavar.removesuffix("S") if several else metavar,
            nargs="*" if several else None if parameter.required else "?",
            choices=choices,
            help=help_text,
        )
        _complete_files(added, help_text)
    elif parameter.is_flag:
        parser.add_argument(
            *parameter.opts, dest=parameter.name, action="store_true", help=help_text
        )
    else:
        long = next(name for name in parameter.opts if name.startswith("--"))
        metavar = "|".join(choices) if choices else parameter.metavar or _metavar(long)
        added = parser.add_argument(
            *parameter.opts,
            dest=parameter.name,
            metavar=metavar,
            nargs="+" if is_greedy(parameter) else None,
            required=parameter.required,
            choices=choices,
            help=help_text,
        )
        _complete_files(added, f"{metavar} {help_text}")


def _metavar(long: str) -> str:
    return "TIMESTAMP" if long.endswith("-timestamp") else long[2:].upper()


def _choices(metavar: str) -> tuple[str, ...] | None:
    return tuple(metavar.split("|")) if _CHOICES.fullmatch(metavar) else None


def _complete_files(action: argparse.Action, hint: str) -> None:
    if re.search(r"\bDIR\b", hint):
        action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    elif _FILES.search(hint):
        action.complete = shtab.FILE  # type: ignore[attr-defined]


def _description(command: Any) -> str:
    return _escaped(" ".join((command.help or "").split()))


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
