"""``sendPinMessage``, ``sendUnpinMessage``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import AboutMessage, sent_to
from sigcli.operations.declaring import operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendPinMessage(AboutMessage):
    """Pin a message to the top of a conversation."""

    pin_duration: int = option(
        "-d", "--pin-duration", default=-1, minimum=-1, help="seconds, -1: forever"
    )
    story: bool = option("--story", default=False, help="it is a story")

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import pin

        audience = self.audience(account)
        message = pin(
            account,
            self.target_author,
            self.target_timestamp,
            self.pin_duration,
            story=self.story,
        )
        return sent_to(account, audience, message)


@operation
class SendUnpinMessage(AboutMessage):
    """Take a message from the top of a conversation."""

    story: bool = option("--story", default=False, help="it is a story")

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import unpin

        audience = self.audience(account)
        message = unpin(account, self.target_author, self.target_timestamp, story=self.story)
        return sent_to(account, audience, message)
