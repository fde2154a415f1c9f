"""``sigcli updateAccount``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.choices import true_or_false
from sigcli.cli.opening import editing
from sigcli.errors import UsageError


def update_account(
    ctx: typer.Context,
    device_name: Annotated[
        str | None, typer.Option("-n", "--device-name", help="how this device is listed")
    ] = None,
    unrestricted_unidentified_sender: Annotated[
        str | None,
        typer.Option(
            "--unrestricted-unidentified-sender",
            metavar="true|false",
            help="let anybody send sealed messages (primary device only)",
        ),
    ] = None,
    discoverable_by_number: Annotated[
        str | None,
        typer.Option(
            "--discoverable-by-number",
            metavar="true|false",
            help="let others find the account by its number (primary device only)",
        ),
    ] = None,
    username: Annotated[
        str | None,
        typer.Option(
            "-u", "--username", help="be found by this name: name.42, or name and a free number"
        ),
    ] = None,
    delete_username: Annotated[
        bool, typer.Option("--delete-username", help="give the username and its link up")
    ] = False,
    number_sharing: Annotated[
        str | None,
        typer.Option(
            "--number-sharing",
            metavar="true|false",
            help="show the number to everybody who gets a message",
        ),
    ] = None,
    renew_keys: Annotated[
        bool,
        typer.Option(
            "--renew-keys",
            help="replace the keys of storage, PIN and re-registration (primary device only)",
        ),
    ] = False,
) -> None:
    """Change the account's attributes; without an option: refresh them."""
    if username is not None and delete_username:
        raise UsageError("--username and --delete-username exclude each other")
    from sigcli.client.account.update_account import update_account as update

    with editing(ctx.obj) as account:
        named = update(
            account,
            device_name=device_name,
            unrestricted_unidentified_sender=true_or_false(
                "--unrestricted-unidentified-sender", unrestricted_unidentified_sender
            ),
            discoverable_by_number=true_or_false(
                "--discoverable-by-number", discoverable_by_number
            ),
            number_sharing=true_or_false("--number-sharing", number_sharing),
            username=username,
            delete_username=delete_username,
            renew_keys=renew_keys,
        )
    if named is None:
        return
    link = None if named.link is None else named.link.url
    if ctx.obj.json:
        terminal.print_json({"username": named.username, "usernameLink": link})
    else:
        terminal.print_line(f"Your new username: {named.username} ({link or '-'})")


COMMANDS = {"updateAccount": update_account}
