"""``/v2/svr`` (and its older name ``/v2/backup``): logins for PIN recovery.

Rules: ``SecureValueRecovery2Controller`` and ``ExternalServiceCredentialsSelector`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_S
from sigcli.sandbox.exchange import json_response
from sigcli.sandbox.fields import Fields, invalid
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.service_logins import SVR2, login_time_s, make_login, user_name
from sigcli.wire.addresses import is_e164

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

_MAX_TOKENS = 10
_MAX_AGE_S = 120 * DAY_S


class Svr2Endpoints:
    """Issues logins, and tells whether stored ones belong to a number."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [
            route
            for name in ("svr", "backup")
            for route in (
                Route("GET", f"/v2/{name}/auth", Login.REQUIRED, self._login),
                Route("POST", f"/v2/{name}/auth/check", Login.IGNORED, self._check),
            )
        ]

    def _login(self, request: Request) -> Response:
        login = make_login(self._state, SVR2, request.required_caller.account.aci)
        return json_response(login.to_json())

    def _check(self, request: Request) -> Response:
        self._state.limits.use("backup-auth-check", "")
        fields = Fields.of(request)
        number = fields.text("number")
        sent = fields.values("tokens" if fields.has("tokens") else "passwords", _MAX_TOKENS)
        if not is_e164(number) or not sent or not all(isinstance(t, str) for t in sent):
            raise invalid()
        tokens = set(sent)
        account = self._state.accounts.by_number(number)
        wanted = None if account is None else user_name(self._state, SVR2, account.aci)
        newest = self._newest(tokens)
        matches = {
            token: (
                "invalid"
                if token not in newest.values()
                else "match"
                if newest.get(wanted or "") == token
                else "no-match"
            )
            for token in tokens
        }
        return json_response({"matches": matches})

    def _newest(self, tokens: set[str]) -> dict[str, str]:
        """The newest valid token of each user."""
        found: dict[str, tuple[int, str]] = {}
        now_s = self._state.clock.now_s()
        for token in sorted(tokens):
            user, _, password = token.partition(":")
            made_at_s = login_time_s(self._state, SVR2, BasicLogin(user, password))
            if made_at_s is not None and now_s - made_at_s <= _MAX_AGE_S:
                found[user] = max(found.get(user, (-1, "")), (made_at_s, token))
        return {user: token for user, (_, token) in found.items()}
