"""Getting a master key back by its PIN, before there is a login (registration lock) or after.

The enclaves are asked from the newest on; an older one only where those before it keep nothing.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.account.account_secrets import store_pin
from sigcli.durations import DAY_MS
from sigcli.errors import NotFound, NotOffered, PinDataMissing
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.account_entropy import AccountEntropyPool, registration_lock
from sigcli.store import account_data
from sigcli.store.pin_backups import forget_pin_backups
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource
    from sigcli.errors import RegistrationLocked
    from sigcli.protocol.account_entropy import MasterKey
    from sigcli.service.network import Network
    from sigcli.service.resources.certificates import ServiceLogin
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was behind a PIN."""

    master_key: MasterKey = field(repr=False)
    pin: str = field(repr=False)


def recover_master_key(
    network: Network, login: ServiceLogin, pin: str, now_ms: int, random: RandomSource
) -> Recovered:
    """Ask the enclaves; every wrong PIN costs a try.

    Raises WrongPin with the tries that are left, PinDataMissing, AttestationFailed, NotOffered, ServiceError.
    Takes about half a second for each enclave that is asked.
    """
    from sigcli.service.svr2 import Svr2Session, hash_for, require_svr2

    is_known = False
    for enclave in require_svr2(network).generations:
        hashed = hash_for(enclave, login, pin)
        try:
            with Svr2Session.connect(network, enclave, login, now_ms // 1000, random) as session:
                return Recovered(session.restore(hashed), pin)
        except PinDataMissing:
            is_known = True
        except NotFound:
            continue  # an enclave that is not run any more
    if is_known:
        raise PinDataMissing
    raise NotOffered(
        "PIN recovery runs none of the enclaves known here",
        hint="install the newest version of sigcli",
    )


def open_lock(
    network: Network, lock: RegistrationLocked, pin: str, now_ms: int, random: RandomSource
) -> Recovered:
    """What opens a registration lock, got with the login that comes with the lock.

    Raises the lock itself if there is no such login; WrongPin with the tries that are left, PinDataMissing,
    AttestationFailed.
    """
    from sigcli.service.resources.certificates import ServiceLogin

    if lock.svr2_username is None or lock.svr2_password is None:
        raise lock
    login = ServiceLogin(lock.svr2_username, lock.svr2_password)
    try:
        return recover_master_key(network, login, pin, now_ms, random)
    except PinDataMissing as error:
        error.hint = f"no PIN opens the registration lock any more; it ends {lock_end(lock)}"
        raise


def lock_end(lock: RegistrationLocked) -> str:
    """When a registration lock ends, as the end of a sentence."""
    left_ms = lock.time_remaining_ms
    if not left_ms:
        return "after seven days without use of the account"
    days = -(-left_ms // DAY_MS)
    return f"in {days} day{'' if days == 1 else 's'} if the account is not used until then"


def with_master_key(keys: AccountKeys, master_key: MasterKey) -> AccountKeys:
    """The keys of an account that goes by this master key, until all is renewed from its pool."""
    pool = keys.account_entropy_pool
    grows_from_pool = pool is not None and AccountEntropyPool(pool).master_key() == master_key
    return replace(keys, master_key=None if grows_from_pool else master_key)


def note_recovered(
    database: Transaction, keys: AccountKeys, recovered: Recovered, now_ms: int, *, locks: bool
) -> None:
    """Keep what the PIN has brought back; ``locks``: it has opened the registration lock.

    What is to be done with it stands as tasks.
    """
    store_pin(database, keys, recovered.pin)
    # It is kept anew, with all of its tries again.
    forget_pin_backups(database)
    write_setting(database, account_data.LOCKS_REGISTRATION, locks)
    token = registration_lock(recovered.master_key) if locks else None
    write_setting(database, account_data.REGISTRATION_LOCK, token)
    write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, None)
    for kind in (TaskKind.STORAGE_SYNC, TaskKind.ATTRIBUTES_UPDATE):
        add_task(database, kind, now_ms=now_ms)
