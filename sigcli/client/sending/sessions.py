"""Sessions with the devices of an account: which there are, and setting up those that are missing.

What the service says about devices when it refuses a message: ``MessageController`` of the public Signal-Server.
A fetch of prekeys uses up one-time keys of the peer, so one process at a time does it for an account, and looks
again whether it is still needed once it is its turn.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.sending import setup_guard
from sigcli.errors import (
    InvalidSession,
    NotFound,
    SessionSetupBusy,
    Unauthorized,
    UntrustedIdentity,
)
from sigcli.store.processes import ProcessId
from sigcli.store.recipients import find_by_service_id, update_recipient
from sigcli.store.sender_keys import forget_shared_with
from sigcli.store.sessions import (
    archive_session,
    archive_sessions,
    delete_session,
    load_session,
    usable_devices,
)
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sigcli.client.base.account import Account
    from sigcli.client.base.steps import Steps
    from sigcli.client.sending.audience import Audience
    from sigcli.client.sending.setup_guard import Guard
    from sigcli.service.credentials import Access
    from sigcli.service.resources.keys import PreKeyResponse
    from sigcli.store.database import Transaction
    from sigcli.store.protocol_store import AccountProtocolStore
    from sigcli.wire.addresses import ServiceId

_OWN = ServiceIdKind.ACI
_POLL_S = 0.05
_ALL = None
"""In place of device ids: every device that the service names."""


def devices_to_address(account: Account, recipient: ServiceId) -> list[int]:
    """The devices that a message can be encrypted for at once; of this account all but this one."""
    devices = usable_devices(account.database, _OWN, recipient, account.now_ms())
    if recipient == account.aci:
        return [device for device in devices if device != account.device_id]
    return devices


def start_sessions(account: Account, recipient: ServiceId, access: Access | None) -> Steps[bool]:
    """Set up the missing sessions with an account's devices; false if it has no device.

    That can only be so for this account, which is asked about its other devices. ``access`` lets the request for
    prekeys go without a login. Raises UntrustedIdentity, InvalidKey, InvalidSignature, NotFound, SessionSetupBusy,
    ServiceError.
    """

    def missing() -> list[int] | None:
        return [] if devices_to_address(account, recipient) else _ALL

    yield from _set_up(account, recipient, access, missing)
    with account.database.transaction():
        return bool(devices_to_address(account, recipient))


def renew_sessions(
    account: Account, recipient: ServiceId, stale: Mapping[int, int], access: Access | None
) -> Steps[None]:
    """End the sessions with devices that were installed anew since (status 410), and set up others.

    ``stale`` maps a device to the registration id that the refused message was addressed to: a session with another
    one has been renewed by somebody else already. Raises NotFound, UntrustedIdentity, ServiceError.
    """
    with account.database.transaction() as transaction:
        for device, registration_id in stale.items():
            address = ProtocolAddress(recipient, device)
            if _registration_id(account, address) == registration_id:
                archive_session(transaction, _OWN, address)
                forget_shared_with(transaction, recipient, device)
    yield from _set_up(account, recipient, access, _lacking(account, recipient, stale))


def match_devices(
    account: Account,
    recipient: ServiceId,
    missing: Iterable[int],
    extra: Iterable[int],
    access: Access | None,
) -> Steps[None]:
    """Forget devices that are gone and set up sessions with new ones (status 409); raises NotFound, ServiceError."""
    with account.database.transaction() as transaction:
        for device in extra:
            delete_session(transaction, _OWN, ProtocolAddress(recipient, device))
            forget_shared_with(transaction, recipient, device)
    yield from _set_up(account, recipient, access, _lacking(account, recipient, missing))


def end_changed_sessions(
    store: AccountProtocolStore, *, except_device: int | None = None
) -> list[ServiceId]:
    """Draw the consequences of identity keys that were replaced in this transaction; gives whose they were.

    Old sessions are archived, except the one with ``except_device``, which belongs to the new key; this device's sender
    keys count as not shared, and the profile as not fetched.
    """
    changes = store.take_identity_changes()
    for service_id in changes:
        archive_sessions(store.database, service_id, except_device=except_device)
        forget_shared_with(store.database, service_id)
        recipient = find_by_service_id(store.database, service_id)
        if recipient is not None and recipient.profile.fetched_ms:
            update_recipient(store.database, recipient.id, profile_fetched_ms=0)
    return changes


def remember_untrusted(account: Account, recipient: ServiceId, error: UntrustedIdentity) -> None:
    """Save the key that was refused, so that the user sees it and can trust it; opens a transaction."""
    from sigcli.crypto.curve import PublicKey

    if error.identity_key is None or account.is_own(recipient):
        return
    with account.database.transaction() as transaction:
        store = account.protocol_store(transaction)
        identity_key = PublicKey.deserialize(error.identity_key)
        store.save_identity(ProtocolAddress(recipient, 1), identity_key)
        end_changed_sessions(store)


# --- setting up -----------------------------------------------------------------------------------


def _lacking(
    account: Account, recipient: ServiceId, devices: Iterable[int]
) -> Callable[[], list[int]]:
    wanted = sorted(set(devices))

    def lacking() -> list[int]:
        usable = devices_to_address(account, recipient)
        return [device for device in wanted if device not in usable]

    return lacking


def _set_up(
    account: Account,
    recipient: ServiceId,
    access: Access | None,
    find_missing: Callable[[], list[int] | None],
) -> Steps[None]:
    """Fetch and process the prekeys of the devices that are missing, alone among all processes."""
    deadline = time.monotonic() + account.settings.lock_timeout_s
    while True:
        with account.database.transaction() as transaction:
            missing = find_missing()
            if missing is not _ALL and not missing:
                return
            held = setup_guard.claim(transaction, recipient, account.now_ms(), account.random(8))
        if not isinstance(held, ProcessId):
            break
        if time.monotonic() >= deadline:
            raise SessionSetupBusy(
                f"process {held.pid} has been setting up sessions with {recipient} for more than"
                f" {account.settings.lock_timeout_s:g} s",
                pid=held.pid,
            )
        yield partial(time.sleep, _POLL_S)
    guard: Guard | None = held
    try:
        fetched: list[PreKeyResponse] = []
        if missing is _ALL:
            fetched.append((yield from _fetch(account, recipient, None, access)))
        else:
            for device in missing:
                try:
                    fetched.append((yield from _fetch(account, recipient, device, access)))
                except NotFound:
                    # The device is gone: the next refusal of the message says which devices there are now.
                    continue
        _process(account, recipient, fetched, held)
        guard = None
    except UntrustedIdentity as error:
        remember_untrusted(account, recipient, error)
        raise
    finally:
        if guard is not None:
            with account.database.transaction() as transaction:
                setup_guard.release(transaction, guard)


def _fetch(
    account: Account, recipient: ServiceId, device: int | None, access: Access | None
) -> Steps[PreKeyResponse]:
    from sigcli.service.resources import keys

    response: PreKeyResponse
    if access is not None:
        chat = account.unidentified
        try:
            response = yield partial(keys.fetch_anonymously, chat, recipient, access, device)
        except Unauthorized:
            # The access key was refused: ask with the login.
            pass
        else:
            return response
    response = yield partial(keys.fetch, account.identified, recipient, device)
    return response


def _process(
    account: Account, recipient: ServiceId, fetched: Iterable[PreKeyResponse], guard: Guard
) -> None:
    """Start sessions from prekeys and let go of the guard, in one transaction."""
    from sigcli.protocol.session import process_prekey_bundle

    local = account.address(_OWN)
    bundles = [bundle for response in fetched for bundle in response.bundles()]
    with account.database.transaction() as transaction:
        store = account.protocol_store(transaction, _OWN)
        for bundle in bundles:
            remote = ProtocolAddress(recipient, bundle.device_id)
            if remote == local:
                continue
            _drop_damaged(account, transaction, remote)
            process_prekey_bundle(bundle, remote, local, store, store.now_ms, account.random)
            end_changed_sessions(store, except_device=bundle.device_id)
        setup_guard.release(transaction, guard)


def _drop_damaged(account: Account, transaction: Transaction, address: ProtocolAddress) -> None:
    """Forget a record that cannot be read, which would stand in the way of a new session."""
    try:
        load_session(transaction, _OWN, address)
    except InvalidSession:
        delete_session(transaction, _OWN, address)


def _registration_id(account: Account, address: ProtocolAddress) -> int | None:
    try:
        record = load_session(account.database, _OWN, address)
    except InvalidSession:
        return None
    if record is None or record.current is None:
        return None
    return record.remote_registration_id


def end_sessions(account: Account, audience: Audience) -> None:
    """Send no more with the present sessions, still decrypt with them; nothing is sent. Opens a transaction."""
    with account.database.transaction() as database:
        for person in audience.people:
            for service_id in (person.aci, person.pni):
                if service_id is not None and not account.is_own(service_id):
                    archive_sessions(database, service_id)
