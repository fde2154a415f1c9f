"""``sigcli register``, ``verify`` and ``unregister``."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.language import user_language
from sigcli.cli.opening import opened, settings


def register(
    ctx: typer.Context,
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
    reregister: Annotated[
        bool,
        typer.Option("--reregister", help="register anew, also if this machine is registered"),
    ] = False,
) -> None:
    """Have a verification code sent to the number of --account.

    The account is made by sigcli verify. That takes the number away from a phone that uses it now;
    to use the account of a phone, link instead.
    """
    from sigcli.client.account.registration import Begun, register_number

    chosen = settings(ctx.obj)
    begun = register_number(
        chosen,
        voice=voice,
        captcha=captcha,
        reregister=reregister,
        language=user_language(),
        warn_first=_warn_of_phones,
    )
    if begun is Begun.REGISTERED:
        terminal.tell("the number is registered again, no code was needed")
    elif begun is Begun.REACTIVATED:
        terminal.tell("the account was only signed off, and receives again; no code was needed")
    elif begun is Begun.VERIFIED:
        terminal.tell("the code was accepted before: finish with sigcli verify and the same code")
    else:
        way = "a call" if voice else "a text message"
        terminal.tell(f"the code comes in {way}: hand it in with sigcli -a NUMBER verify CODE")


def verify(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="the code, such as 123-456")],
    pin: Annotated[
        str | None,
        typer.Option("-p", "--pin", metavar="PIN", help="the account's PIN; - reads it from stdin"),
    ] = None,
) -> None:
    """Hand in the code and become the primary device of the number's account.

    A wrong code can be mended: run it again. The PIN opens a registration lock, and brings back
    contacts and groups. Ten wrong ones destroy what is behind it.
    """
    from sigcli.cli.pin_input import given_pin
    from sigcli.client.account.registration import verify_number

    # SIGTERM ends it as Ctrl-C does, so that no half of an account is left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen_pin = None if pin is None else given_pin(pin)
    registered = verify_number(settings(ctx.obj), code, chosen_pin)
    terminal.tell(f"{registered.number} is registered as {registered.aci}")
    if registered.reregistration:
        terminal.tell("all other devices of the account were signed out; link them again")
    if registered.may_restore:
        terminal.tell(
            "the service may hold contacts and groups of the account: sigcli verify with the same code"
            " and --pin PIN brings them back within a week, sigcli setPin does without them"
        )
    elif not registered.has_pin:
        _tell_of_the_pin()
    elif not registered.is_locked:
        terminal.tell("the PIN does not lock the number yet: sigcli setPin does, with the same one")


def unregister(
    ctx: typer.Context,
    delete_account: Annotated[
        bool,
        typer.Option("--delete-account", help="delete the account at the service, for good"),
    ] = False,
) -> None:
    """Receive no more on this device.

    Nobody reaches an account whose primary device is signed off; updateAccount undoes that. A
    linked device is removed from its account. What is stored on this machine stays until
    deleteLocalAccountData.
    """
    from sigcli.client.account.unregister import unregister as sign_off

    with opened(ctx.obj) as account:
        sign_off(account, delete_account=delete_account)


def _warn_of_phones() -> None:
    terminal.warn(
        "registering takes the number away from a phone that uses it now, and signs out its linked"
        " devices; sigcli link uses the account of a phone beside it"
    )


def _tell_of_the_pin() -> None:
    terminal.tell(
        "the account has no PIN: whoever gets hold of the number can register it; set one with"
        " sigcli setPin, and add a name with sigcli updateProfile --given-name NAME"
    )


COMMANDS = {"register": register, "verify": verify, "unregister": unregister}
