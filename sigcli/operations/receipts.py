"""``sendReceipt``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import RECIPIENTS, Many, Operation, argument, operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendReceipt(Operation):
    """Tell a sender, and your other devices, that messages were read or viewed.

    If the account's read receipts are off, only your other devices are told.
    """

    recipient: str = argument(completes=RECIPIENTS, help="who sent the messages")
    target_timestamps: Many[int] = option(
        "-t", "--target-timestamp", minimum=0, help="the timestamps of the messages"
    )
    type: str = option(
        "--type", default="read", choices=("read", "viewed"), help="the kind of receipt"
    )

    def run(self, account: Account) -> Sent:
        from sigcli.client.account.read_marks import send_marks
        from sigcli.client.people.recipients import resolve
        from sigcli.client.sending.receipts import ReceiptType

        sender = resolve(account, self.recipient)
        kind = ReceiptType.READ if self.type == "read" else ReceiptType.VIEWED
        return Sent(send_marks(account, sender, kind, self.target_timestamps))
