"""``listAccounts`` and ``deleteLocalAccountData``: what is on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.declaring import Operation, operation, option
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.accounts import Accounts

if TYPE_CHECKING:
    from sigcli.client.base.settings import Settings


@operation
class ListAccounts(Operation):
    """List the accounts in the data directory."""

    def run(self, settings: Settings) -> Accounts:
        from sigcli.client.account.local_accounts import list_local_accounts

        return Accounts(list_local_accounts(settings))


@operation
class DeleteLocalAccountData(Operation):
    """Delete an account's data on this machine: keys, messages, attachments."""

    ignore_registered: bool = option(
        "--ignore-registered", default=False, help="delete even if the device is still linked"
    )

    def run(self, settings: Settings) -> Nothing:
        from sigcli.client.account.local_accounts import delete_local_account

        delete_local_account(settings, ignore_registered=self.ignore_registered)
        return Nothing()
