"""From a verified number to an account: keys, the registration itself, and what a new primary device does at once.

An account that is here already and comes back under its ACI keeps its database: identity and profile keys, people and
messages stay, the former device's sessions and prekeys go.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import field
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.account.account_secrets import has_pin, master_key_in_force
from sigcli.client.account.new_keys import new_lasting_prekeys, new_password, new_registration_id
from sigcli.client.account.pin_recovery import note_recovered, with_master_key
from sigcli.client.account.prekey_upkeep import (
    confirm_lasting_prekeys,
    own_identities,
    public_prekey,
    upload_prekeys,
)
from sigcli.client.base.account import open_account, system_clock
from sigcli.crypto.curve import KeyPair
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import NotOffered, ServiceError
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.protocol.account_entropy import registration_lock
from sigcli.store import account_data
from sigcli.store import prekeys as stored
from sigcli.store.account_data import AccountKeys, load_account_keys, store_account_keys
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.addresses import ServiceId, ServiceIdKind
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.account.new_keys import LastingPreKeys
    from sigcli.client.account.pin_recovery import Recovered
    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.resources.accounts import AccountAttributes
    from sigcli.service.resources.registration import IdentityKeys
    from sigcli.store.accounts_file import LocalAccount
    from sigcli.store.database import Database, Transaction

    PreKeysByIdentity = dict[ServiceIdKind, LastingPreKeys]

_PRIMARY = 1
_PROFILE_KEY_LENGTH = 32
_MEDIA_ROOT_KEY_LENGTH = 32
_PASSWORD_BYTES = 18
_NOBODY = ServiceId.aci(UUID(int=0))
"""Until the service has named the account."""


@dataclass(frozen=True)
class Applicant:
    """A number that is to have an account here, with the service of that name."""

    settings: Settings
    number: str = field(repr=False)
    environment_name: str
    random: RandomSource = field(default=secure_random, repr=False)
    clock: Callable[[], int] = field(default=system_clock, repr=False)

    def local_account(self) -> LocalAccount | None:
        """The account of the number that is here already; raises AccountsFileDamaged."""
        accounts = self.settings.data_directory.accounts(self.environment_name)
        return next((entry for entry in accounts if entry.number == self.number), None)

    def settings_of(self, aci: ServiceId) -> Settings:
        """The settings with which an account of this service is opened."""
        return replace(self.settings, account=str(aci), service_environment=self.environment_name)


@dataclass(frozen=True, slots=True)
class Registered:
    """The account whose primary device this machine now is.

    ``reregistration``: the number had an account before, whose other devices are signed out.
    """

    aci: ServiceId
    number: str = field(repr=False)
    reregistration: bool
    may_restore: bool = False
    """Whether the account had contacts and groups at the service that a PIN may bring back."""
    has_pin: bool = False
    is_locked: bool = False
    """Whether the PIN protects the number, too."""


def stored_recovery_password(applicant: Applicant, entry: LocalAccount) -> bytes | None:
    """What registers an account again without a code, if this machine was its primary device."""
    from sigcli.protocol.account_entropy import recovery_password

    with applicant.settings.data_directory.open_database(entry) as database:
        keys = load_account_keys(database)
    master_key = master_key_in_force(keys)
    if not keys.is_primary or master_key is None:
        return None
    return recovery_password(master_key)


def register_account(
    chat: UnlinkedChat,
    applicant: Applicant,
    *,
    session_id: str | None = None,
    recovery_password: bytes | None = None,
    recovered: Recovered | None = None,
    awaits_pin: bool = False,
) -> Registered:
    """Register by a verified session or a recovery password, and keep the account.

    ``recovered`` is what the PIN has brought back: it opens the registration lock, and the account goes by it.
    ``awaits_pin``: where there is no lock, what the service holds waits for the PIN.
    Raises RegistrationLocked, ServiceError; nothing is kept then.
    """
    from sigcli.service.resources.registration import RegistrationRequest, register

    random, now_ms = applicant.random, applicant.clock()
    directory = applicant.settings.data_directory
    former = applicant.local_account()
    with ExitStack() as stack:
        new = stack.enter_context(directory.new_account())
        database = new.database
        if former is not None:
            database = stack.enter_context(directory.open_database(former))
        present = load_account_keys(database) if former is not None else None
        keys = _keys(applicant.number, present, random)
        if recovered is not None:
            keys = with_master_key(keys, recovered.master_key)
        prekeys = {
            own: new_lasting_prekeys(keys.identity(own), now_ms, random) for own in ServiceIdKind
        }
        attributes = _attributes(keys, present, database, recovered)
        answer = register(
            chat,
            RegistrationRequest(
                user=applicant.number,
                password=keys.password,
                session_id=session_id,
                recovery_password=recovery_password,
                attributes=attributes,
                aci=_identity_keys(keys, prekeys, ServiceIdKind.ACI),
                pni=_identity_keys(keys, prekeys, ServiceIdKind.PNI),
            ),
        )
        number = answer.number or applicant.number
        keys = replace(keys, aci=answer.aci, pni=answer.pni, number=number)
        entry = next(
            (e for e in directory.accounts(applicant.environment_name) if e.aci == answer.aci), None
        )
        release_number(applicant.settings, applicant.environment_name, number, answer.aci)
        knows_pool = entry is not None and present is not None and present.is_primary
        registered = Registered(
            answer.aci,
            number,
            answer.reregistration or present is not None,
            may_restore=recovered is None
            and not knows_pool
            and answer.reregistration
            and (answer.storage_capable or awaits_pin),
            has_pin=recovered is not None or (knows_pool and has_pin(database)),
            is_locked=attributes.registration_lock is not None,
        )
        if entry is not None:
            with directory.open_database(entry) as database, database.transaction() as transaction:
                _store(transaction, keys, prekeys, now_ms, takes_over=True)
                _note_outcome(transaction, keys, registered, recovered, now_ms)
            directory.update(replace(entry, number=number))
        else:
            with new.database.transaction() as database:
                _store(database, keys, prekeys, now_ms, takes_over=False)
                _note_outcome(database, keys, registered, recovered, now_ms)
                if former is not None:
                    # What was said of the former account, such as its lock, does not hold for this one.
                    add_task(database, TaskKind.ATTRIBUTES_UPDATE, now_ms=now_ms)
            new.register(answer.aci, number, applicant.environment_name)
    return registered


def finish_registration(applicant: Applicant, registered: Registered) -> None:
    """Upload one-time prekeys, read or begin the storage service, write a profile.

    What fails here is made up for by the next receive.
    """
    from sigcli.client.account.first_profile import put_first_profile
    from sigcli.client.account.restoring import restore_records

    with open_account(applicant.settings_of(registered.aci)) as account:
        try:
            for identity in own_identities(account):
                upload_prekeys(account, identity, rotate=False)
            # Before the profile: an account that comes back has its profile's key and name there.
            restore_records(account)
            put_first_profile(account)
            _reclaim_username(account)
        except (ServiceError, NotOffered) as error:
            account.warn(f"the number is registered, but not all is set up yet: {error.message}")


def _reclaim_username(account: Account) -> None:
    """Take the account's username again, which the service holds back for some days."""
    from sigcli.client.account.own_username import own_username
    from sigcli.client.account.username_check import check_username
    from sigcli.service.resources.accounts import whoami

    if own_username(account.database) is not None:
        check_username(account, whoami(account.identified), registered_anew=True)


# --- keys -----------------------------------------------------------------------------------------


def _keys(number: str, present: AccountKeys | None, random: RandomSource) -> AccountKeys:
    """Keys for a new device of an account that is new, or known here: then its lasting keys stay."""

    from sigcli.protocol.account_entropy import AccountEntropyPool

    return AccountKeys(
        aci=_NOBODY,
        device_id=_PRIMARY,
        password=new_password(random),
        aci_identity=present.aci_identity if present else KeyPair.generate(random),
        registration_id=new_registration_id(random),
        profile_key=ProfileKeyBytes(
            present.profile_key if present else random(_PROFILE_KEY_LENGTH)
        ),
        number=number,
        pni_identity=(present and present.pni_identity) or KeyPair.generate(random),
        pni_registration_id=new_registration_id(random),
        account_entropy_pool=(present and present.account_entropy_pool)
        or AccountEntropyPool.generate(random).text,
        media_root_backup_key=(present and present.media_root_backup_key)
        or random(_MEDIA_ROOT_KEY_LENGTH),
    )


def _identity_keys(
    keys: AccountKeys, prekeys: PreKeysByIdentity, own: ServiceIdKind
) -> IdentityKeys:
    from sigcli.service.resources.registration import IdentityKeys

    signed, last_resort = prekeys[own]
    return IdentityKeys(
        identity_key=keys.identity(own).public_key.serialize(),
        signed_prekey=public_prekey(signed),
        last_resort_prekey=public_prekey(last_resort),
    )


def _attributes(
    keys: AccountKeys,
    present: AccountKeys | None,
    database: Database,
    recovered: Recovered | None,
) -> AccountAttributes:
    """What the new device says; an account that is known here keeps its settings."""
    from sigcli.client.account.update_account import attributes_of

    attributes = attributes_of(keys, database)
    if recovered is not None:
        attributes = replace(attributes, registration_lock=registration_lock(recovered.master_key))
    device = attributes.device
    # Not every server takes a registration that does not say so.
    capabilities = {**device.capabilities, "attachmentBackfill": False}
    name = device.encrypted_name if present is not None and present.is_primary else None
    return replace(
        attributes, device=replace(device, encrypted_name=name, capabilities=capabilities)
    )


# --- the store ------------------------------------------------------------------------------------


def _store(
    database: Transaction,
    keys: AccountKeys,
    prekeys: PreKeysByIdentity,
    now_ms: int,
    *,
    takes_over: bool,
) -> None:
    """Keep the new device."""
    from sigcli.client.account.first_profile import FIRST_PROFILE_DUE
    from sigcli.store.new_device import forget_former_device

    if takes_over:
        former = load_account_keys(database)
        forget_former_device(database, keys.aci)
        if not former.is_primary:
            write_setting(database, account_data.DEVICE_NAME, None)
            write_setting(database, account_data.ENCRYPTED_DEVICE_NAME, None)
    store_account_keys(database, keys)
    for own, (signed, last_resort) in prekeys.items():
        stored.add_signed_prekey(database, own, signed, now_ms)
        stored.add_kyber_prekeys(database, own, [last_resort], now_ms, last_resort=True)
        confirm_lasting_prekeys(database, own, signed, last_resort, now_ms)
    write_setting(database, account_data.REGISTERED, True)
    write_setting(database, account_data.MULTI_DEVICE, False)
    # Only a primary device can know more of them.
    write_setting(database, account_data.BLOCKED_LIST_KNOWN, True)
    write_setting(database, account_data.CONTACTS_SYNCED, True)
    write_setting(database, FIRST_PROFILE_DUE, True)


def _note_outcome(
    database: Transaction,
    keys: AccountKeys,
    registered: Registered,
    recovered: Recovered | None,
    now_ms: int,
) -> None:
    """Keep what the PIN has brought back, or until when it may."""
    from sigcli.client.account.restoring import RESTORE_TIME_MS
    from sigcli.store.pin_backups import forget_pin_backups

    # The enclaves may have dropped what they kept of an account that was away for long: store it anew.
    forget_pin_backups(database)
    if recovered is not None:
        note_recovered(database, keys, recovered, now_ms, locks=True)
    elif registered.may_restore:
        until_ms = now_ms + RESTORE_TIME_MS
        write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, until_ms)


def release_number(
    settings: Settings, environment_name: str, number: str, owner: ServiceId
) -> None:
    """Take the number from an account of this machine that has lost it to another."""
    directory = settings.data_directory
    for entry in directory.accounts(environment_name):
        if entry.number == number and entry.aci != owner:
            with directory.open_database(entry) as database, database.transaction() as transaction:
                write_setting(transaction, account_data.REGISTERED, False)
            directory.update(replace(entry, number=None))
