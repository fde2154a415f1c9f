"""``/sandbox``: what the sandbox's owner may request, with the token beside the environment file."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any

from sigcli.durations import DAY_S
from sigcli.sandbox.accounts import PRIMARY
from sigcli.sandbox.ageing import age_account, overfill_queue
from sigcli.sandbox.captcha import CHALLENGE, REGISTRATION, solved_captcha
from sigcli.sandbox.endpoints.registration import RECEIPT
from sigcli.sandbox.environment_file import CHALLENGE_CAPTCHA_PATH, REGISTRATION_CAPTCHA_PATH
from sigcli.sandbox.exchange import NO_CONTENT, Refused, Response, json_response
from sigcli.sandbox.faults import SWITCHES
from sigcli.sandbox.fields import Fields, encode_standard, invalid
from sigcli.sandbox.router import Door, Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Request
    from sigcli.sandbox.router import Handler
    from sigcli.sandbox.state import State
    from sigcli.sandbox.verification import Sessions

_MAX_SHIFT_S = 10 * 365 * DAY_S


class ControlEndpoints:
    """Codes, faults, switches and the ageing of accounts."""

    def __init__(self, state: State, sessions: Sessions) -> None:
        self._state = state
        self._sessions = sessions

    def routes(self) -> list[Route]:
        table = [
            ("GET", "/sandbox/code/{number}", self._code),
            ("GET", "/sandbox/accounts", self._accounts),
            ("POST", "/sandbox/faults", self._order),
            ("GET", "/sandbox/faults", self._standing),
            ("DELETE", "/sandbox/faults", self._clear),
            ("DELETE", "/sandbox/faults/{id}", self._clear),
            ("PUT", "/sandbox/switches", self._switch),
            ("POST", "/sandbox/receipt", self._receipt),
            ("POST", "/sandbox/age", self._age),
            ("POST", "/sandbox/overfill", self._overfill),
            ("POST", "/sandbox/stop", self._stop),
        ]
        routes = [
            Route(method, path, Login.IGNORED, self._guarded(handler), Door.REST)
            for method, path, handler in table
        ]
        return [
            *routes,
            Route("GET", REGISTRATION_CAPTCHA_PATH, Login.IGNORED, _page(REGISTRATION), Door.REST),
            Route("GET", CHALLENGE_CAPTCHA_PATH, Login.IGNORED, _page(CHALLENGE), Door.REST),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        expected = f"Bearer {self._state.control_token}"

        def checked(request: Request) -> Any:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), expected.encode()):
                raise Refused(401)
            return handler(request)

        return checked

    def _code(self, request: Request) -> Response:
        code = self._sessions.last_code(request.parameters["number"])
        if code is None:
            raise Refused(404)
        return json_response({"code": code})

    def _accounts(self, request: Request) -> Response:
        del request
        queues = self._state.queues
        return json_response(
            [
                {
                    "aci": str(account.aci),
                    "pni": None if account.pni is None else str(account.pni.uuid),
                    "number": account.number,
                    "locked": account.locked,
                    "devices": [
                        {
                            "id": device.id,
                            "queued": queues.length(account.aci, device.id),
                            "connected": self._state.presence.reads(account.aci, device.id),
                        }
                        for device in account.devices.values()
                    ],
                }
                for account in self._state.accounts
            ]
        )

    def _order(self, request: Request) -> Response:
        return json_response(self._state.faults.order(Fields.of(request)).to_json())

    def _standing(self, request: Request) -> Response:
        del request
        return json_response([fault.to_json() for fault in self._state.faults.standing()])

    def _clear(self, request: Request) -> Response:
        text = request.parameters.get("id")
        if text is None:
            self._state.faults.clear()
        elif not (text.isdecimal() and self._state.faults.clear(int(text))):
            raise Refused(404)
        return NO_CONTENT

    def _switch(self, request: Request) -> Response:
        fields, state = Fields.of(request), self._state
        if any(name not in SWITCHES for name, _ in fields.items()):
            raise invalid()
        switches = state.switches
        state.limits.enabled = fields.flag("rateLimits", default=state.limits.enabled)
        switches.require_spqr = fields.flag("requireSpqr", default=switches.require_spqr)
        switches.signer_by_id = fields.flag("signerById", default=switches.signer_by_id)
        switches.read_only = fields.flag("readOnly", default=switches.read_only)
        switches.legacy_ids = fields.flag("legacyIds", default=switches.legacy_ids)
        switches.storage_read_limit = fields.integer(
            "storageReadLimit", 1, 1 << 20, switches.storage_read_limit
        )
        switches.idle_limit_s = fields.integer("idleLimit", 1, 86_400, switches.idle_limit_s)
        switches.group_log_page = fields.integer(
            "groupLogPage", 1, 1 << 20, switches.group_log_page
        )
        state.clock.shift_s = fields.integer(
            "clockShift", -_MAX_SHIFT_S, _MAX_SHIFT_S, state.clock.shift_s
        )
        return NO_CONTENT

    def _receipt(self, request: Request) -> Response:
        """A receipt for registering one account without a number; at the real service it is bought."""
        del request
        receipt = secrets.token_bytes(32)
        self._state.database.put(RECEIPT, receipt.hex(), True)
        return json_response({"receiptCredentialPresentation": encode_standard(receipt)})

    def _age(self, request: Request) -> Response:
        fields = Fields.of(request)
        account = self._named_account(fields)
        days = fields.integer("days", 0, 3650)
        device_id = fields.optional_integer("device", PRIMARY, 127)
        age_account(self._state, account, days, device_id)
        return NO_CONTENT

    def _overfill(self, request: Request) -> Response:
        fields = Fields.of(request)
        account = self._named_account(fields)
        overfill_queue(self._state, account, fields.integer("device", PRIMARY, 127, PRIMARY))
        return NO_CONTENT

    def _stop(self, request: Request) -> Response:
        del request
        if self._state.on_stop is None:
            raise Refused(404)
        self._state.on_stop()
        return NO_CONTENT

    def _named_account(self, fields: Fields) -> Account:
        name = fields.text("account")
        account = self._state.accounts.by_number(name)
        if account is None:
            known = {str(account.aci): account for account in self._state.accounts}
            account = known.get(name.lower())
        if account is None:
            raise Refused(404)
        return account


def _page(action: str) -> Handler:
    text = (
        "This is a sandbox: you need not prove that you are human. Use this captcha:\n"
        f"signalcaptcha://{solved_captcha(action)}\n"
    )
    response = Response(200, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    return lambda _: response
