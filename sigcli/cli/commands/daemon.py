"""``sigcli daemon``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.details import details_writer
from sigcli.cli.opening import settings
from sigcli.cli.surroundings import here
from sigcli.operations.declaring import operation, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.cli.options import GlobalOptions


@operation
class Daemon(Command):
    """Keep accounts open: messages are received and jobs done in the background.

    All accounts of the data directory, also those that are added while it runs, or the one that -a names. What comes is
    kept for each consumer until it has taken it; receive prints it as one of them. SIGTERM ends the daemon.
    """

    receive_mode: str = option(
        "--receive-mode",
        default="on-start",
        choices=("on-start", "on-connection", "manual"),
        help="receive from the start, from the first client on, or when one asks for it",
    )
    ignore_attachments: bool = option(
        "--ignore-attachments",
        default=False,
        help="download no attachments (getAttachment fetches them)",
    )
    ignore_stories: bool = option("--ignore-stories", default=False, help="hand out no stories")
    ignore_avatars: bool = option(
        "--ignore-avatars", default=False, help="keep no pictures of contacts"
    )
    ignore_stickers: bool = option(
        "--ignore-stickers", default=False, help="fetch nothing of sticker packs"
    )
    send_read_receipts: bool = option(
        "--send-read-receipts", default=False, help="tell senders that their messages were read"
    )

    log_format: str = option(
        "--log-format",
        default="text",
        choices=("text", "json"),
        help="what goes to stderr, and with -v to --log-file: lines of text, or a JSON object a line",
    )

    def run(self, options: GlobalOptions) -> int:
        assert options.serve is not None, "started otherwise than as a program"
        given = {parameter.name: getattr(self, parameter.name) for parameter in self.parameters}
        held = settings(options)
        tell: Callable[[str], None] = terminal.tell
        if self.log_format == "json":
            from dataclasses import replace

            from sigcli.cli.log_lines import INFO, WARNING, line_writer

            stderr = here().stderr.fileno()
            tell = line_writer(stderr, INFO)
            held = replace(
                held,
                warn=line_writer(stderr, WARNING),
                trace=details_writer(options, as_json=True),
            )
        return options.serve(held, given, tell)
