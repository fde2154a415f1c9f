"""``sigcli startChangeNumber`` and ``finishChangeNumber``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.language import user_language
from sigcli.cli.opening import opened

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="the new number, such as +15550100")]


def start_change_number(
    ctx: typer.Context,
    number: Number,
    voice: Annotated[
        bool, typer.Option("-v", "--voice", help="have the code read out in a call")
    ] = False,
    captcha: Annotated[
        str | None,
        typer.Option(
            "--captcha",
            metavar="LINK",
            help="the solved captcha, with or without signalcaptcha://",
        ),
    ] = None,
) -> None:
    """Have a verification code sent to a number that the account is to have (primary device only).

    Nothing changes before finishChangeNumber.
    """
    from sigcli.client.account.changing_number import start_change

    with opened(ctx.obj) as account:
        verified = start_change(
            account, number, voice=voice, captcha=captcha, language=user_language()
        )
    finish = f"sigcli finishChangeNumber {number} -v CODE"
    if verified:
        terminal.tell(f"the code was accepted before: finish with {finish}")
    else:
        way = "a call" if voice else "a text message"
        terminal.tell(f"the code comes in {way}: hand it in with {finish}")


def finish_change_number(
    ctx: typer.Context,
    number: Number,
    code: Annotated[
        str,
        typer.Option("-v", "--verification-code", metavar="CODE", help="the code, such as 123-456"),
    ],
    pin: Annotated[
        str | None,
        typer.Option(
            "-p",
            "--pin",
            metavar="PIN",
            help="the PIN of the account that has the number now; - reads it from stdin",
        ),
    ] = None,
) -> None:
    """Hand in the code and move the account to the number (primary device only).

    Linked devices stay linked. An account that has the number now is deleted. What fails can be
    repeated.
    """
    from sigcli.cli.pin_input import given_pin
    from sigcli.client.account.changing_number import finish_change

    chosen_pin = None if pin is None else given_pin(pin)
    with opened(ctx.obj) as account:
        finish_change(account, number, code, chosen_pin)
        terminal.tell(f"the account {account.aci} has the number {account.number} now")


COMMANDS = {"startChangeNumber": start_change_number, "finishChangeNumber": finish_change_number}
