"""``sigcli demo``: the main job in one command."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.operations.declaring import operation

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


@operation
class Demo(Command):
    """Show everything on this machine alone.

    Starts a sandbox, registers two accounts, links a second device and sends texts and attachments. Prints what
    `receive --json` gives on the three devices; tells its story on stderr. Leaves nothing behind.
    """

    def run(self, options: GlobalOptions) -> int:
        del options
        from sigcli.cli.demo_story import Story
        from sigcli.cli.stopping import end_like_interrupted
        from sigcli.sandbox.server import Sandbox

        end_like_interrupted()
        with tempfile.TemporaryDirectory(prefix="sigcli-demo-") as folder, Sandbox() as sandbox:
            Story(sandbox, Path(folder), terminal.print_unchanged, terminal.tell).play()
        return 0
