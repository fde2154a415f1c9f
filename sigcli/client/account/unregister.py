"""``unregister``: this device receives no more, or the account ends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.client.account.account_secrets import forget_pin, has_pin
from sigcli.errors import PrimaryOnly, ReauthenticationRequired, ServiceError, UserError
from sigcli.service.resources import accounts as service_accounts
from sigcli.service.resources import devices as service_devices
from sigcli.store import account_data
from sigcli.store.settings import write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def unregister(account: Account, *, delete_account: bool = False) -> None:
    """Sign this device off: a primary device gets nothing until ``updateAccount``; a linked one is removed.

    With ``delete_account`` the account ends at the service. What is stored here stays. Raises PrimaryOnly,
    ServiceError.
    """
    if delete_account:
        if not account.keys.is_primary:
            raise PrimaryOnly(
                "only the account's primary device can delete it",
                hint="without --delete-account this device alone is removed from the account",
            )
        _clear_pin(account)
        with suppress(ReauthenticationRequired):
            service_accounts.delete_account(account.identified)
    elif account.keys.is_primary:
        service_accounts.stop_fetching(account.identified)
    else:
        # A service may end the connection rather than answer: its login is void then, as was wanted.
        with suppress(ReauthenticationRequired):
            service_devices.remove_device(account.identified, account.device_id)
    with account.database.transaction() as database:
        write_setting(database, account_data.REGISTERED, False)
        if delete_account:
            forget_pin(database, account.keys)


def _clear_pin(account: Account) -> None:
    """Have the enclaves forget what is behind the PIN: nobody can do it once the account has ended."""
    if not has_pin(account.database):
        return
    from sigcli.client.account.pin import remove_pin

    try:
        remove_pin(account)
    except (ServiceError, UserError) as error:
        account.warn(
            f"the data that the PIN protects could not be deleted everywhere: {error.message}"
        )
