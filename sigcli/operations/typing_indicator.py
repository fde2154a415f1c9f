"""``sendTyping``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NoRecipients
from sigcli.operations.audience import resolved
from sigcli.operations.declaring import (
    GROUPS,
    RECIPIENTS,
    Many,
    Operation,
    argument,
    operation,
    option,
)
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendTyping(Operation):
    """Show people who are online that you type, for 15 seconds or until --stop."""

    recipients: Many[str] = argument(
        default=(),
        json="recipient",
        completes=RECIPIENTS,
        help="numbers, ACIs, PNI:…, u:usernames, aliases or contact names",
    )
    group_ids: Many[str] = option(
        "-g",
        "--group-id",
        "--group",
        default=(),
        completes=GROUPS,
        help="groups: by id, alias or exact name",
    )
    stop: bool = option("-s", "--stop", default=False, help="no longer typing")

    def check(self) -> None:
        if not (self.recipients or self.group_ids):
            raise NoRecipients

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.typing_indicators import send_typing

        audience = resolved(account, list(self.recipients), self.group_ids)
        return Sent(send_typing(account, audience, stopped=self.stop))
