"""Moving to another number: the request's fields, and what the statuses mean."""

from __future__ import annotations

from base64 import b64encode

import pytest

from sigcli.errors import (
    BadRequest,
    MismatchedDevices,
    RateLimited,
    RegistrationLocked,
    StaleDevices,
    Unauthorized,
)
from sigcli.service.resources.change_number import (
    DeviceKeys,
    NumberChangeRequest,
    change_number,
)
from sigcli.service.resources.keys import PublicPreKey
from sigcli.service.resources.messages import OutgoingMessage
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script


def keys(seed: int) -> DeviceKeys:
    return DeviceKeys(
        registration_id=seed,
        signed_prekey=PublicPreKey(seed, bytes([seed]) * 33, bytes(64)),
        last_resort_prekey=PublicPreKey(seed + 1, bytes([seed]) * 1569, bytes(64)),
    )


REQUEST = NumberChangeRequest(
    number="+15550101",
    session_id="session",
    identity_key=b"\x05" * 33,
    devices={1: keys(10), 2: keys(20)},
    messages=[OutgoingMessage(3, 2, 99, b"told")],
)


def test_the_request() -> None:
    script = Script(body={"uuid": ACI_TEXT, "pni": PNI_TEXT, "number": "+15550101"})
    identity = change_number(script.identified, REQUEST)
    assert (str(identity.aci), str(identity.pni)) == (ACI_TEXT, f"PNI:{PNI_TEXT}")
    assert script.line == "PUT /v2/accounts/number"
    body = script.json
    assert (body["number"], body["sessionId"]) == ("+15550101", "session")
    assert "reglock" not in body
    assert body["pniIdentityKey"] == b64encode(b"\x05" * 33).decode()
    assert body["pniRegistrationIds"] == {"1": 10, "2": 20}
    assert body["devicePniSignedPrekeys"]["2"] == keys(20).signed_prekey.to_json()
    assert body["devicePniPqLastResortPrekeys"]["1"] == keys(10).last_resort_prekey.to_json()
    assert body["deviceMessages"] == [
        {
            "type": 3,
            "destinationDeviceId": 2,
            "destinationRegistrationId": 99,
            "content": b64encode(b"told").decode(),
        }
    ]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, None, BadRequest),
        (401, None, Unauthorized),
        (409, {"missingDevices": [3], "extraDevices": []}, MismatchedDevices),
        (410, {"staleDevices": [2]}, StaleDevices),
        (423, {"timeRemaining": 1000}, RegistrationLocked),
        (429, None, RateLimited),
    ],
)
def test_refusals(status: int, body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        change_number(Script(status, body).identified, REQUEST)
