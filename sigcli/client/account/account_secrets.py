"""Which master key the account uses, and what is kept of its PIN.

The PIN is needed again when an enclave is replaced or the master key changes, so it is kept, sealed with the identity
key: it does not stand in the file as it was typed, but anybody who can read the whole file can open it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import DatabaseDamaged, InvalidMessage, LoginRefused
from sigcli.protocol.account_entropy import AccountEntropyPool, MasterKey
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Database, Transaction

_KEY_LENGTH = 32
_MARK_LENGTH = 16
_NONCE_LENGTH = 12


def master_key_in_force(keys: AccountKeys) -> MasterKey | None:
    """The master key behind the account's storage key, recovery password and registration lock; None if none is known.

    A primary device that was restored by its PIN uses the restored key, until all is renewed from its new pool.
    """
    pool = keys.account_entropy_pool
    if keys.master_key is not None and (keys.is_primary or pool is None):
        return MasterKey(keys.master_key)
    return AccountEntropyPool(pool).master_key() if pool is not None else None


def has_pin(database: Database) -> bool:
    """Whether the account has a PIN that is known here."""
    return read_setting(database, account_data.SEALED_PIN) is not None


def stored_pin(account: Account) -> str | None:
    """The PIN, None if the account has none that is known here; raises DatabaseDamaged."""
    sealed = read_setting(account.database, account_data.SEALED_PIN)
    if sealed is None:
        return None
    from sigcli.crypto.ciphers import gcm_siv_decrypt

    try:
        nonce, ciphertext = sealed[:_NONCE_LENGTH].ljust(_NONCE_LENGTH), sealed[_NONCE_LENGTH:]
        return gcm_siv_decrypt(_sealing_key(account.keys), nonce, ciphertext).decode()
    except (InvalidMessage, UnicodeDecodeError):
        raise DatabaseDamaged("the account's PIN is not readable") from None


def store_pin(
    database: Transaction, keys: AccountKeys, pin: str | None, random: RandomSource = secure_random
) -> None:
    """Keep the PIN, or forget it."""
    sealed = None
    if pin is not None:
        from sigcli.crypto.ciphers import gcm_siv_encrypt

        nonce = random(_NONCE_LENGTH)
        sealed = nonce + gcm_siv_encrypt(_sealing_key(keys), nonce, pin.encode())
    write_setting(database, account_data.SEALED_PIN, sealed)


def forget_pin(database: Transaction, keys: AccountKeys) -> None:
    """Forget the PIN and what depends on it; the service must not hold it any more."""
    from sigcli.store.pin_backups import forget_pin_backups

    store_pin(database, keys, None)
    write_setting(database, account_data.LOCKS_REGISTRATION, None)
    write_setting(database, account_data.REGISTRATION_LOCK, None)
    forget_pin_backups(database)


def lost_login_hint(database: Database) -> str:
    """What to do when the service refuses this device's login."""
    if read_setting(database, account_data.REGISTRATION_LOCK) is None:
        return LoginRefused.hint
    return (
        "somebody may have tried to register the number: the registration lock then ends this login. Register again"
        " with sigcli register and verify; nobody gets the number without the PIN"
    )


def backup_mark(master_key: MasterKey, pin: str) -> bytes:
    """16 bytes by which a backup of this key behind this PIN is known again."""
    from sigcli.protocol.pin import normalize_pin

    return hmac_sha256(master_key, b"sigcli PIN backup", normalize_pin(pin))[:_MARK_LENGTH]


def _sealing_key(keys: AccountKeys) -> bytes:
    return hkdf_sha256(keys.aci_identity.private_key.serialize(), b"sigcli stored PIN", _KEY_LENGTH)
