"""This account: its identity, attributes and settings.

``PUT /v1/accounts/attributes`` replaces everything that it carries, for the whole account: only the primary device may
send it. Fields: ``AccountAttributes`` and ``AccountController`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, encode_base64, without_none
from sigcli.service.exchange import Request, json_request
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.service.chat import IdentifiedChat, UnidentifiedChat
    from sigcli.service.exchange import Response
    from sigcli.wire.addresses import ServiceId

CAPABILITIES: Mapping[str, bool] = {
    "spqr": True,
    "storage": True,
    "usernameChangeSyncMessage": True,
    "optionalPhoneNumber": True,
}
"""What every device of this client can do; without ``spqr`` the service answers 499 to everything."""

_SALT_LENGTH = 16


@dataclass(frozen=True, slots=True)
class AccountIdentity:
    """The identity of an account. ``auth_credential_salt`` (16 bytes) only for accounts without a number."""

    aci: ServiceId
    pni: ServiceId | None
    number: str | None = field(repr=False)
    username_hash: bytes | None = None
    username_link_handle: str | None = None
    storage_capable: bool = False
    auth_credential_salt: bytes | None = field(default=None, repr=False)
    reregistration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAttributes:
    """What a device says about itself. ``encrypted_name``: the DeviceName message, at most 225 bytes."""

    registration_id: int
    pni_registration_id: int | None
    encrypted_name: bytes | None = None
    capabilities: Mapping[str, bool] = field(default_factory=lambda: dict(CAPABILITIES))

    def to_json(self) -> dict[str, Any]:
        name = self.encrypted_name
        return without_none(
            {
                # Absent means false, and then no message ever arrives.
                "fetchesMessages": True,
                "registrationId": self.registration_id,
                "pniRegistrationId": self.pni_registration_id,
                "name": None if name is None else encode_base64(name),
                "capabilities": dict(self.capabilities),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAttributes:
    """What a primary device says about itself and its account; it replaces all earlier attributes.

    ``access_key`` has 16 bytes, ``recovery_password`` 32; ``registration_lock`` is the hex of 32 bytes, None removes a
    lock.
    """

    device: DeviceAttributes
    access_key: bytes = field(repr=False)
    unrestricted_access: bool = False
    discoverable_by_number: bool = True
    registration_lock: str | None = field(default=None, repr=False)
    recovery_password: bytes | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        password = self.recovery_password
        return self.device.to_json() | without_none(
            {
                # A list of numbers, since not every server reads base64 here.
                "unidentifiedAccessKey": list(self.access_key),
                "unrestrictedUnidentifiedAccess": self.unrestricted_access,
                "discoverableByPhoneNumber": self.discoverable_by_number,
                "registrationLock": self.registration_lock,
                "recoveryPassword": None if password is None else encode_base64(password),
            }
        )


def whoami(chat: IdentifiedChat) -> AccountIdentity:
    """The account that this login belongs to; raises Unauthorized if the login is dead."""
    response = chat.request(Request("GET", "/v1/accounts/whoami"))
    return read_identity(require_success(response, "name this account"))


def put_attributes(chat: IdentifiedChat, attributes: AccountAttributes) -> None:
    """Replace the account's attributes; for a primary device only."""
    request = json_request("PUT", "/v1/accounts/attributes/", attributes.to_json())
    require_success(chat.request(request), "accept the account's attributes")


def put_device_name(
    chat: IdentifiedChat, encrypted_name: bytes, device_id: int | None = None
) -> None:
    """Name a device, by default this one; raises Forbidden if a linked device names another one, NotFound."""
    query = "" if device_id is None else f"?deviceId={device_id}"
    request = json_request(
        "PUT", f"/v1/accounts/name{query}", {"deviceName": encode_base64(encrypted_name)}
    )
    require_success(chat.request(request), "name the device")


def put_registration_lock(chat: IdentifiedChat, registration_lock: str) -> None:
    """Protect the number with the hex of a 32-byte token derived from the PIN."""
    request = json_request(
        "PUT", "/v1/accounts/registration_lock", {"registrationLock": registration_lock}
    )
    require_success(chat.request(request), "set the registration lock")


def delete_registration_lock(chat: IdentifiedChat) -> None:
    """Take the registration lock away."""
    response = chat.request(Request("DELETE", "/v1/accounts/registration_lock"))
    require_success(response, "remove the registration lock")


def stop_fetching(chat: IdentifiedChat) -> None:
    """Stop receiving on this device until its attributes are sent again; if it is the primary, nobody can reach it."""
    # Deleting a push token tells the service that messages are not fetched either.
    response = chat.request(Request("DELETE", "/v1/accounts/gcm/"))
    require_success(response, "unregister this device")


def delete_account(chat: IdentifiedChat) -> None:
    """Delete the account at the service, for good."""
    require_success(chat.request(Request("DELETE", "/v1/accounts/me")), "delete the account")


def account_exists(chat: UnidentifiedChat, service_id: ServiceId) -> bool:
    """Whether an account with this id is registered; raises RateLimited."""
    response = chat.request(Request("HEAD", f"/v1/accounts/account/{service_id}"))
    if response.status == 404:
        return False
    require_success(response, "look up the account")
    return True


def read_identity(response: Response) -> AccountIdentity:
    """The identity object in the answers of whoami, registration and change of number; raises MalformedAnswer."""
    body = JsonObject.from_response(response)
    return AccountIdentity(
        aci=body.aci("uuid"),
        pni=body.optional_pni("pni"),
        number=body.optional_text("number"),
        username_hash=body.optional_data("usernameHash"),
        username_link_handle=body.optional_text("usernameLinkHandle"),
        storage_capable=body.flag("storageCapable"),
        auth_credential_salt=body.optional_data("authCredentialSalt", _SALT_LENGTH),
        reregistration=body.flag("reregistration"),
    )
