"""``/v1/devices``: listing and removing devices, their capabilities, and linking new ones.

Order of the checks: ``DeviceController`` of the public Signal-Server.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from sigcli.errors import InvalidServiceId
from sigcli.lazy_dataclass import replace
from sigcli.sandbox.accounts import MAX_DEVICES, PRIMARY, Account, Device, free_device_id
from sigcli.sandbox.capabilities import is_downgrade, known
from sigcli.sandbox.endpoints.registration import new_device
from sigcli.sandbox.exchange import NO_CONTENT, Refused, json_response
from sigcli.sandbox.fields import (
    Fields,
    encode_standard,
    encode_unpadded,
    encode_url_safe,
    invalid,
    query_integer,
)
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.uploaded_keys import (
    read_device_attributes,
    read_repeated_use_keys,
    require_one_delivery_channel,
    require_signatures,
)
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.sandbox.uploaded_keys import RepeatedUseKeys

LINK_TOKEN_LIFE_MS = 10 * 60_000
_USED = "used-link-token"
_LINKED = "linked-device"
_IDENTIFIER_LENGTH = range(32, 65)


class DeviceEndpoints:
    """The devices of an account."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._linked = asyncio.Condition()

    def routes(self) -> list[Route]:
        own = Login.REQUIRED
        return [
            Route("GET", "/v1/devices", own, self._list),
            Route("DELETE", "/v1/devices/{id}", own, self._remove),
            Route("GET", "/v1/devices/provisioning/code", own, self._make_token),
            Route("PUT", "/v1/devices/link", Login.IGNORED, self._link),
            Route(
                "GET", "/v1/devices/wait_for_linked_device/{identifier}", own, self._await_linked
            ),
            Route("PUT", "/v1/devices/capabilities", own, self._put_capabilities),
            Route("GET", "/v1/devices/transfer_archive", own, self._await_archive),
        ]

    def _list(self, request: Request) -> Response:
        devices = request.required_caller.account.devices.values()
        return json_response({"devices": [_device_json(device) for device in devices]})

    def _remove(self, request: Request) -> Response:
        caller = request.required_caller
        text = request.parameters["id"]
        if not (text.isascii() and text.isdigit() and int(text) < 128):
            raise Refused(404)
        device_id = int(text)
        if not caller.is_primary and device_id != caller.device.id:
            raise Refused(401)
        if device_id == PRIMARY:
            raise Refused(403)
        if device_id in caller.account.devices:
            self._state.remove_device(caller.account, device_id)
        return NO_CONTENT

    def _put_capabilities(self, request: Request) -> Response:
        caller = request.required_caller
        capabilities = known(Fields.of(request).flags())
        device = replace(caller.device, capabilities=capabilities)
        self._state.accounts.put(caller.account.with_device(device))
        return NO_CONTENT

    def _make_token(self, request: Request) -> Response:
        caller = request.required_caller
        self._state.limits.use("allocate-device", caller.account.aci)
        _require_room(caller.account)
        if not caller.is_primary:
            raise Refused(401)
        stamp = f"{caller.account.aci}.{self._state.clock.now_ms()}"
        token = f"{stamp}:{self._state.keys.tag('link', stamp)}"
        return json_response(
            {"verificationCode": token, "tokenIdentifier": token_identifier(token)}
        )

    async def _link(self, request: Request) -> Response:
        if "authorization" not in request.headers:
            raise Refused(400)
        login = BasicLogin.parse(request.headers["authorization"])
        if login is None:
            raise Refused(401)
        fields = Fields.of(request)
        token = fields.text("verificationCode")
        attributes = read_device_attributes(fields.fields("accountAttributes"))
        aci_keys = read_repeated_use_keys(fields, "aci")
        pni_keys = read_repeated_use_keys(fields, "pni")
        if aci_keys is None:
            raise invalid()
        require_one_delivery_channel(fields, attributes)
        account = self._account_of_token(token)
        self._state.limits.use("link-device", account.aci)
        self._require_keys(account, aci_keys, pni_keys)
        _require_room(account)
        if attributes.capabilities is None:
            raise invalid()
        if is_downgrade(account, attributes.capabilities):
            raise Refused(409)
        if account.pni is None and "optionalPhoneNumber" not in attributes.capabilities:
            raise Refused(409)
        if (attributes.pni_registration_id is None) != (account.pni is None):
            raise invalid()
        self._state.database.put(_USED, token_identifier(token), True)
        # The server knows such a device as a desktop one.
        device = new_device(
            self._state,
            free_device_id(account),
            login.password,
            "OWD",
            attributes,
            account.aci_identity,
        )
        self._state.accounts.put(account.with_device(device))
        aci_keys.store(self._state.prekeys, account.aci, device.id)
        if pni_keys is not None and account.pni is not None:
            pni_keys.store(self._state.prekeys, account.pni, device.id)
        self._state.database.put(_LINKED, token_identifier(token), _device_json(device))
        async with self._linked:
            self._linked.notify_all()
        return json_response(
            {
                "uuid": str(account.aci),
                "pni": None if account.pni is None else str(account.pni.uuid),
                "deviceId": device.id,
            }
        )

    async def _await_linked(self, request: Request) -> Response:
        identifier = request.parameters["identifier"]
        if len(identifier) not in _IDENTIFIER_LENGTH:
            raise Refused(400)
        wait_s = query_integer(request, "timeout", 30)
        if not 1 <= wait_s <= 3600:
            raise Refused(400)
        self._state.limits.use("wait-for-linked-device", request.required_caller.account.aci)
        try:
            async with asyncio.timeout(wait_s), self._linked:
                while (found := self._state.database.get(_LINKED, identifier)) is None:
                    await self._linked.wait()
        except TimeoutError:
            return NO_CONTENT
        return json_response(found)

    async def _await_archive(self, request: Request) -> Response:
        # No archive is ever offered: the sandbox keeps no message history.
        wait_s = query_integer(request, "timeout", 30)
        if not 1 <= wait_s <= 3600:
            raise Refused(400)
        await asyncio.sleep(wait_s)
        return NO_CONTENT

    def _account_of_token(self, token: str) -> Account:
        stamp, _, tag = token.rpartition(":")
        aci, _, made_ms = stamp.partition(".")
        if not self._state.keys.is_tag(tag, "link", stamp):
            raise Refused(403)
        if self._state.clock.now_ms() - int(made_ms) > LINK_TOKEN_LIFE_MS:
            raise Refused(403)
        if self._state.database.get(_USED, token_identifier(token)) is not None:
            raise Refused(403)
        try:
            account = self._state.accounts.by_service_id(ServiceId.aci(aci))
        except InvalidServiceId:
            account = None
        if account is None:
            raise Refused(403)
        return account

    @staticmethod
    def _require_keys(
        account: Account, aci_keys: RepeatedUseKeys, pni_keys: RepeatedUseKeys | None
    ) -> None:
        if (pni_keys is None) != (account.pni is None):
            raise invalid()
        require_signatures(account.aci_identity, (aci_keys.signed, aci_keys.last_resort))
        if pni_keys is not None and account.pni_identity is not None:
            require_signatures(account.pni_identity, (pni_keys.signed, pni_keys.last_resort))


def token_identifier(token: str) -> str:
    """The name of a link token, which does not reveal it: 43 characters."""
    return encode_url_safe(hashlib.sha256(token.encode()).digest())


def _require_room(account: Account) -> None:
    if len(account.devices) >= MAX_DEVICES:
        raise Refused(411, {"current": len(account.devices), "max": MAX_DEVICES})


def _device_json(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": encode_standard(device.name),
        "lastSeen": device.last_seen_ms,
        "registrationId": device.registration_id,
        "createdAtCiphertext": encode_unpadded(device.created_at_ciphertext),
    }
