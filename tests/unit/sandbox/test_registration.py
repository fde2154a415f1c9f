"""Proving control of a number, registering, and registering again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.sandbox.captcha import solved_captcha
from tests.support.numberless import NumberlessDevice
from tests.support.sandbox_client import (
    CAPABILITIES,
    PASSWORD,
    SocketClosed,
    TestDevice,
    base64,
    basic,
    message,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.sandbox_client import SandboxClient

SESSIONS = "/v1/verification/session"


def test_a_session_wants_a_captcha_then_a_code(
    client: SandboxClient, number: Callable[[], str]
) -> None:
    wanted = number()
    session = client.rest("POST", SESSIONS, {"number": wanted}).json
    assert session["requestedInformation"] == ["captcha"]
    assert session["allowedToRequestCode"] is False
    path = f"{SESSIONS}/{session['id']}"
    ask = {"transport": "sms", "client": "android"}
    assert client.rest("POST", f"{path}/code", ask).status == 409
    assert client.rest("PUT", f"{path}/code", {"code": "123456"}).status == 409

    assert client.rest("PATCH", path, {"captcha": "no captcha"}).status == 400
    assert client.rest("PATCH", path, {"captcha": solved_captcha("challenge")}).status == 400
    refused = client.rest("PATCH", path, {"captcha": "signal-hcaptcha.k.registration.wrong"})
    assert refused.status == 403
    assert refused.json["requestedInformation"] == ["captcha"]
    allowed = client.rest("PATCH", path, {"captcha": solved_captcha("registration")}).json
    assert allowed["allowedToRequestCode"] is True

    assert client.rest("POST", f"{path}/code", {**ask, "transport": "post"}).status == 422
    assert client.rest("POST", f"{path}/code", ask).json["nextVerificationAttempt"] == 0
    code = client.control.code(wanted)
    wrong = client.rest("PUT", f"{path}/code", {"code": "x"})
    assert (wrong.status, wrong.json["verified"]) == (200, False)
    assert client.rest("PUT", f"{path}/code", {"code": code}).json["verified"] is True
    assert client.rest("POST", f"{path}/code", ask).status == 409
    assert client.rest("GET", path).json["verified"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"number": "0155501234"}, 422),
        ({"number": "+1 5550 1234567"}, 422),
        ({}, 422),
        ({"number": 5}, 422),
        ({"number": "+15550999999", "pushToken": "x"}, 422),
        (b"{", 400),
    ],
)
def test_a_malformed_session_is_refused(client: SandboxClient, body: Any, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.rest("POST", SESSIONS, body, headers=headers).status == status


def test_faults_of_the_code_provider(client: SandboxClient, number: Callable[[], str]) -> None:
    session = client.rest("POST", SESSIONS, {"number": number()}).json
    path = f"{SESSIONS}/{session['id']}"
    client.rest("PATCH", path, {"captcha": solved_captcha("registration")})
    client.control.fault("sms-transport", times=1)
    client.control.fault("sms-provider", times=1)
    ask = {"transport": "sms", "client": "android"}
    assert client.rest("POST", f"{path}/code", ask).status == 418
    refused = client.rest("POST", f"{path}/code", ask)
    assert (refused.status, refused.json["permanentFailure"]) == (440, False)
    assert client.rest("POST", f"{path}/code", ask).status == 200


def test_the_order_of_registration_checks(client: SandboxClient, number: Callable[[], str]) -> None:
    wanted, device = number(), TestDevice.create(client)
    session = client.verified_session(wanted)
    login = basic(wanted, PASSWORD)

    def register(login: str | None = login, **changes: Any) -> int:
        body = device.registration_body(session, **changes)
        return client.rest("POST", "/v1/registration", body, login=login).status

    assert register(None) == 400
    assert register("Basic x") == 401
    without_spqr = device.attributes(capabilities={"storage": True})
    broken = {"keyId": 1, "publicKey": base64(bytes(33)), "signature": base64(bytes(64))}
    assert register(aciSignedPreKey=broken, accountAttributes=without_spqr) == 422
    unsigned = {**device.repeated_use_keys()["aciSignedPreKey"], "signature": base64(bytes(64))}
    assert register(aciSignedPreKey=unsigned, accountAttributes=without_spqr) == 422
    assert register(accountAttributes=without_spqr) == 499
    assert register(pniSignedPreKey=None) == 422
    assert register(recoveryPassword=base64(bytes(32))) == 422
    assert register(sessionId=None, recoveryPassword=base64(bytes(32))) == 403
    assert register(sessionId="bm9uZQ") == 401
    assert register(basic(number(), PASSWORD)) == 400
    for attributes in (
        {"registrationId": 0},
        {"registrationId": 0x4000},
        {"unidentifiedAccessKey": base64(bytes(15))},
        {"unidentifiedAccessKey": None},
        {"registrationLock": "short"},
        {"recoveryPassword": base64(bytes(31))},
        {"fetchesMessages": False},
    ):
        assert register(accountAttributes=device.attributes(**attributes)) == 422, attributes
    # Numbers instead of base64 are read as well, as the mock server wants them.
    numbers = device.attributes(unidentifiedAccessKey=list(range(16)))
    assert register(accountAttributes=numbers) == 200


def test_registering_again_keeps_the_aci_and_wipes_the_rest(client: SandboxClient) -> None:
    first = client.register("+15550000001")
    linked = client.link(first)
    first.rest("PUT", "/v2/keys", first.one_time_keys(2))
    peer = client.register("+15550000002")
    assert peer.send(first).status == 409
    with first.socket() as socket, linked.socket() as linked_socket:
        socket.expect_empty()
        linked_socket.expect_empty()
        second = client.register("+15550000001")
        for closing in (socket, linked_socket):
            with pytest.raises(SocketClosed) as closed:
                closing.next_frame()
            assert closed.value.code == 4401
    assert second.aci == first.aci
    assert second.pni == first.pni
    assert linked.rest("GET", "/v1/accounts/whoami").status == 401
    assert second.rest("GET", "/v2/keys").json == {"count": 0, "pqCount": 0}
    assert len(second.rest("GET", "/v1/devices").json["devices"]) == 1


def test_a_registration_lock_locks_the_login_and_lets_in_who_knows_it(
    client: SandboxClient, number: Callable[[], str]
) -> None:
    owner = client.register(wanted := number())
    lock = "ab" * 32
    path = "/v1/accounts/registration_lock"
    assert owner.rest("PUT", path, {"registrationLock": lock[1:]}).status == 422
    assert owner.rest("PUT", path, {"registrationLock": lock}).status == 204

    thief = TestDevice.create(client)
    body = thief.registration_body(client.verified_session(wanted))
    answer = client.rest("POST", "/v1/registration", body, login=basic(wanted, PASSWORD))
    assert answer.status == 423
    assert 0 < answer.json["timeRemaining"] <= 7 * 86_400_000
    assert set(answer.json["svr2Credentials"]) == {"username", "password"}
    assert owner.rest("GET", "/v1/accounts/whoami").status == 401

    attributes = thief.attributes(registrationLock=lock)
    body = thief.registration_body(client.verified_session(wanted), accountAttributes=attributes)
    answer = client.rest("POST", "/v1/registration", body, login=basic(wanted, PASSWORD))
    assert (answer.status, answer.json["reregistration"]) == (200, True)


def test_a_recovery_password_replaces_the_code_until_a_code_is_verified(
    client: SandboxClient, number: Callable[[], str]
) -> None:
    owner = client.register(wanted := number())
    secret = base64(bytes(range(32)))
    attributes = owner.attributes(recoveryPassword=secret)
    assert owner.rest("PUT", "/v1/accounts/attributes/", attributes).status == 204

    def recover() -> int:
        body = owner.registration_body(
            None,
            recoveryPassword=secret,
            accountAttributes=owner.attributes(recoveryPassword=secret),
        )
        return client.rest("POST", "/v1/registration", body, login=basic(wanted, PASSWORD)).status

    assert recover() == 200
    client.verified_session(wanted)
    assert recover() == 403


def test_moving_to_another_number(client: SandboxClient, number: Callable[[], str]) -> None:
    owner, target = client.register(number()), number()
    linked, previous = client.link(owner), client.register(target)
    fresh = KeyPair.generate()
    keys = TestDevice(client, fresh, fresh).repeated_use_keys()
    session = client.verified_session(target)

    def change(device: TestDevice = owner, **changes: Any) -> Any:
        body = {
            "number": target,
            "sessionId": session,
            "pniIdentityKey": base64(fresh.public_key.serialize()),
            "devicePniSignedPrekeys": {str(id): keys["pniSignedPreKey"] for id in (1, 2)},
            "devicePniPqLastResortPrekeys": {
                str(id): keys["pniPqLastResortPreKey"] for id in (1, 2)
            },
            "pniRegistrationIds": {"1": 71, "2": 72},
            "deviceMessages": message(linked, b"new keys")["messages"],
            **changes,
        }
        return device.rest("PUT", "/v2/accounts/number", body)

    assert change(linked).status == 403
    assert change(pniIdentityKey=base64(owner.pni_identity.public_key.serialize())).status == 422
    assert change(sessionId="bm9uZQ").status == 401
    assert change(number=number()).status == 400
    incomplete = change(pniRegistrationIds={"1": 71})
    assert incomplete.status == 409
    assert incomplete.json == {"missingDevices": [2], "extraDevices": []}
    assert change(pniRegistrationIds={}).status == 422
    stale = message(linked, registration_id=9)["messages"]
    assert change(deviceMessages=stale).status == 410
    assert change(deviceMessages=message(owner)["messages"]).status == 409
    answer = change()
    assert (answer.status, answer.json["number"]) == (200, target)
    assert answer.json["pni"] == str(previous.pni.uuid)
    assert answer.json["uuid"] == str(owner.aci)
    assert previous.rest("GET", "/v1/accounts/whoami").status == 401
    with linked.socket() as socket:
        (told,) = socket.drain()
    assert (told.content, told.updated_pni) == (b"new keys", previous.pni)
    fetched = owner.rest("GET", f"/v2/keys/{previous.pni}/2").json
    assert fetched["devices"][0]["registrationId"] == 72
    # Whose number was taken finds its account again at the number that was left.
    assert client.register(owner.number).aci == previous.aci


def test_accounts_without_a_number(client: SandboxClient) -> None:
    owner = NumberlessDevice(client)
    assert owner.registration(base64(bytes(32))).status == 400
    receipt = client.control.receipt()
    assert owner.registration(receipt, pniIdentityKey=base64(b"\x05" * 33)).status == 422
    answer = owner.registration(receipt)
    assert (answer.json["number"], answer.json["pni"]) == (None, None)
    assert len(owner.salt) == 16
    # A receipt is good for one account.
    assert NumberlessDevice(client).registration(receipt).status == 400

    device = owner.device
    assert device.rest("GET", "/v2/keys?identity=aci").status == 200
    assert device.rest("GET", "/v2/keys?identity=pni").status == 400
    assert device.rest("GET", "/v1/certificate/delivery").status == 400
    assert device.rest("GET", "/v1/certificate/delivery?includeE164=false").status == 200
    discoverable = device.attributes(discoverableByPhoneNumber=True)
    assert device.rest("PUT", "/v1/accounts/attributes/", discoverable).status == 400
    token = device.rest("GET", "/v1/devices/provisioning/code").json["verificationCode"]
    body = device.link_body(token)
    for name in ("pniSignedPreKey", "pniPqLastResortPreKey"):
        del body[name]
    del body["accountAttributes"]["pniRegistrationId"]
    login = basic("anybody", PASSWORD)
    assert client.rest("PUT", "/v1/devices/link", body, login=login).status == 409
    body["accountAttributes"]["capabilities"] = CAPABILITIES | {"optionalPhoneNumber": True}
    linked = client.rest("PUT", "/v1/devices/link", body, login=login)
    assert (linked.status, linked.json["pni"]) == (200, None)
