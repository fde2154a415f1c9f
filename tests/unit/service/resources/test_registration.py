from __future__ import annotations

import pytest

from sigcli.errors import (
    CaptchaRejected,
    ClientRefused,
    CodeProviderRefused,
    CodeTransportImpossible,
    Conflict,
    Forbidden,
    MalformedAnswer,
    NotFound,
    RateLimited,
    RegistrationLocked,
    SigcliError,
    TotpRequired,
    Unauthorized,
)
from sigcli.service.resources import challenge, registration, verification
from sigcli.service.resources.accounts import AccountAttributes, DeviceAttributes
from sigcli.service.resources.keys import PublicPreKey
from sigcli.service.resources.registration import IdentityKeys, RegistrationRequest
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

SESSION = {
    "id": "a/b=",
    "nextSms": 60,
    "nextCall": None,
    "nextVerificationAttempt": None,
    "allowedToRequestCode": False,
    "requestedInformation": ["captcha"],
    "verified": False,
}
KEYS = IdentityKeys(
    identity_key=b"\x05",
    signed_prekey=PublicPreKey(1, b"k", b"s"),
    last_resort_prekey=PublicPreKey(2, b"k", b"s"),
)
REQUEST = RegistrationRequest(
    user="+15550100",
    password="password",
    session_id="a/b=",
    attributes=AccountAttributes(
        device=DeviceAttributes(registration_id=1, pni_registration_id=2), access_key=bytes(16)
    ),
    aci=KEYS,
    pni=KEYS,
)


def test_a_new_session_wants_a_captcha() -> None:
    script = Script(body=SESSION)
    session = verification.create(script.unlinked, "+15550100")
    assert script.line == "POST /v1/verification/session"
    assert script.json == {"number": "+15550100"}
    assert session.needs_captcha
    assert not session.is_dead
    assert (session.next_sms_s, session.next_call_s) == (60, None)


def test_the_session_id_is_opaque_and_the_captchas_scheme_dropped() -> None:
    script = Script(body=SESSION | {"allowedToRequestCode": True})
    session = verification.submit_captcha(
        script.unlinked, "a/b=", " signalcaptcha://a.b.registration.c\n"
    )
    assert script.line == "PATCH /v1/verification/session/a%2Fb%3D"
    assert script.json == {"captcha": "a.b.registration.c"}
    assert session.may_request_code
    assert not session.needs_captcha


def test_a_code_is_asked_for_and_a_wrong_one_is_no_error() -> None:
    script = Script(body=SESSION)
    verification.request_code(script.unlinked, "s", verification.VOICE, "de")
    assert script.line == "POST /v1/verification/session/s/code"
    assert script.json == {"transport": "voice", "client": "android"}
    assert script.sent.headers["Accept-Language"] == "de"
    script = Script(body=SESSION)
    assert not verification.submit_code(script.unlinked, "s", "123456").verified
    assert not script.sent.may_repeat
    dead = verification.fetch(Script(body=SESSION | {"requestedInformation": []}).unlinked, "s")
    assert dead.is_dead


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, None, NotFound),
        (409, SESSION, SigcliError),
        (409, SESSION | {"verified": True}, Conflict),
        (418, None, CodeTransportImpossible),
        (429, SESSION, RateLimited),
        (440, {"reason": "illegalArgument", "permanentFailure": True}, CodeProviderRefused),
    ],
)
def test_refusals_to_send_a_code(status: int, body: object, kind: type[SigcliError]) -> None:
    with pytest.raises(kind):
        verification.request_code(Script(status, body).unlinked, "s", verification.SMS)


def test_the_wait_of_a_rate_limit_is_in_the_header_or_in_the_session() -> None:
    for script, wait_s in [
        (Script(429, SESSION), 60),
        (Script(429, SESSION, {"retry-after": "5"}), 5),
        (Script(429, None), None),
    ]:
        with pytest.raises(RateLimited) as caught:
            verification.submit_code(script.unlinked, "s", "1")
        assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize("status", [400, 403])
def test_a_refused_captcha(status: int) -> None:
    with pytest.raises(CaptchaRejected) as caught:
        verification.submit_captcha(Script(status, SESSION).unlinked, "s", "c")
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    "body", [None, {}, SESSION | {"verified": "yes"}, SESSION | {"nextSms": "1"}]
)
def test_malformed_sessions_are_named(body: object) -> None:
    with pytest.raises(MalformedAnswer):
        verification.fetch(Script(body=body).unlinked, "s")


def test_registering_sends_everything_at_the_top_level() -> None:
    script = Script(
        body={"uuid": ACI_TEXT, "number": "+15550100", "pni": PNI_TEXT, "reregistration": True}
    )
    identity = registration.register(script.unlinked, REQUEST, agent="CLI")
    assert identity.reregistration
    assert script.line == "POST /v1/registration"
    assert not script.sent.may_repeat
    assert script.sent.headers["X-Signal-Agent"] == "CLI"
    # The user is the number itself.
    assert script.sent.headers["Authorization"] == "Basic KzE1NTUwMTAwOnBhc3N3b3Jk"
    assert set(script.json) == {
        "sessionId",
        "skipDeviceTransfer",
        "accountAttributes",
        "aciIdentityKey",
        "pniIdentityKey",
        "aciSignedPreKey",
        "pniSignedPreKey",
        "aciPqLastResortPreKey",
        "pniPqLastResortPreKey",
    }
    assert script.json["sessionId"] == "a/b="
    assert script.json["skipDeviceTransfer"] is True


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (403, Forbidden),
        (409, Conflict),
        (423, RegistrationLocked),
        (441, TotpRequired),
        (499, ClientRefused),
    ],
)
def test_refusals_to_register(status: int, kind: type[SigcliError]) -> None:
    with pytest.raises(kind):
        registration.register(Script(status, {"timeRemaining": 5}).unlinked, REQUEST)


def test_answering_a_challenge() -> None:
    script = Script()
    challenge.submit_captcha(script.identified, "token", "signalcaptcha://a.b.challenge.c")
    assert script.line == "PUT /v1/challenge"
    assert script.json == {"type": "captcha", "token": "token", "captcha": "a.b.challenge.c"}
    with pytest.raises(CaptchaRejected):
        challenge.submit_captcha(Script(428).identified, "token", "c")
    with pytest.raises(RateLimited):
        challenge.submit_captcha(Script(429).identified, "token", "c")
