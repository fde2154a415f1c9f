"""``/v1/certificate`` and the logins for other services.

Order of the checks: ``CertificateController`` and ``RedemptionRange`` of the public Signal-Server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.curve import PublicKey
from sigcli.durations import DAY_MS, DAY_S
from sigcli.protocol.certificates import SenderCertificate
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.fields import encode_standard, query_flag, query_integer
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.service_logins import DIRECTORY, STORAGE, make_login

if TYPE_CHECKING:
    from sigcli.sandbox.accounts import Account
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

CERTIFICATE_LIFE_MS = DAY_MS
_MAX_DAYS = 7


class CertificateEndpoints:
    """What an account needs to prove its identity, to other accounts and to other services."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        own = Login.REQUIRED
        return [
            Route("GET", "/v1/certificate/delivery", own, self._delivery),
            Route("GET", "/v1/certificate/auth/group", own, self._group),
            Route("GET", "/v1/storage/auth", own, lambda request: self._login(request, STORAGE)),
            Route("GET", "/v2/directory/auth", own, lambda r: self._login(r, DIRECTORY)),
        ]

    def _delivery(self, request: Request) -> Response:
        caller, keys = request.required_caller, self._state.keys
        with_number = query_flag(request, "includeE164", default=True)
        if with_number and caller.account.number is None:
            raise Refused(400)
        by_id = self._state.switches.signer_by_id
        certificate = SenderCertificate.issue(
            sender=caller.account.aci,
            device_id=caller.device.id,
            identity_key=PublicKey.deserialize(caller.account.aci_identity),
            expires_ms=self._state.clock.now_ms() + CERTIFICATE_LIFE_MS,
            signer=keys.server_certificate.key_id if by_id else keys.server_certificate,
            signer_key=keys.signing_key.private_key,
            sender_e164=caller.account.number if with_number else None,
        )
        return json_response({"certificate": encode_standard(certificate.serialized)})

    def _group(self, request: Request) -> Response:
        account = request.required_caller.account
        start_s = query_integer(request, "redemptionStartSeconds", 0)
        end_s = query_integer(request, "redemptionEndSeconds", 0)
        self._require_days(start_s, end_s)
        credentials = [
            {
                "credential": encode_standard(self._group_credential(account, day_s)),
                "redemptionTime": day_s,
            }
            for day_s in range(start_s, end_s + 1, DAY_S)
        ]
        return json_response(
            {
                "credentials": credentials,
                # The sandbox has no calls.
                "callLinkAuthCredentials": [],
                "pni": None if account.pni is None else str(account.pni.uuid),
            }
        )

    def _group_credential(self, account: Account, day_s: int) -> bytes:
        """For ACI and PNI, or for the ACI and the salt of an account without a number."""
        from sigcli.zkgroup.auth_credentials import (
            issue_auth_credential,
            issue_auth_credential_without_pni,
        )

        keys = self._state.keys.zkgroup
        if account.pni is not None:
            return issue_auth_credential(keys, account.aci, account.pni, day_s).serialize()
        assert account.auth_credential_salt is not None
        issued = issue_auth_credential_without_pni(
            keys, account.aci, account.auth_credential_salt, day_s
        )
        return issued.serialize()

    def _require_days(self, start_s: int, end_s: int) -> None:
        today_s = self._state.clock.today_ms() // 1000
        if (
            start_s > end_s
            or start_s % DAY_S
            or end_s % DAY_S
            or start_s < today_s - DAY_S
            or end_s > today_s + (_MAX_DAYS + 1) * DAY_S
            or end_s > start_s + _MAX_DAYS * DAY_S
        ):
            raise Refused(400)

    def _login(self, request: Request, service: str) -> Response:
        login = make_login(self._state, service, request.required_caller.account.aci)
        return json_response(login.to_json())
