"""What the commands that serve programs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
class Serving(Command):
    """Keep accounts open and receive in the background."""

    receive_mode: str = option(
        "--receive-mode",
        default="on-start",
        choices=("on-start", "on-connection", "manual"),
        help="receive from the start, while a client is connected, or when a client asks",
    )
    ignore_attachments: bool = option(
        "--ignore-attachments",
        default=False,
        help="do not download attachments (getAttachment fetches them)",
    )
    ignore_stories: bool = option("--ignore-stories", default=False, help="do not deliver stories")
    ignore_avatars: bool = option(
        "--ignore-avatars", default=False, help="do not store pictures of contacts"
    )
    ignore_stickers: bool = option(
        "--ignore-stickers", default=False, help="do not fetch sticker packs"
    )
    send_read_receipts: bool = option(
        "--send-read-receipts", default=False, help="tell senders that their messages were read"
    )

    log_format: str = option(
        "--log-format",
        default="text",
        choices=("text", "json"),
        help="format of stderr and --log-file: lines of text, or one JSON object a line",
    )

    def run(self, options: GlobalOptions) -> int:
        return self.serve(options)

    def serve(self, options: GlobalOptions, **more: Any) -> int:
        """Serve until told to stop; ``more`` holds what the options do not say."""
        assert options.serve is not None, "not started as a program"
        given = {parameter.name: getattr(self, parameter.name) for parameter in self.parameters}
        held = settings(options)
        tell: Callable[[str], None] = terminal.tell
        if self.log_format == "json":
            from sigcli.cli.log_lines import INFO, WARNING, line_writer
            from sigcli.lazy_dataclass import replace

            stderr = here().stderr.fileno()
            tell = line_writer(stderr, INFO)
            held = replace(
                held,
                warn=line_writer(stderr, WARNING),
                trace=details_writer(options, as_json=True),
            )
        return options.serve(held, {**given, **more}, tell)
