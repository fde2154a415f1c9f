"""Proving control of a phone number: a verification session, its captcha, and the code by text message or call.

A new session always wants a captcha first. A wrong code is no error but a session that is still not verified.
Statuses: ``VerificationController`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import BadRequest, CaptchaRejected, Conflict, MalformedAnswer, RateLimited
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject
from sigcli.service.exchange import Request, json_request, quote
from sigcli.service.resources.challenge import bare_captcha
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.errors import SigcliError
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.exchange import Response

_PATH = "/v1/verification/session"
CAPTCHA = "captcha"
SMS = "sms"
VOICE = "voice"
# Decides how the code's message is worded; other servers know only a few names.
_CLIENT = "android"


@dataclass(frozen=True, slots=True)
class VerificationSession:
    """The state of a number's verification.

    ``id`` is opaque. The waits are seconds from now; None means that this is no longer possible in this session.
    """

    id: str
    next_sms_s: int | None
    next_call_s: int | None
    next_attempt_s: int | None
    may_request_code: bool
    requested_information: tuple[str, ...]
    verified: bool

    @property
    def needs_captcha(self) -> bool:
        return not self.may_request_code and CAPTCHA in self.requested_information

    @property
    def is_dead(self) -> bool:
        """Whether no code can come from it whatever we send: a new session is needed."""
        return not self.verified and not self.may_request_code and not self.requested_information


def create(chat: UnlinkedChat, number: str) -> VerificationSession:
    """Begin to verify a number (E.164); raises InvalidRequest for another format, RateLimited."""
    request = json_request("POST", _PATH, {"number": number})
    return _read(require_success(chat.request(request), "verify this number"))


def fetch(chat: UnlinkedChat, session_id: str) -> VerificationSession:
    """The state of a session; raises NotFound if it has expired."""
    response = chat.request(Request("GET", _session_path(session_id)))
    return _read(require_success(response, "show the verification"))


def submit_captcha(chat: UnlinkedChat, session_id: str, captcha: str) -> VerificationSession:
    """Submit a solved captcha; raises CaptchaRejected, NotFound, RateLimited with its wait."""
    request = json_request("PATCH", _session_path(session_id), {"captcha": bare_captcha(captcha)})
    overrides = {400: _captcha_rejected, 403: _captcha_rejected, 429: _limited}
    return _read(require_success(chat.request(request), "accept the captcha", overrides))


def request_code(
    chat: UnlinkedChat, session_id: str, transport: str, language: str | None = None
) -> VerificationSession:
    """Have the code sent by SMS or VOICE, in a language such as ``de``.

    Raises Conflict if a captcha is still wanted or the number is verified, CodeTransportImpossible,
    CodeProviderRefused, RateLimited with its wait, NotFound.
    """
    request = json_request(
        "POST",
        f"{_session_path(session_id)}/code",
        {"transport": transport, "client": _CLIENT},
        headers={"Accept-Language": language} if language else {},
    )
    overrides = {409: _captcha_first, 429: _limited}
    return _read(require_success(chat.request(request), "send a code", overrides))


def submit_code(chat: UnlinkedChat, session_id: str, code: str) -> VerificationSession:
    """Submit the code; a wrong one leaves the session unverified. Raises Conflict, NotFound, RateLimited."""
    # Not repeatable: each try counts.
    request = json_request(
        "PUT", f"{_session_path(session_id)}/code", {"code": code}, repeatable=False
    )
    overrides = {409: _no_code_expected, 429: _limited}
    return _read(require_success(chat.request(request), "check the code", overrides))


def _session_path(session_id: str) -> str:
    return f"{_PATH}/{quote(session_id)}"


def _read(response: Response) -> VerificationSession:
    body = JsonObject.from_response(response)
    return VerificationSession(
        id=body.text("id"),
        next_sms_s=body.optional_integer("nextSms"),
        next_call_s=body.optional_integer("nextCall"),
        next_attempt_s=body.optional_integer("nextVerificationAttempt"),
        may_request_code=body.flag("allowedToRequestCode"),
        requested_information=body.texts("requestedInformation"),
        verified=body.flag("verified"),
    )


def _captcha_rejected(response: Response) -> SigcliError:
    return CaptchaRejected(status=response.status)


def _captcha_first(response: Response) -> SigcliError:
    try:
        verified = _read(response).verified
    except MalformedAnswer:
        verified = False
    if verified:
        return Conflict("the number is verified already", status=409)
    return BadRequest("the service wants a captcha first", status=409)


def _no_code_expected(_: Response) -> SigcliError:
    return Conflict("no code was requested, or the number is verified already", status=409)


def _limited(response: Response) -> SigcliError:
    """The wait is in the header, or else in the session that comes with the refusal."""
    wait_s = response.retry_after_s
    if wait_s is None:
        try:
            session = _read(response)
        except MalformedAnswer:
            return RateLimited(status=429)
        waits = [
            wait
            for wait in (session.next_sms_s, session.next_call_s, session.next_attempt_s)
            if wait
        ]
        wait_s = min(waits, default=None)
    return RateLimited(status=429, retry_after_s=wait_s)
