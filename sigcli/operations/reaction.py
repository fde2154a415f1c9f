"""``sendReaction``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import AboutMessage, sent_to
from sigcli.operations.declaring import operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendReaction(AboutMessage):
    """React to a message with an emoji."""

    emoji: str = option("-e", "--emoji", help="one emoji")
    remove: bool = option("-r", "--remove", default=False, help="take the reaction back")
    story: bool = option("--story", default=False, help="it is a story")

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import reaction

        audience = self.audience(account)
        message = reaction(
            account,
            self.emoji,
            self.target_author,
            self.target_timestamp,
            remove=self.remove,
            story=self.story,
        )
        return sent_to(account, audience, message)
