"""``/v2/keys``: uploading, counting, comparing and taking prekeys.

Order of the checks: ``KeysController`` of the public Signal-Server.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from sigcli.protocol.limits import MAX_PREKEYS_AT_ONCE
from sigcli.sandbox.access import (
    access_key,
    group_send_token,
    require_access,
    require_group_send_token,
)
from sigcli.sandbox.exchange import OK, Refused, json_response
from sigcli.sandbox.fields import Fields, encode_unpadded, invalid, path_service_id
from sigcli.sandbox.prekeys import Kind
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.uploaded_keys import (
    read_curve_key,
    read_kyber_key,
    require_signatures,
)

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.prekeys import PublicKeyEntry
    from sigcli.sandbox.state import State
    from sigcli.wire.addresses import ServiceId

ALL_DEVICES = "*"
_DIGEST_LENGTH = 32


class KeyEndpoints:
    """Prekeys."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v2/keys", Login.REQUIRED, self._count),
            Route("PUT", "/v2/keys", Login.REQUIRED, self._upload),
            Route("POST", "/v2/keys/check", Login.REQUIRED, self._check),
            Route("GET", "/v2/keys/{id}/{device}", Login.OPTIONAL, self._fetch),
        ]

    def _count(self, request: Request) -> Response:
        caller = request.required_caller
        owner = _queried_identity(request, caller.account)
        prekeys, device_id = self._state.prekeys, caller.device.id
        return json_response(
            {
                "count": prekeys.count(owner, device_id, Kind.CURVE),
                "pqCount": prekeys.count(owner, device_id, Kind.KYBER),
            }
        )

    def _upload(self, request: Request) -> Response:
        caller = request.required_caller
        owner = _queried_identity(request, caller.account)
        fields = Fields.of(request)
        signed = fields.optional_fields("signedPreKey")
        last_resort = fields.optional_fields("pqLastResortPreKey")
        uploads: dict[Kind, list[PublicKeyEntry]] = {
            Kind.CURVE: [
                read_curve_key(key, signed=False)
                for key in fields.list_of_fields("preKeys", MAX_PREKEYS_AT_ONCE)
            ],
            Kind.KYBER: [
                read_kyber_key(key)
                for key in fields.list_of_fields("pqPreKeys", MAX_PREKEYS_AT_ONCE)
            ],
            Kind.SIGNED: [] if signed is None else [read_curve_key(signed, signed=True)],
            Kind.LAST_RESORT: [] if last_resort is None else [read_kyber_key(last_resort)],
        }
        require_signatures(
            caller.account.identity_key(owner),
            (key for kind, keys in uploads.items() if kind is not Kind.CURVE for key in keys),
        )
        for kind, keys in uploads.items():
            if keys:
                self._state.prekeys.replace(owner, caller.device.id, kind, keys)
        return OK

    def _check(self, request: Request) -> Response:
        caller = request.required_caller
        fields = Fields.of(request)
        owner = _identity(caller.account, fields.text("identityType"), invalid())
        digest = fields.data("digest", (_DIGEST_LENGTH,))
        signed = self._state.prekeys.peek(owner, caller.device.id, Kind.SIGNED)
        last_resort = self._state.prekeys.peek(owner, caller.device.id, Kind.LAST_RESORT)
        if signed is None or last_resort is None:
            raise Refused(409)
        expected = hashlib.sha256(caller.account.identity_key(owner))
        for key in (signed, last_resort):
            expected.update(key.key_id.to_bytes(8, "big") + key.public_key)
        if not hmac.compare_digest(expected.digest(), digest):
            raise Refused(409)
        return OK

    def _fetch(self, request: Request) -> Response:
        key, token = access_key(request), group_send_token(request)
        owner = path_service_id(request, "id")
        selector = request.parameters["device"]
        caller = request.caller
        if caller is None and key is None and token is None:
            raise Refused(401)
        target = self._state.accounts.by_service_id(owner)
        if token is not None:
            if caller is not None or key is not None:
                raise Refused(400)
            require_group_send_token(self._state, token, [owner])
            if target is None:
                raise Refused(404)
        else:
            target = require_access(caller, key, target, owner)
        device_ids = _selected(selector, target, refusal=404 if caller or token else 401)
        if caller is not None:
            registration_ids = [target.registration_id(owner, id) for id in device_ids]
            place = (caller.account.aci, caller.device.id, owner, selector, registration_ids)
            self._state.limits.use("prekeys", place)
        found = [self._take(target, owner, device_id) for device_id in device_ids]
        devices = [device for device in found if device is not None]
        if not devices:
            raise Refused(404)
        identity_key = encode_unpadded(target.identity_key(owner))
        return json_response({"identityKey": identity_key, "devices": devices})

    def _take(self, target: Account, owner: ServiceId, device_id: int) -> dict[str, Any] | None:
        prekeys = self._state.prekeys
        signed = prekeys.peek(owner, device_id, Kind.SIGNED)
        if signed is None:
            return None
        kyber = prekeys.take(owner, device_id, Kind.KYBER) or prekeys.peek(
            owner, device_id, Kind.LAST_RESORT
        )
        if kyber is None:
            return None
        one_time = prekeys.take(owner, device_id, Kind.CURVE)
        return {
            "deviceId": device_id,
            "registrationId": target.registration_id(owner, device_id),
            "signedPreKey": signed.to_json(),
            "preKey": None if one_time is None else one_time.to_json(),
            "pqPreKey": kyber.to_json(),
        }


def _queried_identity(request: Request, account: Account) -> ServiceId:
    """The identity that a query names, in any case; any other name is a bad request."""
    return _identity(account, request.query.get("identity", "aci"), Refused(400))


def _identity(account: Account, name: str, refusal: Refused) -> ServiceId:
    name = name.lower()
    if name not in ("aci", "pni"):
        raise refusal
    if name == "aci":
        return account.aci
    if account.pni is None:
        raise Refused(400)
    return account.pni


def _selected(selector: str, target: Account, refusal: int) -> list[int]:
    if selector == ALL_DEVICES:
        return list(target.devices)
    if not (selector.isascii() and selector.isdigit() and int(selector) < 128):
        raise invalid()
    if int(selector) not in target.devices:
        raise Refused(refusal)
    return [int(selector)]
