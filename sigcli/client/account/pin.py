"""The PIN: what enclaves keep behind it, and the registration lock that grows from what they keep.

An enclave keeps the master key: the newest one, and beside it the one before, which official apps whose list is older
ask; those before these have to forget it. The lock at the service is a token of that key, so it is set only once the
newest enclave gives the key back, and taken away before another key takes its place: anybody who knows the PIN and the
number always gets in. ``keep_pin`` brings all of it to where it should be; it is called after every change and at each
account check, and goes on where an earlier run was cut off.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.account.account_secrets import (
    backup_mark,
    forget_pin,
    master_key_in_force,
    store_pin,
    stored_pin,
)
from sigcli.errors import (
    AccountIncomplete,
    NotFound,
    PinBackupRefused,
    PrimaryOnly,
    ServiceError,
    WeakPin,
)
from sigcli.protocol.account_entropy import registration_lock
from sigcli.protocol.pin import is_weak
from sigcli.service.resources import accounts as service_accounts
from sigcli.store import account_data
from sigcli.store.pin_backups import BackupState, PinBackup, note_pin_backup, pin_backups
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigcli.client.base.account import Account
    from sigcli.protocol.account_entropy import MasterKey
    from sigcli.service.enclaves import Enclave
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.service.svr2 import Svr2Session


def set_pin(account: Account, pin: str) -> None:
    """Keep the master key behind the PIN, in place of an earlier one, and lock the number with it.

    Raises PrimaryOnly, WeakPin, NotOffered, AttestationFailed, PinBackupRefused, ServiceError; run again it goes on
    where it failed.
    """
    _require_primary(account)
    if is_weak(pin):
        raise WeakPin
    current, *older = _enclaves(account)
    master_key = _require_master_key(account)
    _renounce_other_lock(account, master_key)
    _back_up(account, current, master_key, pin, by_user=True)
    retired = _back_up_before(account, older, master_key, pin, by_user=True)
    with account.database.transaction() as database:
        write_setting(database, account_data.LOCKS_REGISTRATION, True)
        write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, None)
    _lock(account, master_key)
    _clear_out(account, retired)


def remove_pin(account: Account) -> None:
    """Take the registration lock away and have every enclave forget the master key.

    Raises PrimaryOnly, NotOffered, and ServiceError if one of the enclaves failed, after all were asked.
    """
    _require_primary(account)
    enclaves = _enclaves(account)
    service_accounts.delete_registration_lock(account.identified)
    with account.database.transaction() as database:
        forget_pin(database, account.keys)
        for enclave in enclaves:
            # Until it says otherwise.
            note_pin_backup(database, enclave.mrenclave, PinBackup(BackupState.EXPOSED))
    failure = _clear_out(account, enclaves, warns=False)
    if failure is not None:
        raise failure


def keep_pin(account: Account) -> None:
    """See to it that the newest enclave and the one before keep the present master key behind the PIN, and no other.

    Does nothing for an account without a PIN, and on a linked device. Raises ServiceError.
    """
    if not account.keys.is_primary or account.environment.svr2 is None:
        return
    pin = stored_pin(account)
    current, *older = _enclaves(account)
    if pin is not None:
        master_key = _require_master_key(account)
        _renounce_other_lock(account, master_key)
        _back_up(account, current, master_key, pin)
        retired = _back_up_before(account, older, master_key, pin)
        if read_setting(account.database, account_data.LOCKS_REGISTRATION):
            _lock(account, master_key)
        _clear_out(account, retired)
    elif pin_backups(account.database):
        _clear_out(account, [current, *older])


def is_kept(account: Account) -> bool:
    """Whether the newest enclave keeps the present master key behind the PIN, and the lock is as it is to be."""
    pin, master_key = stored_pin(account), master_key_in_force(account.keys)
    if pin is None or master_key is None:
        return False
    expected = PinBackup(BackupState.EXPOSED, backup_mark(master_key, pin))
    if pin_backups(account.database).get(_enclaves(account)[0].mrenclave) != expected:
        return False
    locks = read_setting(account.database, account_data.LOCKS_REGISTRATION)
    token = read_setting(account.database, account_data.REGISTRATION_LOCK)
    return not locks or token == registration_lock(master_key)


# --- the enclaves ---------------------------------------------------------------------------------


def _enclaves(account: Account) -> tuple[Enclave, ...]:
    from sigcli.service.svr2 import require_svr2

    return require_svr2(account.network).generations


def _back_up(
    account: Account, enclave: Enclave, master_key: MasterKey, pin: str, *, by_user: bool = False
) -> None:
    """Have one enclave keep the key behind a PIN, unless it does; the PIN is the account's from then on.

    What has vanished between being sent and being exposed may have been guessed at, and would be again: only the user
    has it sent once more.
    """
    from sigcli.service.svr2 import hash_for

    mark = backup_mark(master_key, pin)
    known = pin_backups(account.database).get(enclave.mrenclave)
    state = known.state if known is not None and known.mark == mark else None
    if state is BackupState.EXPOSED:
        return
    if state is BackupState.REFUSED and not by_user:
        raise PinBackupRefused

    def note(state: BackupState) -> None:
        with account.database.transaction() as database:
            store_pin(database, account.keys, pin, account.random)
            note_pin_backup(database, enclave.mrenclave, PinBackup(state, mark))

    login = _login(account)
    hashed = hash_for(enclave, login, pin)
    with _session(account, enclave, login) as session:
        if state is not BackupState.SENT:
            session.back_up(hashed, master_key)
            note(BackupState.SENT)
        try:
            session.expose(hashed, master_key)
        except PinBackupRefused:
            note(BackupState.REFUSED)
            raise
    note(BackupState.EXPOSED)


def _back_up_before(
    account: Account,
    older: Sequence[Enclave],
    master_key: MasterKey,
    pin: str,
    *,
    by_user: bool = False,
) -> Sequence[Enclave]:
    """Have the newest of the older enclaves that is still run keep the key as well; returns those older than it.

    It is there for other apps: what goes wrong with it is a warning, and is tried again at the next account check.
    """
    not_run = PinBackup(BackupState.DELETED, backup_mark(master_key, pin))
    for index, enclave in enumerate(older):
        if pin_backups(account.database).get(enclave.mrenclave) == not_run:
            continue
        try:
            _back_up(account, enclave, master_key, pin, by_user=by_user)
        except NotFound:
            with account.database.transaction() as database:
                note_pin_backup(database, enclave.mrenclave, not_run)
            continue
        except ServiceError as error:
            account.warn(
                "apps that only know an older enclave may not find the data that the PIN protects:"
                f" {error.message}"
            )
        return older[index + 1 :]
    return ()


def _clear_out(
    account: Account, enclaves: Sequence[Enclave], *, warns: bool = True
) -> ServiceError | None:
    """Have enclaves forget what they keep; those that cannot are asked again at the next account check."""
    failure: ServiceError | None = None
    backups = pin_backups(account.database)
    login: ServiceLogin | None = None
    for enclave in enclaves:
        known = backups.get(enclave.mrenclave)
        if known is not None and known.state is BackupState.DELETED:
            continue
        try:
            login = login or _login(account)
            with _session(account, enclave, login) as session:
                session.delete()
        except NotFound:
            pass  # it is not run any more, and what it kept is gone with it
        except ServiceError as error:
            failure = failure or error
            if warns:
                account.warn(
                    f"an older enclave may still keep what is behind a PIN: {error.message}"
                )
            continue
        with account.database.transaction() as database:
            note_pin_backup(database, enclave.mrenclave, PinBackup(BackupState.DELETED))
    return failure


def _login(account: Account) -> ServiceLogin:
    from sigcli.service.resources.certificates import SVR2, service_login

    return service_login(account.identified, SVR2)


@contextmanager
def _session(account: Account, enclave: Enclave, login: ServiceLogin) -> Iterator[Svr2Session]:
    from sigcli.service.svr2 import Svr2Session

    now_s = account.now_ms() // 1000
    with Svr2Session.connect(account.network, enclave, login, now_s, account.random) as session:
        yield session


# --- the registration lock ------------------------------------------------------------------------


def _lock(account: Account, master_key: MasterKey) -> None:
    """Have the service ask for the token of this key before anybody takes the number."""
    token = registration_lock(master_key)
    if read_setting(account.database, account_data.REGISTRATION_LOCK) == token:
        return
    service_accounts.put_registration_lock(account.identified, token)
    with account.database.transaction() as database:
        write_setting(database, account_data.REGISTRATION_LOCK, token)


def _renounce_other_lock(account: Account, master_key: MasterKey) -> None:
    """Take a lock away that is another key's: once the enclave keeps this one, nobody could open it."""
    held = read_setting(account.database, account_data.REGISTRATION_LOCK)
    if held is None or held == registration_lock(master_key):
        return
    service_accounts.delete_registration_lock(account.identified)
    with account.database.transaction() as database:
        write_setting(database, account_data.REGISTRATION_LOCK, None)


def _require_primary(account: Account) -> None:
    if not account.keys.is_primary:
        raise PrimaryOnly


def _require_master_key(account: Account) -> MasterKey:
    master_key = master_key_in_force(account.keys)
    if master_key is None:
        raise AccountIncomplete("the account has no account entropy pool")
    return master_key
