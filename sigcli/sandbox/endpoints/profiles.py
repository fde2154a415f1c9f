"""``/v1/profile``: versioned profiles, credentials for them, and who may read them.

Order of the checks: ``ProfileController`` of the public Signal-Server.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

from sigcli.durations import DAY_MS
from sigcli.errors import InvalidServiceId, SigcliError
from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import MAX_IDENTITY_CHECKS, MAX_PROFILE_AVATAR_BYTES
from sigcli.sandbox.access import (
    access_key,
    group_send_token,
    require_access,
    require_group_send_token,
)
from sigcli.sandbox.capabilities import has_capability, shown_capabilities
from sigcli.sandbox.exchange import OK, Refused, json_response
from sigcli.sandbox.fields import (
    Fields,
    encode_standard,
    encode_unpadded,
    invalid,
    path_aci,
    path_service_id,
)
from sigcli.sandbox.post_forms import make_post_form
from sigcli.sandbox.router import Login, Route
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Caller, Request, Response
    from sigcli.sandbox.state import State

_CREDENTIAL_TYPE = "expiringProfileKey"
_CREDENTIAL_DAYS = 7
_COMMITMENT_LENGTH = 97
_VERSION = re.compile(r"[0-9a-fA-F]{64}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_SIZES = {
    "name": (81, 285),
    "aboutEmoji": (0, 60),
    "about": (0, 156, 282, 540),
    "paymentAddress": (0, 582),
    "phoneNumberSharing": (0, 29),
}
_FINGERPRINT_LENGTH = 4


class ProfileEndpoints:
    """Profiles."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        optional = Login.OPTIONAL
        one = "/v1/profile/{id}/{version}"
        return [
            Route("PUT", "/v1/profile", Login.REQUIRED, self._put),
            Route("GET", "/v1/profile/{id}", optional, self._get_unversioned),
            Route("GET", one, optional, self._get_versioned),
            Route("GET", f"{one}/{{request}}", optional, self._get_with_credential),
            Route("POST", "/v1/profile/identity_check/batch", Login.IGNORED, self._check_batch),
        ]

    def _put(self, request: Request) -> Response:
        account = request.required_caller.account
        fields = Fields.of(request)
        commitment = fields.data("commitment", (_COMMITMENT_LENGTH,))
        version = fields.text("version")
        if not _VERSION.fullmatch(version):
            raise invalid()
        profile: dict[str, Any] = {
            name: encode_standard(fields.optional_data(name, sizes) or None)
            for name, sizes in _SIZES.items()
        }
        profile["commitment"] = commitment.hex()
        has_avatar, same_avatar = fields.flag("avatar"), fields.flag("sameAvatar")
        if has_capability(account, "profiles_v2"):
            raise Refused(412)
        key = _key(account.aci, version)
        before = self._state.database.get("profile", key) or {}
        upload = has_avatar and not same_avatar
        if upload:
            name = urlsafe_b64encode(token_bytes(16)).decode()
            profile["avatar"] = f"profiles/{name}"
        elif has_avatar:
            profile["avatar"] = before.get("avatar")
        else:
            profile["avatar"] = None
        self._state.database.put("profile", key, profile)
        self._state.accounts.put(replace(account, profile_version=version.lower()))
        if not upload:
            return OK
        form = make_post_form(self._state, profile["avatar"], MAX_PROFILE_AVATAR_BYTES)
        return json_response(form.to_json())

    def _get_unversioned(self, request: Request) -> Response:
        service_id = path_service_id(request, "id")
        key, token = access_key(request), group_send_token(request)
        if token is not None:
            if key is not None:
                raise Refused(400)
            require_group_send_token(self._state, token, [service_id])
            target = self._state.accounts.by_service_id(service_id)
            if target is None:
                raise Refused(404)
        else:
            target = self._readable(request.caller, key, service_id)
        return json_response(_base_profile(target, service_id))

    def _get_versioned(self, request: Request) -> Response:
        return json_response(self._versioned(request))

    def _get_with_credential(self, request: Request) -> Response:
        if request.query.get("credentialType") != _CREDENTIAL_TYPE:
            raise Refused(400)
        profile = self._versioned(request)
        return json_response(profile | {"credential": self._credential(request)})

    def _versioned(self, request: Request) -> dict[str, Any]:
        aci = path_aci(request, "id")
        target = self._readable(request.caller, access_key(request), aci)
        version = request.parameters["version"].lower()
        held = self._state.database.get("profile", _key(aci, version)) or {}
        shown = {name: held.get(name) for name in (*_SIZES, "avatar")}
        if target.profile_version not in (None, version):
            shown["paymentAddress"] = None
        return _base_profile(target, aci) | shown

    def _credential(self, request: Request) -> str | None:
        from sigcli.zkgroup.profile_credentials import (
            ProfileKeyCredentialRequest,
            issue_expiring_profile_key_credential,
        )
        from sigcli.zkgroup.profile_key import ProfileKeyCommitment

        aci, version = path_aci(request, "id"), request.parameters["version"].lower()
        account = self._state.accounts.by_service_id(aci)
        held = self._state.database.get("profile", _key(aci, version))
        if account is None or account.profile_version != version or held is None:
            return None
        text = request.parameters["request"]
        if not _HEX.fullmatch(text):
            raise Refused(400)
        expires_ms = self._state.clock.today_ms() + _CREDENTIAL_DAYS * DAY_MS
        try:
            response = issue_expiring_profile_key_credential(
                self._state.keys.zkgroup,
                ProfileKeyCredentialRequest.deserialize(bytes.fromhex(text)),
                aci,
                ProfileKeyCommitment.deserialize(bytes.fromhex(held["commitment"])),
                expires_ms // 1000,
            )
        except SigcliError:
            raise Refused(400) from None
        return encode_standard(response.serialize())

    def _readable(self, caller: Caller | None, key: bytes | None, service_id: ServiceId) -> Account:
        if caller is not None:
            self._state.limits.use("profile", caller.account.aci)
        target = self._state.accounts.by_service_id(service_id)
        return require_access(caller, key, target, service_id)

    def _check_batch(self, request: Request) -> Response:
        self._state.limits.use("identity-check", "everybody")
        fields = Fields.of(request)
        if not fields.has("elements"):
            raise invalid()
        elements = fields.list_of_fields("elements", MAX_IDENTITY_CHECKS)
        differing = []
        for element in elements:
            service_id = _service_id(element.text("uuid"))
            fingerprint = element.data("fingerprint", (_FINGERPRINT_LENGTH,))
            account = self._state.accounts.by_service_id(service_id)
            if account is None:
                continue
            identity_key = account.identity_key(service_id)
            if hashlib.sha256(identity_key).digest()[:_FINGERPRINT_LENGTH] != fingerprint:
                differing.append(
                    {"uuid": str(service_id), "identityKey": encode_unpadded(identity_key)}
                )
        return json_response({"elements": differing})


def _base_profile(account: Account, service_id: ServiceId) -> dict[str, Any]:
    checksum = None
    if service_id.is_aci and account.access_key is not None:
        checksum = hmac.digest(account.access_key, bytes(32), "sha256")
    return {
        "identityKey": encode_unpadded(account.identity_key(service_id)),
        "unidentifiedAccess": encode_standard(checksum),
        "unrestrictedUnidentifiedAccess": service_id.is_aci and account.unrestricted_access,
        "capabilities": shown_capabilities(account),
        "badges": [],
        "uuid": str(service_id),
    }


def _key(aci: ServiceId, version: str) -> str:
    return f"{aci}:{version.lower()}"


def _service_id(text: str) -> ServiceId:
    try:
        return ServiceId.parse(text)
    except InvalidServiceId:
        raise invalid() from None
