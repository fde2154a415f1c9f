"""``sendPaymentNotification``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.audience import resolved, sent_to
from sigcli.operations.declaring import RECIPIENTS, Operation, argument, operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendPaymentNotification(Operation):
    """Tell somebody of a payment that was made with another program."""

    recipient: str = argument(completes=RECIPIENTS, help="who was paid")
    receipt: str = option("--receipt", help="the receipt, in base64")
    note: str | None = option("--note", default=None, help="a note to go with it")

    def check(self) -> None:
        self._raw_receipt()

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import payment_notification

        audience = resolved(account, [self.recipient])
        message = payment_notification(self._raw_receipt(), self.note)
        return sent_to(account, audience, message)

    def _raw_receipt(self) -> bytes:
        import base64
        import binascii

        try:
            return base64.b64decode(self.receipt, validate=True)
        except (binascii.Error, ValueError):
            raise UsageError("the receipt is not base64") from None
