"""``startChangeNumber`` and ``finishChangeNumber``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import Operation, argument, operation, option
from sigcli.operations.registration import AsksForCode, pin_option
from sigcli.operations.shapes.registering import NumberChangeBegun, NumberChanged

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class StartChangeNumber(AsksForCode):
    """Have a verification code sent to a number that the account is to have (primary device only).

    Nothing changes before finishChangeNumber.
    """

    number: str = argument(metavar="NUMBER", help="the new number, such as +15550100")

    def run(self, account: Account) -> NumberChangeBegun:
        from sigcli.client.account.changing_number import start_change

        verified = start_change(
            account,
            self.number,
            voice=self.voice,
            captcha=self.captcha,
            language=account.settings.language,
        )
        return NumberChangeBegun(self.number, self.voice, verified)


@operation
class FinishChangeNumber(Operation):
    """Hand in the code and move the account to the number (primary device only).

    Linked devices stay linked. An account that has the number now is deleted. What fails can be
    repeated.
    """

    number: str = argument(metavar="NUMBER", help="the new number, such as +15550100")
    code: str = option(
        "-v",
        "--verification-code",
        metavar="CODE",
        secret=True,
        help="the code, such as 123-456",
    )
    pin: str | None = pin_option(
        "the PIN of the account that has the number now; - reads it from stdin"
    )

    def run(self, account: Account) -> NumberChanged:
        from sigcli.client.account.changing_number import finish_change

        finish_change(account, self.number, self.code, self.pin)
        return NumberChanged(str(account.aci), account.number)
