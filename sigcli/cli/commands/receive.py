"""``sigcli receive``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened
from sigcli.cli.outlet import Outlet
from sigcli.cli.stopping import StopRequest
from sigcli.errors import ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.events import Directory, ReceivedEvent


def receive(
    ctx: typer.Context,
    timeout_s: Annotated[
        float | None,
        typer.Option(
            "-t",
            "--timeout",
            metavar="SECONDS",
            help="wait that long for new messages, negative: for ever (default: end when the queue is empty)",
        ),
    ] = None,
    max_messages: Annotated[
        int, typer.Option("--max-messages", help="stop after that many (default, and 0: no limit)")
    ] = -1,
    ignore_attachments: Annotated[
        bool,
        typer.Option(
            "--ignore-attachments", help="download no attachments (getAttachment fetches them)"
        ),
    ] = False,
    ignore_stories: Annotated[
        bool, typer.Option("--ignore-stories", help="print no stories")
    ] = False,
    ignore_avatars: Annotated[
        bool, typer.Option("--ignore-avatars", help="keep no pictures of contacts")
    ] = False,
    ignore_stickers: Annotated[
        bool, typer.Option("--ignore-stickers", help="fetch nothing of sticker packs")
    ] = False,
    send_read_receipts: Annotated[
        bool,
        typer.Option(
            "--send-read-receipts",
            help="tell senders that their messages were read (and the own devices what was viewed once)",
        ),
    ] = False,
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay",
            metavar="[SINCE]",
            help="print again what is kept, all of it or since a time (ms since 1970, or 90m, 24h, 7d ago)",
        ),
    ] = None,
) -> int:
    """Print what has arrived, one message at a time.

    A message is acknowledged to the service when it is stored here, and counts as printed when its
    line has been taken by the reader: what was not is printed first the next time. What its sender
    has deleted by then, what has expired and what was viewed once is printed without its content.
    """
    from sigcli.client.receiving.receiving import ReceiveOptions, receive_messages, replay_messages

    with opened(ctx.obj) as account, StopRequest() as stop:
        outlet = Outlet(sys.stdout.fileno(), stop.requested)
        printer = _printer(account, outlet, as_json=ctx.obj.json)
        try:
            if replay is not None:
                replay_messages(account, replay, printer, stop)
            else:
                options = ReceiveOptions(
                    timeout_s=timeout_s,
                    max_messages=max_messages if max_messages > 0 else None,
                    ignore_attachments=ignore_attachments,
                    ignore_stories=ignore_stories,
                    ignore_avatars=ignore_avatars,
                    ignore_stickers=ignore_stickers,
                    send_read_receipts=send_read_receipts,
                )
                receive_messages(account, options, printer, stop)
        except ReaderGone:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _printer(account: Account, outlet: Outlet, *, as_json: bool) -> Callable[[ReceivedEvent], bool]:
    """A function that prints one event and says whether its line has left for good."""
    directory: Directory = account.directory()
    if as_json:
        from sigcli.client.shapes import event_json

        return lambda event: outlet.deliver(terminal.json_line(event_json(event, directory)))
    from sigcli.cli.render import event_text

    return lambda event: outlet.deliver(event_text(event, directory))


COMMANDS = {"receive": receive}
