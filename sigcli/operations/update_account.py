"""``updateAccount``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.operations.declaring import Operation, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.account_changes import Named

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class UpdateAccount(Operation):
    """Change the account's attributes; without an option: refresh them."""

    device_name: str | None = option(
        "-n", "--device-name", default=None, help="how this device is listed"
    )
    unrestricted_unidentified_sender: bool | None = option(
        "--unrestricted-unidentified-sender",
        default=None,
        help="let anybody send sealed messages (primary device only)",
    )
    discoverable_by_number: bool | None = option(
        "--discoverable-by-number",
        default=None,
        help="let others find the account by its number (primary device only)",
    )
    username: str | None = option(
        "-u",
        "--username",
        default=None,
        help="be found by this username: name.42, or name to get a free number",
    )
    delete_username: bool = option(
        "--delete-username", default=False, help="give up the username and its link"
    )
    number_sharing: bool | None = option(
        "--number-sharing", default=None, help="show the number to everybody you send to"
    )
    renew_keys: bool = option(
        "--renew-keys",
        default=False,
        help="replace the keys for storage, PIN and re-registration (primary device only)",
    )

    def check(self) -> None:
        if self.username is not None and self.delete_username:
            raise UsageError("--username and --delete-username cannot be used together")

    def run(self, account: Account) -> Named | Nothing:
        from sigcli.client.account.update_account import update_account

        with editing(account):
            named = update_account(
                account,
                device_name=self.device_name,
                unrestricted_unidentified_sender=self.unrestricted_unidentified_sender,
                discoverable_by_number=self.discoverable_by_number,
                number_sharing=self.number_sharing,
                username=self.username,
                delete_username=self.delete_username,
                renew_keys=self.renew_keys,
            )
        return Nothing() if named is None else Named(named)
