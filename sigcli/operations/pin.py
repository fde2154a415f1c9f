"""``setPin`` and ``removePin``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import Operation, argument, operation
from sigcli.operations.shapes.account_changes import PinRemoved, PinSet

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SetPin(Operation):
    """Protect the account with a PIN, or change it; only on the primary device.

    Registering the number then takes the PIN, until the account was not used for seven days.
    With it the account comes back after a loss, with its contacts and groups. Ten wrong tries
    destroy what is behind it. At least four characters; letters are allowed.
    """

    pin: str | None = argument(
        default=None,
        metavar="PIN",
        secret=True,
        help="the PIN; - reads it from stdin (default: asks for it)",
    )

    def run(self, account: Account) -> PinSet:
        from sigcli.client.account.pin import set_pin

        if self.pin is None:
            raise UsageError("which PIN?")
        set_pin(account, self.pin)
        return PinSet()


@operation
class RemovePin(Operation):
    """Take the account's PIN and the registration lock away; only on the primary device."""

    def run(self, account: Account) -> PinRemoved:
        from sigcli.client.account.pin import remove_pin

        remove_pin(account)
        return PinRemoved()
