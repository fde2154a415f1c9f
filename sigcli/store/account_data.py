"""What an account is: its ids, login, keys and settings, typed, over the ``key_value`` table.

``AccountKeys`` is what every command that talks to the service needs, read at one go; the settings
below it are read and written one by one.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.store.settings import AllSettings, Setting, present, write_setting
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from sigcli.crypto.curve import KeyPair
    from sigcli.store.database import Database, Transaction

TRUST_POLICY = Setting("trust_policy", str)
"""Which new identity keys are trusted, in the words of ``--trust-new-identities``."""

# --- who this is, and its keys: written through store_account_keys -------------------------------

NUMBER = Setting("number", str)
ACI = Setting("aci", str)
PNI = Setting("pni", str)
DEVICE_ID = Setting("device_id", int)
PASSWORD = Setting("password", str)
REGISTRATION_ID = Setting("registration_id", int)
PNI_REGISTRATION_ID = Setting("pni_registration_id", int)
ACI_IDENTITY_PRIVATE = Setting("aci_identity_private", bytes)
ACI_IDENTITY_PUBLIC = Setting("aci_identity_public", bytes)
PNI_IDENTITY_PRIVATE = Setting("pni_identity_private", bytes)
PNI_IDENTITY_PUBLIC = Setting("pni_identity_public", bytes)
PROFILE_KEY = Setting("profile_key", bytes)
ACCOUNT_ENTROPY_POOL = Setting("account_entropy_pool", str)
MASTER_KEY = Setting("master_key", bytes)
"""Where it does not grow from the pool: a primary without one gave it while linking, or the PIN brought it back."""
MEDIA_ROOT_BACKUP_KEY = Setting("media_root_backup_key", bytes)
STORAGE_KEY = Setting("storage_key", bytes)
AUTH_CREDENTIAL_SALT = Setting("auth_credential_salt", bytes)
"""What the group credentials of an account without a number are bound to, in place of a PNI."""

# --- state of the account ------------------------------------------------------------------------

REGISTERED = Setting("registered", bool)
"""False once the service refuses the login."""
DEVICE_NAME = Setting("device_name", str)
ENCRYPTED_DEVICE_NAME = Setting("encrypted_device_name", str)
MULTI_DEVICE = Setting("multi_device", bool)
"""Whether the account is known to have other devices."""
USERNAME = Setting("username", str)
USERNAME_LINK_ENTROPY = Setting("username_link_entropy", bytes)
USERNAME_LINK_SERVER_ID = Setting("username_link_server_id", str)
USERNAME_WANTED = Setting("username_wanted", str)
"""A username that the service was asked to confirm; its answer is not known yet."""
USERNAME_WANTED_ENTROPY = Setting("username_wanted_entropy", bytes)
"""The secret of its link."""
USERNAME_CHANGED_ELSEWHERE = Setting("username_changed_elsewhere", bool)
"""Whether the username known here may be given up by now: by another of the account's devices, or by this one."""
USERNAME_DOUBTED = Setting("username_doubted", bool)
"""Whether the service lacked the username known here already at the last look."""
USERNAME_LINK_COLOR = Setting("username_link_color", int)
SEALED_PIN = Setting("sealed_pin", bytes)
LOCKS_REGISTRATION = Setting("locks_registration", bool)
"""Whether the PIN is to protect the number, too."""
REGISTRATION_LOCK = Setting("registration_lock", str)
"""The token that the service holds: sent along with the attributes, or it is removed."""
PIN_RESTORE_UNTIL_MS = Setting("pin_restore_until_ms", int)
"""Until when nothing replaces the contacts and groups at the service that only the PIN brings back."""
PENDING_NUMBER_CHANGE = Setting("pending_number_change", bytes)
"""What this device has to take over if the service has changed the number (a Content)."""
VERIFICATION_SESSION = Setting("verification_session", str)
VERIFICATION_SESSION_NUMBER = Setting("verification_session_number", str)

# --- configuration shared with the other devices --------------------------------------------------

READ_RECEIPTS = Setting("read_receipts", bool)
TYPING_INDICATORS = Setting("typing_indicators", bool)
LINK_PREVIEWS = Setting("link_previews", bool)
UNIDENTIFIED_DELIVERY_INDICATORS = Setting("unidentified_delivery_indicators", bool)
DISCOVERABLE_BY_NUMBER = Setting("discoverable_by_number", bool)
NUMBER_SHARING = Setting("number_sharing", bool)
UNRESTRICTED_UNIDENTIFIED_ACCESS = Setting("unrestricted_unidentified_access", bool)
BLOCKED_LIST_KNOWN = Setting("blocked_list_known", bool)
"""Whether the account's blocked list is complete, and may so replace the other devices'."""
CONTACTS_SYNCED = Setting("contacts_synced", bool)

# --- what is fetched now and then -----------------------------------------------------------------

LAST_ACCOUNT_CHECK_MS = Setting("last_account_check_ms", int)
LAST_ATTRIBUTES_MS = Setting("last_attributes_ms", int)
LAST_PREKEY_CHECK_MS = Setting("last_prekey_check_ms", int)
LAST_RECEIVE_MS = Setting("last_receive_ms", int)
LAST_CONTACT_MS = Setting("last_contact_ms", int)
"""When the service last took this device's login."""
LAST_CLEANUP_MS = Setting("last_cleanup_ms", int)
DIRECTORY_TOKEN = Setting("directory_token", bytes)
"""The contact discovery service's token."""
DIRECTORY_NUMBERS = Setting("directory_numbers", bytes)
"""The numbers that the token stands for, 8 bytes each."""
DIRECTORY_PAUSE_UNTIL_MS = Setting("directory_pause_until_ms", int)
"""Until when contact discovery must not be asked."""
STORAGE_MANIFEST_VERSION = Setting("storage_manifest_version", int)
STORAGE_MANIFEST = Setting("storage_manifest", bytes)
STORAGE_UNTOLD = Setting("storage_untold", bool)
"""Whether records may have been written of which the linked devices have not been told."""
SENDER_CERTIFICATE = Setting("sender_certificate", bytes)
SENDER_CERTIFICATE_EXPIRES_MS = Setting("sender_certificate_expires_ms", int)
SENDER_CERTIFICATE_WITH_NUMBER = Setting("sender_certificate_with_number", bytes)
SENDER_CERTIFICATE_WITH_NUMBER_EXPIRES_MS = Setting(
    "sender_certificate_with_number_expires_ms", int
)


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """Everything that identifies an account and this device of it."""

    aci: ServiceId
    device_id: int
    password: str = field(repr=False)
    aci_identity: KeyPair = field(repr=False)
    registration_id: int
    profile_key: ProfileKeyBytes = field(repr=False)
    number: str | None = None
    pni: ServiceId | None = None
    pni_identity: KeyPair | None = field(default=None, repr=False)
    pni_registration_id: int | None = None
    account_entropy_pool: str | None = field(default=None, repr=False)
    master_key: bytes | None = field(default=None, repr=False)
    media_root_backup_key: bytes | None = field(default=None, repr=False)
    storage_key: bytes | None = field(default=None, repr=False)
    auth_credential_salt: bytes | None = field(default=None, repr=False)

    @property
    def is_primary(self) -> bool:
        return self.device_id == 1

    def identity(self, own: ServiceIdKind) -> KeyPair:
        """The identity key pair of one of the account's ids; raises AccountIncomplete."""
        if own is ServiceIdKind.ACI:
            return self.aci_identity
        return present(self.pni_identity, "PNI identity key")

    def service_id(self, own: ServiceIdKind) -> ServiceId:
        """One of the account's ids; raises AccountIncomplete."""
        return self.aci if own is ServiceIdKind.ACI else present(self.pni, "PNI")

    def local_registration_id(self, own: ServiceIdKind) -> int:
        """The registration id of one of the account's ids; raises AccountIncomplete."""
        if own is ServiceIdKind.ACI:
            return self.registration_id
        return present(self.pni_registration_id, "PNI registration id")


def load_account_keys(database: Database) -> AccountKeys:
    """Read them; raises AccountIncomplete or DatabaseDamaged."""
    values = AllSettings(database)
    pni = values.get(PNI)
    return AccountKeys(
        aci=ServiceId.parse(values.require(ACI)),
        device_id=values.require(DEVICE_ID),
        password=values.require(PASSWORD),
        aci_identity=present(
            _key_pair(values, ACI_IDENTITY_PRIVATE, ACI_IDENTITY_PUBLIC), "identity key"
        ),
        registration_id=values.require(REGISTRATION_ID),
        profile_key=ProfileKeyBytes(values.require(PROFILE_KEY)),
        number=values.get(NUMBER),
        pni=None if pni is None else ServiceId.pni(pni),
        pni_identity=_key_pair(values, PNI_IDENTITY_PRIVATE, PNI_IDENTITY_PUBLIC),
        pni_registration_id=values.get(PNI_REGISTRATION_ID),
        account_entropy_pool=values.get(ACCOUNT_ENTROPY_POOL),
        master_key=values.get(MASTER_KEY),
        media_root_backup_key=values.get(MEDIA_ROOT_BACKUP_KEY),
        storage_key=values.get(STORAGE_KEY),
        auth_credential_salt=values.get(AUTH_CREDENTIAL_SALT),
    )


def store_account_keys(database: Transaction, keys: AccountKeys) -> None:
    """Write all of them; what is None is forgotten."""
    write_setting(database, ACI, str(keys.aci))
    write_setting(database, PNI, None if keys.pni is None else str(keys.pni))
    write_setting(database, NUMBER, keys.number)
    write_setting(database, DEVICE_ID, keys.device_id)
    write_setting(database, PASSWORD, keys.password)
    write_setting(database, REGISTRATION_ID, keys.registration_id)
    write_setting(database, PNI_REGISTRATION_ID, keys.pni_registration_id)
    _write_key_pair(database, keys.aci_identity, ACI_IDENTITY_PRIVATE, ACI_IDENTITY_PUBLIC)
    _write_key_pair(database, keys.pni_identity, PNI_IDENTITY_PRIVATE, PNI_IDENTITY_PUBLIC)
    write_setting(database, PROFILE_KEY, keys.profile_key)
    write_setting(database, ACCOUNT_ENTROPY_POOL, keys.account_entropy_pool)
    write_setting(database, MASTER_KEY, keys.master_key)
    write_setting(database, MEDIA_ROOT_BACKUP_KEY, keys.media_root_backup_key)
    write_setting(database, STORAGE_KEY, keys.storage_key)
    write_setting(database, AUTH_CREDENTIAL_SALT, keys.auth_credential_salt)


def _write_key_pair(
    database: Transaction,
    pair: KeyPair | None,
    private: Setting[bytes],
    public: Setting[bytes],
) -> None:
    write_setting(database, private, None if pair is None else pair.private_key.serialize())
    write_setting(database, public, None if pair is None else pair.public_key.serialize())


def _key_pair(
    values: AllSettings, private: Setting[bytes], public: Setting[bytes]
) -> KeyPair | None:
    from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey

    private_bytes, public_bytes = values.get(private), values.get(public)
    if private_bytes is None or public_bytes is None:
        return None
    # The stored public half spares its computation, and with it the native library.
    return KeyPair(PrivateKey.deserialize(private_bytes), PublicKey.deserialize(public_bytes))
