"""The command line as a throw-away argparse tree, from which completions and man pages are made."""

from __future__ import annotations

import argparse
from typing import Any

import shtab

from sigcli.cli.app import load_command
from sigcli.cli.command_table import COMMANDS, GLOBAL_OPTIONS

_FILE_WORDS = ("FILE", "DIR", "file", "picture", "attachment")
_CHOICES = {
    "--output": ("plain-text", "json"),
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


def _add_global_options(parser: argparse.ArgumentParser) -> None:
    for spelling, meaning in GLOBAL_OPTIONS:
        *names, last = spelling.split(", ")
        long, _, value = last.partition(" ")
        names.append(long)
        if value:
            added = parser.add_argument(
                *names, metavar=value, help=_escaped(meaning), choices=_CHOICES.get(long)
            )
            _complete_files(added, value)
        else:
            parser.add_argument(*names, action="store_true", help=_escaped(meaning))


def _add_parameter(parser: argparse.ArgumentParser, parameter: Any) -> None:
    help_text = _escaped(parameter.help or "")
    if parameter.param_type_name == "argument":
        parser.add_argument(
            parameter.name,
            metavar=parameter.name.upper(),
            nargs="*" if parameter.nargs == -1 else "?",
            help=help_text,
        )
    elif parameter.is_flag:
        parser.add_argument(
            *parameter.opts, dest=parameter.name, action="store_true", help=help_text
        )
    else:
        metavar = parameter.metavar or parameter.name.upper().replace("_", "-")
        added = parser.add_argument(
            *parameter.opts,
            dest=parameter.name,
            metavar=metavar,
            nargs="+" if parameter.multiple else None,
            help=help_text,
        )
        _complete_files(added, metavar + help_text)


def _complete_files(action: argparse.Action, hint: str) -> None:
    if any(word in hint for word in _FILE_WORDS):
        action.complete = shtab.FILE  # type: ignore[attr-defined]


def _description(command: Any) -> str:
    return _escaped(" ".join((command.help or "").split()))


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
