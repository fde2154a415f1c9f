"""The account's devices: listed with their names, renamed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import (
    DeviceNameTooLong,
    NoSuchDevice,
    NotFound,
    PrimaryNotRemovable,
    PrimaryOnly,
    SigcliError,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_ENCRYPTED_NAME_BYTES
from sigcli.service.resources import accounts as service_accounts
from sigcli.service.resources import devices as service_devices
from sigcli.store import account_data
from sigcli.store.sessions import delete_session
from sigcli.store.settings import write_setting
from sigcli.wire.addresses import ProtocolAddress, ServiceIdKind

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.service.resources.devices import DeviceInfo


@dataclass(frozen=True, slots=True)
class Device:
    """One device of the account; ``name`` and ``created_ms`` are None where they cannot be read."""

    id: int
    name: str | None
    created_ms: int | None
    last_seen_ms: int
    is_this_device: bool


def list_devices(account: Account) -> list[Device]:
    """All devices of the account, as the service knows them; raises ServiceError."""
    return [device_of(account, info) for info in service_devices.list_devices(account.identified)]


def rename_device(account: Account, device_id: int, name: str) -> None:
    """Give a device a name that only the account's devices can read, and tell the others; that failing is a warning.

    Raises NoSuchDevice, DeviceNameTooLong, and Forbidden for another device from a linked one.
    """
    from sigcli.protocol.device_name import encrypt_device_name

    encrypted = encrypt_device_name(name, account.keys.aci_identity.public_key, account.random)
    if len(encrypted) > MAX_ENCRYPTED_NAME_BYTES:
        raise DeviceNameTooLong
    try:
        service_accounts.put_device_name(account.identified, encrypted, device_id)
    except NotFound:
        raise NoSuchDevice from None
    if device_id == account.device_id:
        with account.database.transaction() as transaction:
            write_setting(transaction, account_data.DEVICE_NAME, name)
            write_setting(transaction, account_data.ENCRYPTED_DEVICE_NAME, encrypted.hex())
    _tell_other_devices(account, device_id)


def remove_device(account: Account, device_id: int) -> None:
    """Take a linked device out of the account, as its primary device.

    Raises PrimaryOnly, PrimaryNotRemovable, NoSuchDevice, ServiceError.
    """
    if not account.keys.is_primary:
        raise PrimaryOnly("only the account's primary device can remove devices")
    if device_id == account.device_id:
        raise PrimaryNotRemovable
    present = {info.device_id for info in service_devices.list_devices(account.identified)}
    if device_id not in present:
        raise NoSuchDevice
    service_devices.remove_device(account.identified, device_id)
    with account.database.transaction() as database:
        delete_session(database, ServiceIdKind.ACI, ProtocolAddress(account.aci, device_id))
        write_setting(database, account_data.MULTI_DEVICE, len(present) > 2)


def _tell_other_devices(account: Account, device_id: int) -> None:
    from sigcli.client.sending.sync_sending import tell_other_devices
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import SyncDeviceNameChange

    change = SyncDeviceNameChange(device_id=device_id)
    tell_other_devices(account, SyncMessage(device_name_change=change), "of the device's new name")


def device_of(account: Account, info: DeviceInfo) -> Device:
    """A device as the service describes it, its name and date decrypted."""
    return Device(
        id=info.device_id,
        name=_name(account, info),
        created_ms=_created_ms(account, info),
        last_seen_ms=info.last_seen_ms,
        is_this_device=info.device_id == account.device_id,
    )


def _name(account: Account, info: DeviceInfo) -> str | None:
    from sigcli.protocol.device_name import decrypt_device_name

    if info.encrypted_name is None:
        return None
    try:
        return decrypt_device_name(info.encrypted_name, account.keys.aci_identity.private_key)
    except SigcliError:
        return None  # named by something that did not encrypt it for this account


def _created_ms(account: Account, info: DeviceInfo) -> int | None:
    from sigcli.protocol.device_name import open_created_at

    if info.encrypted_created_at is None or info.registration_id is None:
        return None
    try:
        return open_created_at(
            info.encrypted_created_at,
            account.keys.aci_identity.private_key,
            info.device_id,
            info.registration_id,
        )
    except SigcliError:
        return None
