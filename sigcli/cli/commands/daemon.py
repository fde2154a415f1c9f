"""``sigcli daemon``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import settings
from sigcli.errors import UsageError

RECEIVE_MODES = ("on-start", "on-connection", "manual")


def daemon(
    ctx: typer.Context,
    receive_mode: Annotated[
        str,
        typer.Option(
            "--receive-mode",
            metavar="|".join(RECEIVE_MODES),
            help="receive from the start, from the first client on, or when one asks for it",
        ),
    ] = "on-start",
    ignore_attachments: Annotated[
        bool,
        typer.Option(
            "--ignore-attachments", help="download no attachments (getAttachment fetches them)"
        ),
    ] = False,
    ignore_stories: Annotated[
        bool, typer.Option("--ignore-stories", help="hand out no stories")
    ] = False,
    ignore_avatars: Annotated[
        bool, typer.Option("--ignore-avatars", help="keep no pictures of contacts")
    ] = False,
    ignore_stickers: Annotated[
        bool, typer.Option("--ignore-stickers", help="fetch nothing of sticker packs")
    ] = False,
    send_read_receipts: Annotated[
        bool,
        typer.Option("--send-read-receipts", help="tell senders that their messages were read"),
    ] = False,
) -> int:
    """Keep accounts open: messages are received and jobs done in the background.

    All accounts of the data directory, also those that are added while it runs, or the one that -a names. SIGTERM ends
    it.
    """
    if receive_mode not in RECEIVE_MODES:
        raise UsageError(
            f"{receive_mode!r} is no receive mode", hint=f"take one of {', '.join(RECEIVE_MODES)}"
        )
    serve = ctx.obj.serve
    assert serve is not None, "started otherwise than as a program"
    code: int = serve(
        settings(ctx.obj),
        {
            "receive_mode": receive_mode,
            "ignore_attachments": ignore_attachments,
            "ignore_stories": ignore_stories,
            "ignore_avatars": ignore_avatars,
            "ignore_stickers": ignore_stickers,
            "send_read_receipts": send_read_receipts,
        },
        terminal.tell,
    )
    return code


COMMANDS = {"daemon": daemon}
