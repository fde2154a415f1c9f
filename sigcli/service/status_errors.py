"""What a status means: every answer other than a success becomes a named error.

Statuses and bodies: the public Signal-Server (its controllers and exception mappers). What a status means at one
endpoint only is given there, through ``overrides``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import (
    BadRequest,
    ChallengeRequired,
    ClientRefused,
    CodeProviderRefused,
    CodeTransportImpossible,
    Conflict,
    DeviceLimitExceeded,
    Forbidden,
    Gone,
    InvalidRequest,
    MalformedAnswer,
    MismatchedDevices,
    NotFound,
    NotTheService,
    PayloadTooLarge,
    PreconditionFailed,
    RateLimited,
    RegistrationLocked,
    ServerRejected,
    ServerUnavailable,
    StaleDevices,
    TotpRequired,
    Unauthorized,
    UnexpectedStatus,
    UseWebsocket,
)
from sigcli.service.answers import lenient_object
from sigcli.service.exchange import TIMESTAMP_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.errors import SigcliError
    from sigcli.service.answers import JsonObject
    from sigcli.service.exchange import Response

    Overrides = Mapping[int, Callable[[Response], SigcliError]]

_CLIENT_REFUSED = 499

_PLAIN: Mapping[int, type[UnexpectedStatus]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: PreconditionFailed,
    413: PayloadTooLarge,
    418: CodeTransportImpossible,
    422: InvalidRequest,
    429: RateLimited,
    441: TotpRequired,
    498: UseWebsocket,
    _CLIENT_REFUSED: ClientRefused,
    508: ServerRejected,
}


def believed(response: Response, host: str) -> Response:
    """The answer, unless a captive portal or a proxy may have written it; raises NotTheService then.

    A 499 needs no timestamp: the service refuses old clients before it adds one (``RemoteDeprecationFilter``).
    """
    refused = (
        400 <= response.status < 500
        and response.status != _CLIENT_REFUSED
        and TIMESTAMP_HEADER not in response.headers
    )
    if refused or (300 <= response.status < 400 and response.status != 304):
        raise NotTheService(f"the answer {response.status} of {host} lacks the service's timestamp")
    return response


def require_success(response: Response, doing: str, overrides: Overrides | None = None) -> Response:
    """The answer if it is a success; otherwise raises the error for its status.

    ``doing`` completes "the service refused to …"; ``overrides`` holds the meaning of statuses at this endpoint.
    """
    if response.ok:
        return response
    override = (overrides or {}).get(response.status)
    raise override(response) if override is not None else error_for(response, doing)


def error_for(response: Response, doing: str) -> SigcliError:
    """The error for the status of an answer, with details from its body."""
    body = lenient_object(response) if response.body else None
    if body is not None:
        detailed = _DETAILED.get(response.status)
        try:
            error = detailed(response, body) if detailed is not None else None
        except MalformedAnswer:
            error = None
        if error is not None:
            return error
    return _bare_error(response, doing)


def _bare_error(response: Response, doing: str) -> SigcliError:
    status = response.status
    if status == 411:
        return DeviceLimitExceeded()
    if status == 423:
        return RegistrationLocked()
    if status == 428:
        return ChallengeRequired(retry_after_s=response.retry_after_s)
    if status == 440:
        return CodeProviderRefused()
    kind = _PLAIN.get(status)
    if kind is None:
        kind = ServerUnavailable if status >= 500 else UnexpectedStatus
    message = f"the service refused to {doing} (status {status})"
    return kind(message, status=status, retry_after_s=response.retry_after_s)


def _mismatched(response: Response, body: JsonObject) -> SigcliError | None:
    missing, extra = body.integers("missingDevices"), body.integers("extraDevices")
    return MismatchedDevices(missing, extra) if missing or extra else None


def _stale(response: Response, body: JsonObject) -> SigcliError | None:
    stale = body.integers("staleDevices")
    return StaleDevices(stale) if stale else None


def _device_limit(response: Response, body: JsonObject) -> SigcliError:
    return DeviceLimitExceeded(body.optional_integer("current"), body.optional_integer("max"))


def _locked(response: Response, body: JsonObject) -> SigcliError:
    login = body.optional_object("svr2Credentials")
    return RegistrationLocked(
        time_remaining_ms=body.optional_integer("timeRemaining"),
        svr2_username=login.optional_text("username") if login else None,
        svr2_password=login.optional_text("password") if login else None,
    )


def _challenge(response: Response, body: JsonObject) -> SigcliError:
    return ChallengeRequired(
        token=body.optional_text("token") or "",
        options=body.texts("options"),
        retry_after_s=response.retry_after_s,
    )


def _provider_refused(response: Response, body: JsonObject) -> SigcliError:
    return CodeProviderRefused(
        body.optional_text("reason") or "", permanent=body.flag("permanentFailure")
    )


_DETAILED: Mapping[int, Callable[[Response, JsonObject], SigcliError | None]] = {
    409: _mismatched,
    410: _stale,
    411: _device_limit,
    423: _locked,
    428: _challenge,
    440: _provider_refused,
}
