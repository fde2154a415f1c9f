"""Becoming a linked device of an existing account.

Everything is made in a database that is no account yet. It becomes one when the service has accepted the device; a
link that fails before that leaves nothing. An account that is here already is taken over in place if the service no
longer takes its old login, so that what was received and not printed stays.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.account.devices.link_codes import await_phone
from sigcli.client.account.new_keys import new_password, new_registration_id
from sigcli.client.account.prekey_upkeep import (
    confirm_lasting_prekeys,
    make_lasting_prekeys,
    own_identities,
    public_prekey,
    upload_prekeys,
)
from sigcli.client.base.account import open_account, system_clock
from sigcli.client.base.settings import DEFAULT_ENVIRONMENT
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import (
    AccountExists,
    IncompleteProvisioning,
    LoginRefused,
    ProtocolError,
    ServiceError,
    Unauthorized,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store import account_data
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, add_task, drop_tasks
from sigcli.wire.addresses import ServiceIdKind, is_e164
from sigcli.wire.key_types import ProfileKeyBytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.settings import Settings
    from sigcli.protocol.prekeys import KyberPreKeyRecord, SignedPreKeyRecord
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.network import Network
    from sigcli.service.resources.linking import LinkedDevice
    from sigcli.store.accounts import NewAccount
    from sigcli.store.accounts_file import LocalAccount
    from sigcli.store.database import Database
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.provisioning import ProvisionMessage

_UNCONFIRMED_DEVICE = 127


@dataclass(frozen=True, slots=True)
class Linked:
    """The account that this machine now belongs to."""

    aci: ServiceId
    number: str | None = field(repr=False)
    device_id: int


def link_device(
    settings: Settings,
    *,
    device_name: str,
    show: Callable[[str], None],
    random: RandomSource = secure_random,
    clock: Callable[[], int] = system_clock,
) -> Linked:
    """Show link codes until a primary device has accepted one, and become its linked device.

    Raises LinkTimedOut, AccountExists, IncompleteProvisioning, ServiceError.
    """
    from sigcli.service.chat import UnlinkedChat

    with UnlinkedChat(network(settings)) as chat:
        message = await_phone(chat, show, random)
        return become(settings, chat, message, device_name, random, clock)


def network(settings: Settings) -> Network:
    """The service that a new account belongs to."""
    from sigcli.crypto.probe import require_primitives
    from sigcli.service.environments import load_environment
    from sigcli.service.network import Network

    require_primitives()
    return Network(
        load_environment(_environment(settings), settings.data_dir), trace=settings.trace
    )


def _environment(settings: Settings) -> str:
    return settings.stored_environment or DEFAULT_ENVIRONMENT


def become(
    settings: Settings,
    chat: UnlinkedChat,
    message: ProvisionMessage,
    device_name: str,
    random: RandomSource,
    clock: Callable[[], int],
) -> Linked:
    """Make what the phone has sent an account here; raises AccountExists, IncompleteProvisioning, ServiceError."""
    now_ms = clock()
    name = _environment(settings)
    settings.data_directory.clean_up(now_ms)
    with _place(settings, message, name) as place:
        linked = _link(chat, place, message, device_name, now_ms, random)
        place.keep(linked)
    _finish(settings, name, linked)
    return linked


# --- where the account goes -----------------------------------------------------------------------


class _NewPlace:
    """A folder that is no account yet."""

    def __init__(self, new: NewAccount, environment: str) -> None:
        self._new = new
        self._environment = environment
        self.database = new.database

    def keep(self, linked: Linked) -> None:
        self._new.register(linked.aci, linked.number, self._environment)


class _OldPlace:
    """An account whose link had ended."""

    def __init__(self, settings: Settings, entry: LocalAccount, database: Database) -> None:
        self._directory = settings.data_directory
        self._entry = entry
        self.database = database

    def keep(self, linked: Linked) -> None:
        from sigcli.lazy_dataclass import replace

        self._directory.update(replace(self._entry, number=linked.number))


@contextmanager
def _place(
    settings: Settings, message: ProvisionMessage, environment: str
) -> Iterator[_NewPlace | _OldPlace]:
    directory = settings.data_directory
    for entry in directory.accounts(environment):
        if entry.aci == message.aci:
            if _still_works(settings, entry):
                raise AccountExists
            with directory.open_database(entry) as database:
                yield _OldPlace(settings, entry, database)
            return
    with directory.new_account() as new:
        yield _NewPlace(new, environment)


def _still_works(settings: Settings, entry: LocalAccount) -> bool:
    from sigcli.lazy_dataclass import replace
    from sigcli.service.resources.accounts import whoami

    own = replace(settings, account=str(entry.aci), service_environment=entry.environment)
    with open_account(own) as account:
        try:
            whoami(account.identified)
        except (Unauthorized, LoginRefused):
            return False
    return True


# --- the account ----------------------------------------------------------------------------------


def _link(
    chat: UnlinkedChat,
    place: _NewPlace | _OldPlace,
    message: ProvisionMessage,
    device_name: str,
    now_ms: int,
    random: RandomSource,
) -> Linked:
    from sigcli.lazy_dataclass import replace
    from sigcli.protocol.device_name import encrypt_device_name
    from sigcli.service.resources.accounts import DeviceAttributes
    from sigcli.service.resources.linking import LinkRequest, link

    database = place.database
    keys = keys_from(message, random)
    if not message.provisioning_code:
        raise IncompleteProvisioning("the phone sent no link code")
    lasting = _store_new_device(database, keys, now_ms, random)
    encrypted_name = encrypt_device_name(device_name, keys.aci_identity.public_key, random)
    aci_signed, aci_last_resort = lasting[ServiceIdKind.ACI]
    pni = lasting.get(ServiceIdKind.PNI)
    answer = link(
        chat,
        LinkRequest(
            aci=keys.aci,
            password=keys.password,
            verification_code=message.provisioning_code,
            attributes=DeviceAttributes(
                registration_id=keys.registration_id,
                pni_registration_id=keys.pni_registration_id,
                encrypted_name=encrypted_name,
            ),
            aci_signed_prekey=public_prekey(aci_signed),
            aci_last_resort_prekey=public_prekey(aci_last_resort),
            pni_signed_prekey=public_prekey(pni[0]) if pni else None,
            pni_last_resort_prekey=public_prekey(pni[1]) if pni else None,
        ),
    )
    require_same_account(keys, answer)
    keys = replace(keys, device_id=answer.device_id, pni=answer.pni or keys.pni)
    with database.transaction() as transaction:
        store_account_keys(transaction, keys)
        for own, pair in lasting.items():
            confirm_lasting_prekeys(transaction, own, *pair, now_ms)
        write_setting(transaction, account_data.DEVICE_NAME, device_name)
        write_setting(transaction, account_data.ENCRYPTED_DEVICE_NAME, encrypted_name.hex())
        write_setting(transaction, account_data.REGISTERED, True)
        write_setting(transaction, account_data.MULTI_DEVICE, True)
        if message.read_receipts is not None:
            write_setting(transaction, account_data.READ_RECEIPTS, message.read_receipts)
        add_task(transaction, TaskKind.SYNC_REQUEST, now_ms=now_ms)
        add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=now_ms)
    return Linked(keys.aci, keys.number, keys.device_id)


def require_same_account(keys: AccountKeys, answer: LinkedDevice) -> None:
    """The service must mean the account that the phone has described; raises IncompleteProvisioning."""
    pni_differs = None not in (keys.pni, answer.pni) and keys.pni != answer.pni
    if answer.aci != keys.aci or pni_differs:
        raise IncompleteProvisioning(
            "the service linked this device to another account than the phone described",
            hint="remove the new device on the phone (Settings, Linked devices) and link again",
        )


def _store_new_device(
    database: Database, keys: AccountKeys, now_ms: int, random: RandomSource
) -> dict[ServiceIdKind, tuple[SignedPreKeyRecord, KyberPreKeyRecord]]:
    """Store the keys before the service learns of them; sessions of an earlier link are put away."""
    from sigcli.store.prekeys import delete_all_prekeys
    from sigcli.store.sessions import archive_all_sessions
    from sigcli.store.storage_records import forget_seen

    lasting = {}
    with database.transaction() as transaction:
        store_account_keys(transaction, keys)
        archive_all_sessions(transaction)
        # What the phone has now holds against what an earlier link knew.
        forget_seen(transaction)
        for own in ServiceIdKind:
            delete_all_prekeys(transaction, own)
            if own is ServiceIdKind.ACI or keys.pni_identity is not None:
                lasting[own] = make_lasting_prekeys(
                    transaction, own, keys.identity(own), now_ms, random
                )
    return lasting


def keys_from(message: ProvisionMessage, random: RandomSource) -> AccountKeys:
    """The account as the primary device describes it; raises IncompleteProvisioning."""

    if message.aci is None or message.profile_key is None:
        raise IncompleteProvisioning
    if message.number is not None and not is_e164(message.number):
        raise IncompleteProvisioning("the phone sent something else than its number")
    aci_identity = _key_pair(message.aci_identity_private, message.aci_identity_public)
    if aci_identity is None:
        raise IncompleteProvisioning
    pni_identity = _key_pair(message.pni_identity_private, message.pni_identity_public)
    return AccountKeys(
        aci=message.aci,
        device_id=_UNCONFIRMED_DEVICE,
        password=new_password(random),
        aci_identity=aci_identity,
        registration_id=new_registration_id(random),
        profile_key=ProfileKeyBytes(message.profile_key),
        number=message.number,
        pni=message.pni,
        pni_identity=pni_identity,
        pni_registration_id=new_registration_id(random) if pni_identity else None,
        account_entropy_pool=message.account_entropy_pool,
        media_root_backup_key=message.media_root_backup_key,
        auth_credential_salt=message.auth_credential_salt,
    )


def _key_pair(private: bytes | None, public: bytes | None) -> KeyPair | None:
    if private is None:
        return None
    pair = KeyPair.from_private(private)
    if public is not None and PublicKey.deserialize(public) != pair.public_key:
        raise IncompleteProvisioning("the phone sent an identity key whose halves do not fit")
    return pair


def _finish(settings: Settings, environment: str, linked: Linked) -> None:
    """What a new device does at once; what fails here is made up for by the next receive."""
    from sigcli.client.applying.group_updates import update_waiting_groups
    from sigcli.client.sending.sync_requests import request_sync
    from sigcli.client.storage.syncing import sync_storage
    from sigcli.lazy_dataclass import replace

    own = replace(settings, account=str(linked.aci), service_environment=environment)
    with open_account(own) as account:
        try:
            for identity in own_identities(account):
                upload_prekeys(account, identity, rotate=False)
            request_sync(account)
            with account.database.transaction() as database:
                drop_tasks(database, TaskKind.SYNC_REQUEST)
            sync_storage(account)
            with account.database.transaction() as database:
                drop_tasks(database, TaskKind.STORAGE_SYNC)
            update_waiting_groups(account)
        except (ServiceError, ProtocolError) as error:
            account.warn(f"this device is linked, but not all is set up yet: {error.message}")
