"""``/v1/verification``: sessions that prove control of a number.

Order of the checks: ``VerificationController`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace
from sigcli.sandbox.captcha import REGISTRATION, accepts_captcha
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.fields import Fields, decode_url_safe, invalid
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.verification import CAPTCHA, MAX_CODE_ATTEMPTS, PUSH_CHALLENGE, Sessions
from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State
    from sigcli.sandbox.verification import Session

_PATH = "/v1/verification/session"


class VerificationEndpoints:
    """Sessions, captchas and codes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.sessions = Sessions(state.database)

    def routes(self) -> list[Route]:
        one = f"{_PATH}/{{id}}"
        return [
            Route("POST", _PATH, Login.IGNORED, self._create),
            Route("GET", one, Login.IGNORED, self._get),
            Route("PATCH", one, Login.IGNORED, self._update),
            Route("POST", f"{one}/code", Login.IGNORED, self._send_code),
            Route("PUT", f"{one}/code", Login.IGNORED, self._submit_code),
        ]

    def _create(self, request: Request) -> Response:
        fields = Fields.of(request)
        number = fields.text("number")
        if not is_e164(number):
            raise invalid()
        token = _push_token(fields)
        self._state.limits.use("registration", number)
        session = self.sessions.create(number, self._state.clock.now_ms())
        if token:
            session = self._push_challenge(session)
        return self._answer(session)

    def _get(self, request: Request) -> Response:
        session = self._session(request)
        if session.verified:
            self._forget_recovery_password(session)
        return self._answer(session)

    def _update(self, request: Request) -> Response:
        fields = Fields.of(request)
        token = _push_token(fields)
        challenge = fields.optional_text("pushChallenge")
        captcha = fields.optional_text("captcha")
        session = self._session(request)
        if token:
            session = self._push_challenge(session)
        if challenge is not None:
            self._state.limits.use("push-challenge", session.id)
            if session.push_challenge is None or challenge != session.push_challenge:
                return self._answer(session, 403)
            session = self.sessions.put(session.given(PUSH_CHALLENGE))
        if captcha is not None:
            self._use_captcha_limit(session)
            if not accepts_captcha(captcha, REGISTRATION):
                return self._answer(session, 403)
            session = self.sessions.put(session.given(CAPTCHA))
        return self._answer(session)

    def _send_code(self, request: Request) -> Response:
        fields = Fields.of(request)
        transport = fields.text("transport")
        if transport not in ("sms", "voice"):
            raise invalid()
        fields.text("client")
        session = self._session(request)
        if session.verified:
            return self._answer(session, 409)
        if not session.allowed:
            return self._answer(session, 409 if session.requested else 429)
        now_ms = self._state.clock.now_ms()
        wait_s = session.next_code_s(now_ms, limited=self._state.limits.enabled)
        if wait_s:
            return self._answer(session, 429, retry_after_s=wait_s)
        if self._state.faults.take(FaultKind.SMS_TRANSPORT, request):
            return self._answer(session, 418)
        if self._state.faults.take(FaultKind.SMS_PROVIDER, request):
            refusal = {"reason": "providerRejected", "permanentFailure": False}
            return json_response(refusal, 440)
        session = self.sessions.send_code(session, now_ms)
        self._state.emit(
            {"event": "verificationCode", "number": session.number, "transport": transport}
        )
        return self._answer(session)

    def _submit_code(self, request: Request) -> Response:
        code = Fields.of(request).text("code")
        session = self._session(request)
        if session.verified or session.code is None:
            return self._answer(session, 409)
        if session.attempts >= MAX_CODE_ATTEMPTS:
            return self._answer(session, 429)
        right = code == session.code
        session = self.sessions.put(replace(session, verified=right, attempts=session.attempts + 1))
        if right:
            self._forget_recovery_password(session)
        return self._answer(session)

    def _session(self, request: Request) -> Session:
        id = request.parameters["id"]
        if decode_url_safe(id) is None:
            raise invalid()
        session = self.sessions.get(id, self._state.clock.now_ms())
        if session is None:
            raise Refused(404)
        return session

    def _answer(
        self, session: Session, status: int = 200, retry_after_s: int | None = None
    ) -> Response:
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        limited = self._state.limits.enabled
        body = session.to_json(self._state.clock.now_ms(), limited=limited)
        return json_response(body, status, headers)

    def _push_challenge(self, session: Session) -> Session:
        session = self.sessions.put(session.with_push_challenge())
        self._state.emit(
            {
                "event": "push",
                "number": session.number,
                "reason": "registrationChallenge",
                "challenge": session.push_challenge,
            }
        )
        return session

    def _use_captcha_limit(self, session: Session) -> None:
        try:
            self._state.limits.use("captcha", session.id)
        except Refused as refused:
            retry_after = refused.response.headers.get("Retry-After")
            answer = self._answer(session, 429, int(retry_after) if retry_after else None)
            refused.response = answer
            raise

    def _forget_recovery_password(self, session: Session) -> None:
        accounts = self._state.accounts
        accounts.forget_recovery_password(accounts.pni_for(session.number))


def _push_token(fields: Fields) -> bool:
    """Whether a push token was given; raises Refused (422) if only one of its two fields is there."""
    kind = fields.optional_text("pushTokenType")
    if (kind is None) != (fields.optional_text("pushToken") is None):
        raise invalid()
    if kind is not None and kind not in ("apn", "fcm"):
        raise invalid()
    return kind is not None
