"""Checks the account twice a day: its login, the device's capabilities, its prekeys. A failure here is a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.account_secrets import lost_login_hint
from sigcli.durations import HOUR_MS
from sigcli.errors import (
    LoginRefused,
    NotFound,
    ServiceError,
    SigcliError,
    StoreError,
    Unauthorized,
)
from sigcli.lazy_dataclass import replace
from sigcli.store import account_data
from sigcli.store.account_data import store_account_keys
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.service.resources.accounts import AccountIdentity

INTERVAL_MS = 12 * HOUR_MS
RETRY_MS = HOUR_MS
"""How soon a failed check is repeated."""


def check_is_due(account: Account) -> bool:
    """Whether the last check is long enough ago."""
    last_ms = read_setting(account.database, account_data.LAST_ACCOUNT_CHECK_MS)
    return last_ms is None or not 0 <= account.now_ms() - last_ms < INTERVAL_MS


def check_account(account: Account) -> None:
    """Check now; raises StoreError only."""
    from sigcli.client.account.first_profile import put_first_profile
    from sigcli.client.account.pin import keep_pin
    from sigcli.client.account.prekey_upkeep import refresh_prekeys
    from sigcli.client.account.service_limits import refresh_service_limits
    from sigcli.client.storage.syncing import sync_storage

    identities: list[AccountIdentity] = []

    def look_up(account: Account) -> None:
        identities.append(_confirm_identity(account))

    def confirm_username(account: Account) -> None:
        from sigcli.client.account.username_check import check_username

        for identity in identities:
            check_username(account, identity)

    steps: tuple[tuple[str, Callable[[Account], None]], ...] = (
        ("the account could not be looked up", look_up),
        ("the username could not be confirmed", confirm_username),
        ("the device's capabilities could not be told", _tell_capabilities),
        ("the limits of the service could not be read", refresh_service_limits),
        ("the storage service could not be read", sync_storage),
        ("the prekeys could not be refreshed", refresh_prekeys),
        ("the prekeys could not be compared", _compare_prekeys),
        ("the account's first profile could not be stored", put_first_profile),
        ("the data that the PIN protects could not be updated", keep_pin),
    )
    failed = False
    for complaint, step in steps:
        try:
            step(account)
        except (LoginRefused, Unauthorized) as error:
            with account.database.transaction() as database:
                write_setting(database, account_data.REGISTERED, False)
            account.warn(f"{error.message}; {lost_login_hint(account.database)}")
            failed = True
            break
        except StoreError:
            raise
        except SigcliError as error:
            account.warn(f"{complaint}: {error.message}")
            failed = True
    now_ms = account.now_ms()
    checked_ms = now_ms - INTERVAL_MS + RETRY_MS if failed else now_ms
    with account.database.transaction() as database:
        write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, checked_ms)


def _confirm_identity(account: Account) -> AccountIdentity:
    """Take over a number that was changed; a new PNI needs keys that only the primary device hands out."""
    from sigcli.service.resources import accounts

    identity = accounts.whoami(account.identified)
    keys = account.keys
    if identity.aci != keys.aci:
        raise ServiceError("the service has this login under another account")
    salt = identity.auth_credential_salt
    if salt is not None and salt != keys.auth_credential_salt:
        with account.database.transaction() as database:
            store_account_keys(database, replace(keys, auth_credential_salt=salt))
        account.reload_keys()
        keys = account.keys
    if identity.pni not in (None, keys.pni):
        from sigcli.client.applying.number_change import adopt_pending_change

        if not adopt_pending_change(account, identity):
            way = "register it" if keys.is_primary else "link this machine"
            account.warn(
                "the account has a different number now, and this device has no keys for it: those with only the number"
                f" do not reach it here; {way} again"
            )
    elif identity.number != keys.number:
        with account.database.transaction() as database:
            store_account_keys(database, replace(keys, number=identity.number))
        account.reload_keys()
    note_number(account)
    return identity


def note_number(account: Account) -> None:
    """Bring the list of accounts up to date."""
    directory = account.settings.data_directory
    for entry in directory.accounts():
        if entry.aci == account.aci and entry.environment == account.environment_name:
            if entry.number != account.number:
                directory.update(replace(entry, number=account.number))
            return


def _tell_capabilities(account: Account) -> None:
    from sigcli.service.resources import accounts, devices

    if not account.keys.is_primary:
        devices.put_capabilities(account.identified, accounts.CAPABILITIES)


def _compare_prekeys(account: Account) -> None:
    from sigcli.client.account.prekey_upkeep import repair_prekeys

    try:
        repair_prekeys(account)
    except NotFound:
        return  # a service that compares no keys
