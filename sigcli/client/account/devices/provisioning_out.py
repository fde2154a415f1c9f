"""``addDevice``: the primary device hands its account to a new linked one that shows a link URI."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sigcli.client.sending.configuration import sends_read_receipts
from sigcli.crypto.curve import PublicKey
from sigcli.errors import (
    DeviceLimitExceeded,
    DeviceNotLinked,
    InvalidKey,
    InvalidLinkUri,
    NoDeviceWaiting,
    NotFound,
    PrimaryOnly,
    Unauthorized,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.service.resources import devices as service_devices
from sigcli.store import account_data
from sigcli.store.settings import write_setting

if TYPE_CHECKING:
    from sigcli.client.account.devices.devices import Device
    from sigcli.client.base.account import Account

WAIT_S = 120.0
"""How long the new device may take from the moment it has the account's keys."""
_WAIT_AT_A_TIME_S = 30
_SCHEMES = ("sgnl", "tsdevice")
_PROVISIONING_VERSION = 1
_MAX_ADDRESS = 256


@dataclass(frozen=True, slots=True)
class LinkUri:
    """What a new device shows: where it waits, and the key to encrypt to."""

    address: str = field(repr=False)
    public_key: PublicKey


def parse_link_uri(text: str) -> LinkUri:
    """Read ``sgnl://linkdevice?uuid=…&pub_key=…`` or the same as ``tsdevice:``; raises InvalidLinkUri."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        raise InvalidLinkUri from None
    if parts.scheme == "signalcaptcha":
        raise InvalidLinkUri("this is a captcha, not the link URI of a device")
    if parts.scheme not in _SCHEMES:
        raise InvalidLinkUri
    if parts.scheme == "sgnl" and (parts.netloc or parts.path.strip("/")) != "linkdevice":
        raise InvalidLinkUri("this link is for something else than linking a device")
    # Not parse_qs: it turns a plus, which a key may hold unescaped, into a blank.
    values: dict[str, str] = {}
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        values.setdefault(name, unquote(value))
    address, key = values.get("uuid", ""), values.get("pub_key", "")
    if not 0 < len(address) <= _MAX_ADDRESS or not key:
        raise InvalidLinkUri("the link URI is not complete: it has a uuid and a pub_key")
    return LinkUri(address, _public_key(key))


def add_device(account: Account, uri: str, *, wait_s: float = WAIT_S) -> Device | None:
    """Let the device that shows this URI into the account, and wait until it is linked.

    None if the service does not tell which one it became. Raises PrimaryOnly, InvalidLinkUri, NoDeviceWaiting,
    DeviceLimitExceeded, DeviceNotLinked, ServiceError.
    """
    link = parse_link_uri(uri)
    if not account.keys.is_primary:
        raise PrimaryOnly("only the account's primary device can add devices")
    try:
        token = service_devices.request_link_token(account.identified)
    except DeviceLimitExceeded as error:
        error.hint = (
            "remove one that is no longer used: sigcli listDevices, sigcli removeDevice -d N"
        )
        raise
    except Unauthorized as error:
        error.hint = "only the primary device of a registered account can add devices"
        raise
    envelope = _provision_envelope(account, link, token.verification_code)
    try:
        service_devices.send_provisioning_message(account.identified, link.address, envelope)
    except NotFound:
        raise NoDeviceWaiting from None
    with account.database.transaction() as database:
        # From here on there may be a new device: what is sent meanwhile asks the service.
        write_setting(database, account_data.MULTI_DEVICE, True)
    return None if token.identifier is None else _await_device(account, token.identifier, wait_s)


def _provision_envelope(account: Account, link: LinkUri, code: str) -> bytes:
    from sigcli.protocol.provisioning import encrypt_provision_message
    from sigcli.wire.provisioning import ProvisionMessage, encode_envelope

    keys = account.keys
    pni_identity = keys.pni_identity
    message = ProvisionMessage(
        aci_identity_public=keys.aci_identity.public_key.serialize(),
        aci_identity_private=keys.aci_identity.private_key.serialize(),
        pni_identity_public=pni_identity.public_key.serialize() if pni_identity else None,
        pni_identity_private=pni_identity.private_key.serialize() if pni_identity else None,
        aci=keys.aci,
        pni=keys.pni,
        number=keys.number,
        provisioning_code=code,
        profile_key=keys.profile_key,
        read_receipts=sends_read_receipts(account.database),
        provisioning_version=_PROVISIONING_VERSION,
        account_entropy_pool=keys.account_entropy_pool,
        media_root_backup_key=keys.media_root_backup_key,
        auth_credential_salt=keys.auth_credential_salt,
    )
    return encode_envelope(encrypt_provision_message(message, link.public_key, account.random))


def _await_device(account: Account, identifier: str, wait_s: float) -> Device:
    from sigcli.client.account.devices.devices import device_of

    deadline = time.monotonic() + wait_s
    while (left_s := deadline - time.monotonic()) > 0:
        at_once_s = max(1, min(_WAIT_AT_A_TIME_S, int(left_s)))
        info = service_devices.wait_for_linked_device(account.identified, identifier, at_once_s)
        if info is not None:
            return device_of(account, info)
    raise DeviceNotLinked


def _public_key(text: str) -> PublicKey:
    """33 bytes, in either alphabet of base64, padded or not."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        serialized = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        return PublicKey.deserialize(serialized)
    except (binascii.Error, ValueError, InvalidKey):
        raise InvalidLinkUri("the link URI holds no valid key") from None
