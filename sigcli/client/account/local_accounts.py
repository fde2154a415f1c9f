"""The accounts on this machine: listed, and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import ServiceError, StillRegistered

if TYPE_CHECKING:
    from sigcli.client.base.settings import Settings
    from sigcli.store.accounts_file import LocalAccount


def list_local_accounts(settings: Settings) -> list[LocalAccount]:
    """All accounts of the data directory; raises AccountsFileDamaged, and OnlySignalCliAccounts instead of none."""
    directory = settings.data_directory
    accounts = directory.accounts(settings.stored_environment)
    if not accounts:
        directory.require_no_signal_cli()
    return accounts


def delete_local_account(settings: Settings, *, ignore_registered: bool) -> None:
    """Delete everything that is kept of an account here.

    Raises StillRegistered if the service still takes its login, unless that is to be ignored.
    """
    directory = settings.data_directory
    entry = directory.choose(settings.account, settings.stored_environment)
    if not ignore_registered and _is_registered(settings):
        raise StillRegistered
    directory.remove(entry)


def _is_registered(settings: Settings) -> bool:
    from sigcli.client.base.account import open_account
    from sigcli.errors import LoginRefused, Unauthorized
    from sigcli.service.resources.accounts import whoami

    with open_account(settings) as account:
        try:
            whoami(account.identified)
        except (Unauthorized, LoginRefused):
            return False
        except ServiceError as error:
            raise StillRegistered(
                "whether this device is still linked cannot be checked: " + error.message
            ) from error
    return True
