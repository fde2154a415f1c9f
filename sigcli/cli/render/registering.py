"""The state of a registration or change of number, and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import tell

if TYPE_CHECKING:
    from sigcli.operations.shapes.registering import (
        AccountRegistered,
        NumberChangeBegun,
        NumberChanged,
        RegistrationBegun,
    )


def tell_registration_begun(result: RegistrationBegun) -> None:
    """Where the code arrives, or that none is needed."""
    from sigcli.client.account.registration import Begun

    if result.begun is Begun.REGISTERED:
        tell("the number is registered again; no code was needed")
    elif result.begun is Begun.REACTIVATED:
        tell("the account had only been unregistered here and receives again; no code was needed")
    elif result.begun is Begun.VERIFIED:
        tell("the code was accepted before: finish with sigcli verify and the same code")
    else:
        tell(f"the code comes in {_way(result.voice)}: enter it with sigcli -a NUMBER verify CODE")


def tell_registered(result: AccountRegistered) -> None:
    """The account's number, and what to do about other devices and the PIN."""
    registered = result.registered
    tell(f"{registered.number} is registered as {registered.aci}")
    if registered.reregistration:
        tell("all other devices of the account were signed out; link them again")
    if registered.may_restore:
        tell(
            "the service may still have the account's contacts and groups: within a week, sigcli verify with"
            " the same code and --pin PIN brings them back; sigcli setPin starts without them"
        )
    elif not registered.has_pin:
        tell(
            "the account has no PIN: anyone who gets hold of the number can register it; set one with"
            " sigcli setPin, and add a name with sigcli updateProfile --given-name NAME"
        )
    elif not registered.is_locked:
        tell("the PIN does not lock the number yet: run sigcli setPin with the same PIN to lock it")


def tell_number_change_begun(result: NumberChangeBegun) -> None:
    """Where the code arrives, and how to enter it."""
    finish = f"sigcli finishChangeNumber {result.number} -v CODE"
    if result.verified:
        tell(f"the code was accepted before: finish with {finish}")
    else:
        tell(f"the code comes in {_way(result.voice)}: enter it with {finish}")


def tell_number_changed(result: NumberChanged) -> None:
    """Which account now has which number."""
    tell(f"account {result.aci} now has the number {result.number}")


def _way(voice: bool) -> str:
    return "a call" if voice else "a text message"
