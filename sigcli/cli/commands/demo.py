"""``sigcli demo``: the main job in one command."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.operations.declaring import operation

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


@operation
class Demo(Command):
    """Show everything on this machine alone.

    Starts a sandbox, registers two accounts, links a second device and sends texts and attachments. Prints what
    `receive --json` gives on the three devices, on a terminal the texts alone; tells its story on stderr. Leaves
    nothing behind.
    """

    def run(self, options: GlobalOptions) -> int:
        from sigcli.cli.demo_story import Story
        from sigcli.cli.presentation import on_terminal
        from sigcli.cli.stopping import end_like_interrupted
        from sigcli.sandbox.server import Sandbox

        show = terminal.print_unchanged if options.json or not on_terminal() else _show_text
        end_like_interrupted()
        with tempfile.TemporaryDirectory(prefix="sigcli-demo-") as folder, Sandbox() as sandbox:
            Story(sandbox, Path(folder), show, terminal.tell).play()
        return 0


def _show_text(line: str) -> None:
    """Of what ``receive --json`` has printed, what people have written."""
    import json

    text = text_in(json.loads(line)["envelope"])
    if text is not None:
        terminal.print_line(f"    {text}")


def text_in(envelope: dict[str, Any]) -> str | None:
    """Who has written what, with which files; None of what people do not see."""
    from sigcli.cli.render.brief import size_text

    sent = (envelope.get("syncMessage") or {}).get("sentMessage")
    message = envelope.get("dataMessage") or sent
    if message is None:
        return None
    files = [
        f"{one['filename']}, {size_text(one['size'])}" for one in message.get("attachments", ())
    ]
    whose = (
        f"{envelope['sourceName']}, to {sent['destinationNumber']}"
        if sent
        else envelope["sourceName"]
    )
    return f"{whose}: {message['message']}" + "".join(f" [{file}]" for file in files)
