"""Moving an account to another number: one call that gives new keys to all devices and tells the linked ones.

Statuses and fields: ``AccountControllerV2``, ``ChangeNumberRequest`` and ``ChangeNumberManager`` of the public
Signal-Server.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import BadRequest, RateLimited, Unauthorized
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import encode_base64, without_none
from sigcli.service.exchange import json_request
from sigcli.service.resources.accounts import read_identity
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.errors import SigcliError
    from sigcli.service.chat import IdentifiedChat
    from sigcli.service.exchange import Response
    from sigcli.service.resources.accounts import AccountIdentity
    from sigcli.service.resources.keys import PublicPreKey
    from sigcli.service.resources.messages import OutgoingMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeys:
    """One device's keys for the new PNI, which signs both prekeys."""

    registration_id: int
    signed_prekey: PublicPreKey
    last_resort_prekey: PublicPreKey


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChangeRequest:
    """A change of number with a verified session.

    ``devices``: every device of the account, by its id; ``messages``: one for each of them except the caller.
    ``registration_lock``: the hex token of the account that has the new number now, if it has one.
    """

    number: str = field(repr=False)
    session_id: str = field(repr=False)
    identity_key: bytes = field(repr=False)
    devices: Mapping[int, DeviceKeys]
    messages: Sequence[OutgoingMessage]
    registration_lock: str | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        devices = self.devices.items()
        return without_none(
            {
                "sessionId": self.session_id,
                "number": self.number,
                "reglock": self.registration_lock,
                "pniIdentityKey": encode_base64(self.identity_key),
                "deviceMessages": [message.to_json() for message in self.messages],
                "devicePniSignedPrekeys": {
                    str(id): keys.signed_prekey.to_json() for id, keys in devices
                },
                "devicePniPqLastResortPrekeys": {
                    str(id): keys.last_resort_prekey.to_json() for id, keys in devices
                },
                "pniRegistrationIds": {str(id): keys.registration_id for id, keys in devices},
            }
        )


def change_number(chat: IdentifiedChat, request: NumberChangeRequest) -> AccountIdentity:
    """Move the account; an account that had the number is deleted.

    Raises StaleDevices, MismatchedDevices, Unauthorized if the session is not verified, BadRequest if it has expired,
    Forbidden for a linked device, RegistrationLocked, RateLimited.
    """
    sent = json_request("PUT", "/v2/accounts/number", request.to_json())
    return read_identity(require_success(chat.request(sent), "change the number", _OVERRIDES))


def _expired(response: Response) -> SigcliError:
    return BadRequest(
        "the service has forgotten that the number was verified",
        status=response.status,
        hint="start again with sigcli startChangeNumber",
    )


def _not_verified(response: Response) -> SigcliError:
    # A login that is no longer valid is answered in the same way.
    return Unauthorized(
        "the service does not accept that the number is verified, or does not accept this device's login",
        status=response.status,
        hint="start again with sigcli startChangeNumber; sigcli doctor checks the login",
    )


def _too_early(response: Response) -> SigcliError:
    wait_s = response.retry_after_s
    when = "for now" if wait_s is None else f"for {wait_s} seconds"
    return RateLimited(
        f"the service does not let this account change its number {when}",
        status=response.status,
        retry_after_s=wait_s,
        hint="a new account has to wait some time: run the command again later",
    )


_OVERRIDES = {400: _expired, 401: _not_verified, 429: _too_early}
