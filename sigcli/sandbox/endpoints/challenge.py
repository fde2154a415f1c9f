"""``/v1/challenge``: what a 428 demands of a sender, and its answer."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sigcli.durations import DAY_S
from sigcli.sandbox.captcha import CHALLENGE, accepts_captcha
from sigcli.sandbox.exchange import OK, Refused
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.fields import Fields, invalid
from sigcli.sandbox.router import Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.wire.addresses import ServiceId

_DEFAULT_RETRY_S = DAY_S


class Challenges:
    """The challenges that were given to accounts."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [
            Route("PUT", "/v1/challenge", Login.REQUIRED, self._answer),
            Route("POST", "/v1/challenge/push", Login.REQUIRED, self._request_push),
        ]

    def demand(self, account: ServiceId, retry_after_s: int | None) -> Refused:
        """The 428 for a sender, with a token that names the challenge."""
        token = secrets.token_urlsafe(16)
        self._state.database.put("challenge", str(account), token)
        retry = str(_DEFAULT_RETRY_S if retry_after_s is None else retry_after_s)
        return Refused(428, {"token": token, "options": ["captcha"]}, {"Retry-After": retry})

    def _answer(self, request: Request) -> Response:
        account = request.required_caller.account
        fields = Fields.of(request)
        kind = fields.text("type")
        if kind == "rateLimitPushChallenge":
            fields.text("challenge")
            # No device here has a push token, so none has received a challenge by push.
            return OK
        if kind != "captcha":
            raise invalid()
        fields.text("token")
        captcha = fields.text("captcha")
        self._state.limits.use("challenge-tries", account.aci)
        if not accepts_captcha(captcha, CHALLENGE):
            raise Refused(428)
        self._state.database.delete("challenge", str(account.aci))
        self._lift(request)
        return OK

    def _request_push(self, request: Request) -> Response:
        del request
        raise Refused(404)

    def _lift(self, request: Request) -> None:
        names = {str(request.required_caller.account.aci), request.required_caller.account.number}
        for fault in self._state.faults.standing():
            if fault.kind is FaultKind.CHALLENGE and fault.account in {None, *names}:
                self._state.faults.clear(fault.id)
