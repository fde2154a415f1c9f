"""``updateAccount``: what the service and the other devices know of the account and this device.

The attributes of an account replace one another as a whole and hold its registration lock, so only the primary
device puts them. A linked device changes its name and its capabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.devices.devices import rename_device
from sigcli.errors import NumberRequired, PrimaryOnly
from sigcli.service.resources import accounts as service_accounts
from sigcli.service.resources import devices as service_devices
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.account.own_username import OwnUsername
    from sigcli.client.base.account import Account
    from sigcli.service.resources.accounts import AccountAttributes
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Database


def update_account(
    account: Account,
    *,
    device_name: str | None = None,
    unrestricted_unidentified_sender: bool | None = None,
    discoverable_by_number: bool | None = None,
    number_sharing: bool | None = None,
    username: str | None = None,
    delete_username: bool = False,
    renew_keys: bool = False,
) -> OwnUsername | None:
    """Change what is named and refresh the rest; gives the username where one was set.

    Raises PrimaryOnly, NumberRequired, InvalidUsername, UsernameTaken, ServiceError, and with ``renew_keys``
    StorageConflict.
    """
    primary_only = (unrestricted_unidentified_sender, discoverable_by_number)
    is_for_primary = renew_keys or any(value is not None for value in primary_only)
    if is_for_primary and not account.keys.is_primary:
        raise PrimaryOnly
    of_number = (discoverable_by_number, number_sharing)
    if account.number is None and any(value is not None for value in of_number):
        raise NumberRequired
    if device_name is not None:
        rename_device(account, account.device_id, device_name)
    with account.database.transaction() as transaction:
        for setting, value in (
            (account_data.UNRESTRICTED_UNIDENTIFIED_ACCESS, unrestricted_unidentified_sender),
            (account_data.DISCOVERABLE_BY_NUMBER, discoverable_by_number),
            (account_data.NUMBER_SHARING, number_sharing),
        ):
            if value is not None:
                write_setting(transaction, setting, value)
        if discoverable_by_number is not None or number_sharing is not None:
            add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    refresh_attributes(account)
    if number_sharing is not None:
        from sigcli.client.account.profile_changes import ProfileChange, update_profile

        update_profile(account, ProfileChange(number_sharing=number_sharing))
    named = _change_username(account, username, delete_username)
    if renew_keys:
        from sigcli.client.account.renewing_keys import rotate_entropy_pool

        rotate_entropy_pool(account)
    return named


def _change_username(
    account: Account, username: str | None, delete_username: bool
) -> OwnUsername | None:
    from sigcli.client.account import own_username

    if delete_username:
        own_username.delete_username(account)
    return None if username is None else own_username.set_username(account, username)


def refresh_attributes(account: Account) -> None:
    """Tell the service again what this device, and as the primary what the account, is; raises ServiceError."""
    if account.keys.is_primary:
        service_accounts.put_attributes(account.identified, account_attributes(account))
    else:
        service_devices.put_capabilities(account.identified, service_accounts.CAPABILITIES)
    with account.database.transaction() as transaction:
        write_setting(transaction, account_data.LAST_ATTRIBUTES_MS, account.now_ms())
        if account.keys.is_primary:
            # What was signed off receives again.
            write_setting(transaction, account_data.REGISTERED, True)


def account_attributes(account: Account) -> AccountAttributes:
    """Everything that the primary device says about the account: nothing may be left out, or it is cleared."""
    return attributes_of(account.keys, account.database)


def attributes_of(keys: AccountKeys, database: Database) -> AccountAttributes:
    """The same for keys that need not be those of the database, whose settings hold."""
    from sigcli.client.account.account_secrets import master_key_in_force
    from sigcli.protocol.access_keys import derive_access_key
    from sigcli.protocol.account_entropy import recovery_password

    name = read_setting(database, account_data.ENCRYPTED_DEVICE_NAME)
    master_key = master_key_in_force(keys)
    discoverable = read_setting(database, account_data.DISCOVERABLE_BY_NUMBER)
    return service_accounts.AccountAttributes(
        device=service_accounts.DeviceAttributes(
            registration_id=keys.registration_id,
            pni_registration_id=keys.pni_registration_id,
            encrypted_name=bytes.fromhex(name) if name else None,
        ),
        access_key=derive_access_key(keys.profile_key),
        unrestricted_access=bool(
            read_setting(database, account_data.UNRESTRICTED_UNIDENTIFIED_ACCESS)
        ),
        # The service refuses it for an account without a number.
        discoverable_by_number=keys.number is not None and discoverable is not False,
        registration_lock=read_setting(database, account_data.REGISTRATION_LOCK),
        recovery_password=recovery_password(master_key) if master_key is not None else None,
    )
