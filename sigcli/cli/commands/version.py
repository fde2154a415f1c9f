"""``sigcli version``."""

from __future__ import annotations

import typer

from sigcli import __version__
from sigcli.cli import terminal


def version(ctx: typer.Context) -> None:
    """Print the version."""
    if ctx.obj.json:
        terminal.print_json({"version": __version__})
    else:
        terminal.print_line(f"sigcli {__version__}")


COMMANDS = {"version": version}
