"""Commands that only the command line has, declared as operations are."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sigcli.operations.declaring import Declaration, load
from sigcli.operations.table import OPERATIONS, class_name

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


class Command(Declaration):
    """A command that prompts, serves or prints in its own way."""

    __slots__ = ()

    def run(self, options: GlobalOptions) -> int:
        """Run it and return the exit code."""
        raise NotImplementedError


def declaration_of(name: str) -> type[Declaration]:
    """The declaration of a command: an operation, or a command of the command line alone."""
    entry = OPERATIONS[name]
    if entry.programs:
        return load(name)
    module = import_module(f"sigcli.cli.commands.{entry.module}")
    found: type[Command] = getattr(module, class_name(name))
    return found
