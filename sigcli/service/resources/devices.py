"""The devices of an account: listing, removing, capabilities, and linking new ones."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, decode_base64, encode_base64
from sigcli.service.exchange import Request, json_request, quote
from sigcli.service.status_errors import require_success
from sigcli.wire.addresses import MAX_DEVICE_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.service.chat import IdentifiedChat

_ANSWER_MARGIN_S = 15.0


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One device of the account.

    ``encrypted_name``: a DeviceName message, None if unnamed. ``last_seen_ms`` is exact to the day. When the device was
    created is known only from ``encrypted_created_at``: HPKE to the ACI identity key, info ``deviceCreatedAt``,
    associated data the device id byte and the registration id as be32, plaintext be64 milliseconds.
    """

    device_id: int
    registration_id: int | None
    last_seen_ms: int
    encrypted_name: bytes | None = field(default=None, repr=False)
    encrypted_created_at: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LinkToken:
    """Permission for one new device, for ten minutes; ``identifier`` is used to wait until it was used."""

    verification_code: str = field(repr=False)
    identifier: str | None


def list_devices(chat: IdentifiedChat) -> tuple[DeviceInfo, ...]:
    """All devices of the account."""
    response = require_success(chat.request(Request("GET", "/v1/devices")), "list the devices")
    body = JsonObject.from_response(response)
    return tuple(_read_device(device) for device in body.objects("devices"))


def remove_device(chat: IdentifiedChat, device_id: int) -> None:
    """Remove a linked device; raises Unauthorized if a linked device names another one, Forbidden for device 1."""
    response = chat.request(Request("DELETE", f"/v1/devices/{device_id}"))
    require_success(response, "remove the device")


def put_capabilities(chat: IdentifiedChat, capabilities: Mapping[str, bool]) -> None:
    """Replace what this device says it can do; the only attribute that a linked device may send."""
    request = json_request("PUT", "/v1/devices/capabilities", dict(capabilities))
    require_success(chat.request(request), "accept the device's capabilities")


def request_link_token(chat: IdentifiedChat) -> LinkToken:
    """Prepare to link a new device, as the primary; raises Unauthorized on other devices, DeviceLimitExceeded."""
    response = chat.request(Request("GET", "/v1/devices/provisioning/code"))
    body = JsonObject.from_response(require_success(response, "prepare for a new device"))
    return LinkToken(body.text("verificationCode"), body.optional_text("tokenIdentifier"))


def send_provisioning_message(chat: IdentifiedChat, address: str, envelope: bytes) -> None:
    """Send a ProvisionEnvelope to the device that waits at this address; raises NotFound if none does."""
    request = json_request(
        "PUT", f"/v1/provisioning/{quote(address)}", {"body": encode_base64(envelope)}
    )
    require_success(chat.request(request), "reach the new device")


def wait_for_linked_device(
    chat: IdentifiedChat, identifier: str, wait_s: int = 30
) -> DeviceInfo | None:
    """The device that used the link token; None if none did within 1 to 3600 seconds."""
    path = f"/v1/devices/wait_for_linked_device/{quote(identifier)}?timeout={wait_s}"
    response = chat.request(Request("GET", path), wait_s + _ANSWER_MARGIN_S)
    require_success(response, "wait for the new device")
    return None if response.status == 204 else _read_device(JsonObject.from_response(response))


def _read_device(device: JsonObject) -> DeviceInfo:
    name = device.optional_text("name")
    return DeviceInfo(
        device_id=device.integer("id", 1, MAX_DEVICE_ID),
        registration_id=device.optional_integer("registrationId"),
        last_seen_ms=device.optional_integer("lastSeen") or 0,
        encrypted_name=decode_base64(name, "device name") if name else None,
        encrypted_created_at=device.optional_data("createdAtCiphertext"),
    )
