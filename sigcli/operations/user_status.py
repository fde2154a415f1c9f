"""``getUserStatus``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NoRecipients
from sigcli.operations.declaring import RECIPIENTS, Many, Operation, argument, operation, option
from sigcli.operations.shapes.user_status import UserStatuses

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class GetUserStatus(Operation):
    """Tell whether a number or a username is on the service."""

    recipients: Many[str] = argument(
        default=(), json="recipient", completes=RECIPIENTS, help="numbers or service ids"
    )
    usernames: Many[str] = option(
        "--username", "--usernames", default=(), help="usernames or links to them"
    )

    def check(self) -> None:
        if not (self.recipients or self.usernames):
            raise NoRecipients

    def run(self, account: Account) -> UserStatuses:
        from sigcli.client.account.people.user_status import user_status

        return UserStatuses(user_status(account, self.recipients, self.usernames))
