"""``listIdentities`` and ``trust``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import RECIPIENTS, Operation, argument, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.identities import Identities

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class ListIdentities(Operation):
    """List identity keys and how far they are trusted."""

    number: str | None = option(
        "-n",
        "--number",
        default=None,
        metavar="RECIPIENT",
        completes=RECIPIENTS,
        help="only this person's keys",
    )

    def run(self, account: Account) -> Identities:
        from sigcli.client.account.people.identities import list_identities

        return Identities(list_identities(account, self.number))


@operation
class Trust(Operation):
    """Trust an identity key; messages that it kept back are printed by the next receive.

    A number or username that another account has now is that account's from then on.
    """

    recipient: str | None = argument(
        default=None,
        completes=RECIPIENTS,
        help="whose key to trust, or who has the number now",
    )
    trust_all_known_keys: bool = option(
        "-a", "--trust-all-known-keys", default=False, help="trust without comparing"
    )
    verified_safety_number: str | None = option(
        "-v",
        "--verified-safety-number",
        "--verified-fingerprint",
        default=None,
        help="the 60 digits that both sides see, or the scanned code in base64",
    )
    all_pending: bool = option(
        "--all-pending", default=False, help="trust every key that is holding messages back"
    )

    def check(self) -> None:
        compared = self.verified_safety_number is not None
        ways = [self.trust_all_known_keys, compared, self.all_pending]
        if sum(ways) != 1 or self.all_pending == (self.recipient is not None):
            raise UsageError(
                "give a recipient with --trust-all-known-keys or --verified-safety-number, or --all-pending alone"
            )

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.people.identities import trust_all_pending, trust_identity

        with editing(account):
            if self.recipient is None:
                trust_all_pending(account)
            else:
                trust_identity(account, self.recipient, self.verified_safety_number)
        return Nothing()
