"""Registering a number, anew or again, and moving an account to another number.

Statuses and fields: ``RegistrationController`` and ``AccountControllerV2`` of the public Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import ClientRefused, Conflict, Forbidden, InvalidRequest, Unauthorized
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import encode_base64, without_none
from sigcli.service.credentials import basic_authorization
from sigcli.service.exchange import json_request
from sigcli.service.resources.accounts import read_identity
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from sigcli.errors import SigcliError
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.exchange import Response
    from sigcli.service.resources.accounts import AccountAttributes, AccountIdentity
    from sigcli.service.resources.keys import PublicPreKey


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityKeys:
    """The keys of one identity of a new account: its public key (33 bytes) and two prekeys that it signed."""

    identity_key: bytes = field(repr=False)
    signed_prekey: PublicPreKey
    last_resort_prekey: PublicPreKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """A registration with a verified session, or with a recovery password (32 bytes).

    ``user`` is the number, or the ACI when an account is recovered by it; ``password`` the device's new login; ``pni``
    is None only for an account without a number.
    """

    user: str = field(repr=False)
    password: str = field(repr=False)
    session_id: str | None = field(default=None, repr=False)
    recovery_password: bytes | None = field(default=None, repr=False)
    attributes: AccountAttributes
    aci: IdentityKeys
    pni: IdentityKeys | None
    totp: int | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        assert (self.session_id is None) != (self.recovery_password is None)
        password = self.recovery_password
        return (
            without_none(
                {
                    "sessionId": self.session_id,
                    "recoveryPassword": None if password is None else encode_base64(password),
                    "totp": self.totp,
                    "accountAttributes": self.attributes.to_json(),
                    # Otherwise the service refuses while an old phone could still transfer its data.
                    "skipDeviceTransfer": True,
                }
            )
            | _keys_to_json("aci", self.aci)
            | (_keys_to_json("pni", self.pni) if self.pni is not None else {})
        )


def register(
    chat: UnlinkedChat, request: RegistrationRequest, agent: str | None = None
) -> AccountIdentity:
    """Register; an account that the number had is taken over, without its linked devices.

    ``agent``: a short tag that is stored as the device's platform. Raises Unauthorized if the session is not
    verified, Forbidden if the recovery password is wrong, RegistrationLocked, TotpRequired, InvalidRequest,
    RateLimited.
    """
    headers = {"Authorization": basic_authorization(request.user, request.password)}
    if agent:
        headers["X-Signal-Agent"] = agent
    sent = json_request("POST", "/v1/registration", request.to_json(), headers=headers)
    return read_identity(require_success(chat.request(sent), "register", _OVERRIDES))


def _keys_to_json(identity: str, keys: IdentityKeys) -> dict[str, Any]:
    return {
        f"{identity}IdentityKey": encode_base64(keys.identity_key),
        f"{identity}SignedPreKey": keys.signed_prekey.to_json(),
        f"{identity}PqLastResortPreKey": keys.last_resort_prekey.to_json(),
    }


def _not_verified(_: Response) -> SigcliError:
    return Unauthorized(
        "the number is not verified", status=401, hint="run register and verify again"
    )


def _wrong_recovery_password(_: Response) -> SigcliError:
    return Forbidden(
        "the service does not accept the stored recovery password", status=403, hint="verify by SMS"
    )


def _transfer_possible(_: Response) -> SigcliError:
    return Conflict(
        "the account's old phone could transfer its data first",
        status=409,
        hint="run verify again, or register in the official app and link this machine to it",
    )


def _not_accepted(response: Response) -> SigcliError:
    return InvalidRequest(
        "the service does not accept the registration in this form",
        status=response.status,
        hint="install the newest version of sigcli",
    )


def _too_old(_: Response) -> SigcliError:
    return ClientRefused("the service no longer lets this version register", status=499)


_OVERRIDES = {
    401: _not_verified,
    403: _wrong_recovery_password,
    409: _transfer_possible,
    422: _not_accepted,
    499: _too_old,
}
