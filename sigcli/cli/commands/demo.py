"""``sigcli demo``: the main job in one command."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

import typer

from sigcli.cli import terminal


def demo(ctx: typer.Context) -> None:
    """Show everything on this machine alone.

    Starts a sandbox, registers two accounts, links a second device and sends texts and attachments.
    Prints what `receive --json` gives on the three devices; tells its story on stderr. Leaves
    nothing behind.
    """
    del ctx
    from sigcli.cli.demo_story import Story
    from sigcli.sandbox.server import Sandbox

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="sigcli-demo-") as folder, Sandbox() as sandbox:
        Story(sandbox, Path(folder), terminal.print_unchanged, terminal.tell).play()


COMMANDS = {"demo": demo}
