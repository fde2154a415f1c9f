"""``register``, ``verify`` and ``unregister``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.declaring import Operation, argument, operation, option
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.registering import AccountRegistered, RegistrationBegun

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings


def pin_option(help: str) -> Any:
    """The parameter that takes a PIN."""
    return option("-p", "--pin", default=None, metavar="PIN", secret=True, help=help)


@operation
class AsksForCode(Operation):
    """An operation that has a verification code sent to a number."""

    voice: bool = option("-v", "--voice", default=False, help="have the code read out in a call")
    captcha: str | None = option(
        "--captcha",
        default=None,
        metavar="LINK",
        secret=True,
        help="the solved captcha, with or without signalcaptcha://",
    )


@operation
class Register(AsksForCode):
    """Have a verification code sent to the number of --account.

    The account is made by sigcli verify. That takes the number away from a phone that uses it now;
    to use the account of a phone, link instead.
    """

    refuses_unknown = True

    reregister: bool = option(
        "--reregister",
        default=False,
        help="register again, even if this machine is registered",
    )

    def run(self, settings: Settings) -> RegistrationBegun:
        from sigcli.client.account.registration import register_number

        begun = register_number(
            settings,
            voice=self.voice,
            captcha=self.captcha,
            reregister=self.reregister,
            language=settings.language,
            warn_first=lambda: settings.warn(
                "registering takes the number away from a phone that uses it now, and signs out its linked"
                " devices; sigcli link uses the account of a phone beside it"
            ),
        )
        return RegistrationBegun(begun, self.voice)


@operation
class Verify(Operation):
    """Hand in the code and become the primary device of the number's account.

    A wrong code can be mended: run it again. The PIN opens a registration lock, and brings back
    contacts and groups. Ten wrong ones destroy what is behind it.
    """

    refuses_unknown = True

    code: str = argument(
        metavar="CODE",
        json="verificationCode",
        secret=True,
        help="the code, such as 123-456",
    )
    pin: str | None = pin_option("the account's PIN; - reads it from stdin")

    def run(self, settings: Settings) -> AccountRegistered:
        from sigcli.client.account.registration import verify_number

        return AccountRegistered(verify_number(settings, self.code, self.pin))


@operation
class Unregister(Operation):
    """Receive no more on this device.

    Nobody reaches an account whose primary device is signed off; updateAccount undoes that. A
    linked device is removed from its account. What is stored on this machine stays until
    deleteLocalAccountData.
    """

    delete_account: bool = option(
        "--delete-account", default=False, help="delete the account at the service, for good"
    )

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.unregister import unregister

        unregister(account, delete_account=self.delete_account)
        return Nothing()
