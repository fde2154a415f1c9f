"""``sigcli setPin`` and ``removePin``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


def set_pin(
    ctx: typer.Context,
    pin: Annotated[
        str | None,
        typer.Argument(metavar="PIN", help="the PIN; - reads it from stdin, none asks for it"),
    ] = None,
) -> None:
    """Protect the account with a PIN, or change it; only on the primary device.

    Whoever registers the number then needs the PIN, until the account was not used for seven days.
    With it the account comes back after a loss, with its contacts and groups. Ten wrong tries
    destroy what is behind it. At least four characters; letters are allowed.
    """
    from sigcli.cli.pin_input import given_pin
    from sigcli.client.account.pin import set_pin as keep_behind

    with opened(ctx.obj) as account:
        keep_behind(account, given_pin(pin))
    terminal.tell("the PIN is set: nobody registers the number without it")


def remove_pin(ctx: typer.Context) -> None:
    """Take the account's PIN and the registration lock away; only on the primary device."""
    from sigcli.client.account.pin import remove_pin as take_away

    with opened(ctx.obj) as account:
        take_away(account)
    terminal.tell(
        "the account has no PIN any more: whoever gets hold of the number can register it"
    )


COMMANDS = {"setPin": set_pin, "removePin": remove_pin}
