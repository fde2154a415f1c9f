"""``sendTyping``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import OfPeopleAndGroups, resolved
from sigcli.operations.declaring import operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendTyping(OfPeopleAndGroups):
    """Show people who are online that you type, for 15 seconds or until --stop."""

    stop: bool = option("-s", "--stop", default=False, help="no longer typing")

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.typing_indicators import send_typing

        audience = resolved(account, list(self.recipients), self.group_ids)
        return Sent(send_typing(account, audience, stopped=self.stop))
