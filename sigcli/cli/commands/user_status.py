"""``sigcli getUserStatus``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened
from sigcli.errors import NoRecipients


def get_user_status(
    ctx: typer.Context,
    recipients: Annotated[list[str] | None, typer.Argument(help="numbers or service ids")] = None,
    usernames: Annotated[
        list[str] | None,
        typer.Option("--username", "--usernames", help="usernames or links to them"),
    ] = None,
) -> None:
    """Tell whether a number or a username is on the service."""
    if not recipients and not usernames:
        raise NoRecipients
    from sigcli.client.account.people.user_status import user_status

    with opened(ctx.obj) as account:
        statuses = user_status(account, recipients or (), usernames or ())
    if ctx.obj.json:
        terminal.print_json(
            [
                {
                    "recipient": status.recipient,
                    "number": status.number,
                    **({"username": status.username} if status.username else {}),
                    "uuid": status.uuid,
                    "isRegistered": status.registered,
                }
                for status in statuses
            ]
        )
        return
    for status in statuses:
        sealed = " (unrestricted sealed sender)" if status.unrestricted else ""
        terminal.print_line(f"{status.recipient}: {str(status.registered).lower()}{sealed}")


COMMANDS = {"getUserStatus": get_user_status}
