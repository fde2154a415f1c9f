"""Being linked, second half: becoming a device of the account that a primary device has named."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import ClientRefused, Conflict, Forbidden
from sigcli.lazy_dataclass import dataclass
from sigcli.service.answers import JsonObject, without_none
from sigcli.service.credentials import basic_authorization
from sigcli.service.exchange import json_request
from sigcli.service.status_errors import require_success
from sigcli.wire.addresses import MAX_DEVICE_ID

if TYPE_CHECKING:
    from sigcli.errors import SigcliError
    from sigcli.service.chat import UnlinkedChat
    from sigcli.service.exchange import Response
    from sigcli.service.resources.accounts import DeviceAttributes
    from sigcli.service.resources.keys import PublicPreKey
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRequest:
    """What a new device sends: the primary's code, its attributes, and keys signed with the account's identities.

    The PNI's keys are None for an account without a number. ``password`` is the new device's future login.
    """

    aci: ServiceId
    password: str = field(repr=False)
    verification_code: str = field(repr=False)
    attributes: DeviceAttributes
    aci_signed_prekey: PublicPreKey
    aci_last_resort_prekey: PublicPreKey
    pni_signed_prekey: PublicPreKey | None
    pni_last_resort_prekey: PublicPreKey | None


@dataclass(frozen=True, slots=True)
class LinkedDevice:
    """The account, and the id that the service gave the new device."""

    aci: ServiceId
    pni: ServiceId | None
    device_id: int


def link(chat: UnlinkedChat, request: LinkRequest) -> LinkedDevice:
    """Become a device of the account.

    Raises Forbidden if the code is wrong, used or older than ten minutes, Conflict if a capability is missing that the
    account's other devices have, DeviceLimitExceeded, InvalidRequest for a signature that does not verify.
    """
    pni_signed, pni_last_resort = request.pni_signed_prekey, request.pni_last_resort_prekey
    body = without_none(
        {
            "verificationCode": request.verification_code,
            "accountAttributes": request.attributes.to_json(),
            "aciSignedPreKey": request.aci_signed_prekey.to_json(),
            "pniSignedPreKey": None if pni_signed is None else pni_signed.to_json(),
            "aciPqLastResortPreKey": request.aci_last_resort_prekey.to_json(),
            "pniPqLastResortPreKey": None if pni_last_resort is None else pni_last_resort.to_json(),
        }
    )
    # The service ignores the user, but other implementations look for the account there.
    authorization = basic_authorization(str(request.aci), request.password)
    # Not repeatable: the code can be used once.
    sent = json_request(
        "PUT", "/v1/devices/link", body, headers={"Authorization": authorization}, repeatable=False
    )
    response = require_success(chat.request(sent), "link this device", _OVERRIDES)
    answer = JsonObject.from_response(response)
    return LinkedDevice(
        answer.aci("uuid"),
        answer.optional_pni("pni"),
        answer.integer("deviceId", 1, MAX_DEVICE_ID),
    )


def _wrong_code(_: Response) -> SigcliError:
    return Forbidden(
        "the link code was used already or has expired",
        status=403,
        hint="run link again and scan the new code",
    )


def _missing_capability(_: Response) -> SigcliError:
    return Conflict(
        "the account uses features that this version does not support",
        status=409,
        hint="install the newest version of sigcli",
    )


def _too_old(_: Response) -> SigcliError:
    return ClientRefused("the service no longer lets this version link a device", status=499)


_OVERRIDES = {403: _wrong_code, 409: _missing_capability, 499: _too_old}
