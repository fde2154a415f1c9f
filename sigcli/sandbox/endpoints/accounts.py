"""``/v1/accounts``, ``/v2/accounts``: this account's settings, and whether another one exists.

Order of the checks: ``AccountController`` and ``AccountControllerV2`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace
from sigcli.protocol.limits import MAX_ENCRYPTED_NAME_BYTES
from sigcli.sandbox.account_attributes import LOCK_LENGTH, AccountAttributes
from sigcli.sandbox.accounts import SaltedHash
from sigcli.sandbox.endpoints.registration import identity_json
from sigcli.sandbox.exchange import NO_CONTENT, OK, Refused, json_response
from sigcli.sandbox.fields import Fields, path_service_id, query_integer
from sigcli.sandbox.router import Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State


class AccountEndpoints:
    """Reading and changing accounts."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        own = Login.REQUIRED
        return [
            Route("GET", "/v1/accounts/whoami", own, self._whoami),
            Route("PUT", "/v1/accounts/attributes", own, self._put_attributes),
            Route("PUT", "/v1/accounts/name", own, self._put_name),
            Route("PUT", "/v1/accounts/registration_lock", own, self._put_lock),
            Route("DELETE", "/v1/accounts/registration_lock", own, self._delete_lock),
            Route("DELETE", "/v1/accounts/me", own, self._delete),
            Route("DELETE", "/v1/accounts/gcm", own, self._stop_fetching),
            Route("DELETE", "/v1/accounts/apn", own, self._stop_fetching),
            Route(
                "PUT", "/v2/accounts/phone_number_discoverability", own, self._put_discoverability
            ),
            Route("GET", "/v2/accounts/data_report", own, self._report),
            Route("HEAD", "/v1/accounts/account/{id}", Login.ANONYMOUS, self._exists),
        ]

    def _whoami(self, request: Request) -> Response:
        return json_response(identity_json(request.required_caller.account))

    def _put_attributes(self, request: Request) -> Response:
        caller = request.required_caller
        attributes = AccountAttributes.read(Fields.of(request))
        if attributes.discoverable and caller.account.number is None:
            raise Refused(400)
        agent = request.headers.get("x-signal-agent", "").strip()
        device = attributes.applied_to_device(caller.device, self._state.clock.today_ms(), agent)
        account = attributes.applied_to_account(caller.account).with_device(device)
        self._state.accounts.put(account)
        if attributes.recovery_password is not None and account.pni is not None:
            self._state.accounts.store_recovery_password(account.pni, attributes.recovery_password)
        return NO_CONTENT

    def _put_name(self, request: Request) -> Response:
        caller = request.required_caller
        name = Fields.of(request).data("deviceName", range(MAX_ENCRYPTED_NAME_BYTES + 1))
        device_id = query_integer(request, "deviceId", caller.device.id)
        device = caller.account.devices.get(device_id)
        if device is None:
            raise Refused(404)
        if not caller.is_primary and device_id != caller.device.id:
            raise Refused(403)
        self._state.accounts.put(caller.account.with_device(replace(device, name=name or None)))
        return NO_CONTENT

    def _put_lock(self, request: Request) -> Response:
        lock = Fields.of(request).text("registrationLock", LOCK_LENGTH, LOCK_LENGTH)
        account = request.required_caller.account
        self._state.accounts.put(replace(account, registration_lock=SaltedHash.of(lock)))
        return NO_CONTENT

    def _delete_lock(self, request: Request) -> Response:
        account = request.required_caller.account
        self._state.accounts.put(replace(account, registration_lock=None))
        return NO_CONTENT

    def _delete(self, request: Request) -> Response:
        self._state.remove_account(request.required_caller.account)
        return NO_CONTENT

    def _stop_fetching(self, request: Request) -> Response:
        caller = request.required_caller
        device = replace(caller.device, fetches_messages=False)
        self._state.accounts.put(caller.account.with_device(device))
        return NO_CONTENT

    def _put_discoverability(self, request: Request) -> Response:
        fields = Fields.of(request)
        if not fields.has("discoverableByPhoneNumber"):
            raise Refused(422)
        discoverable = fields.flag("discoverableByPhoneNumber")
        account = request.required_caller.account
        if account.number is None:
            raise Refused(400)
        self._state.accounts.put(replace(account, discoverable=discoverable))
        return NO_CONTENT

    def _report(self, request: Request) -> Response:
        account = request.required_caller.account
        return json_response(
            {
                "reportTimestamp": self._state.clock.now_ms(),
                "data": {
                    "account": {
                        "phoneNumber": account.number,
                        "badges": [],
                        "allowSealedSenderFromAnyone": account.unrestricted_access,
                        "findAccountByPhoneNumber": account.discoverable,
                    },
                    "devices": [
                        {
                            "id": device.id,
                            "lastSeen": device.last_seen_ms,
                            "created": device.created_ms,
                        }
                        for device in account.devices.values()
                    ],
                },
            }
        )

    def _exists(self, request: Request) -> Response:
        service_id = path_service_id(request, "id")
        self._state.limits.use("account-exists", "everybody")
        if self._state.accounts.by_service_id(service_id) is None:
            raise Refused(404)
        return OK
