"""``sigcli listAccounts`` and ``deleteLocalAccountData``: what is on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import settings


def list_accounts(ctx: typer.Context) -> None:
    """List the accounts in the data directory."""
    from sigcli.client.account.local_accounts import list_local_accounts

    accounts = list_local_accounts(settings(ctx.obj))
    if ctx.obj.json:
        terminal.print_json(
            [
                {"number": a.number, "uuid": str(a.aci), "environment": a.environment}
                for a in accounts
            ]
        )
        return
    for account in accounts:
        terminal.print_line(f"Number: {account.number or account.aci}")


def delete_local_account_data(
    ctx: typer.Context,
    ignore_registered: Annotated[
        bool, typer.Option("--ignore-registered", help="delete even if the device is still linked")
    ] = False,
) -> None:
    """Delete an account's data on this machine: keys, messages, attachments."""
    from sigcli.client.account.local_accounts import delete_local_account

    delete_local_account(settings(ctx.obj), ignore_registered=ignore_registered)


COMMANDS = {"listAccounts": list_accounts, "deleteLocalAccountData": delete_local_account_data}
