"""``sigcli reportSpam``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


def report_spam(
    ctx: typer.Context,
    recipient: Annotated[str, typer.Argument(help="who sent it: a number, an ACI, an alias")],
    timestamps: Annotated[
        list[int] | None,
        typer.Option("-t", "--timestamp", help="only these messages, by their timestamps"),
    ] = None,
    server_guids: Annotated[
        list[str] | None,
        typer.Option(
            "--server-guid", metavar="GUID", help="these messages, by envelope.serverGuid"
        ),
    ] = None,
) -> None:
    """Report messages of somebody to the service as spam.

    Without a timestamp all of theirs that came in the last 30 days are reported, at most 100. The
    service learns which messages, not what they say. It does not block them: see block.
    """
    from sigcli.client.account.spam_reports import report

    with opened(ctx.obj) as account:
        reported = report(
            account,
            recipient,
            timestamps_ms=timestamps or (),
            server_guids=server_guids or (),
        )
    if ctx.obj.json:
        terminal.print_json(
            {
                "reported": [
                    {"serverGuid": guid, "timestamp": timestamp} for guid, timestamp in reported
                ]
            }
        )
        return
    terminal.tell(f"{len(reported)} message{'' if len(reported) == 1 else 's'} reported")


COMMANDS = {"reportSpam": report_spam}
