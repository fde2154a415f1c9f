"""Logins, attributes, names, usernames and the end of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.sandbox.fields import encode_url_safe
from sigcli.zkgroup.usernames import Username, create_username_link
from tests.support.sandbox_client import PASSWORD, base64, basic, quoted

if TYPE_CHECKING:
    from tests.support.sandbox_client import Answer, SandboxClient, TestDevice

WHOAMI = "/v1/accounts/whoami"


def test_logins(client: SandboxClient, alice: TestDevice) -> None:
    assert client.rest("GET", WHOAMI).status == 401
    assert client.rest("GET", WHOAMI, login=basic(str(alice.aci), PASSWORD)).status == 200
    assert client.rest("GET", WHOAMI, login=basic(f"{alice.aci}.2", PASSWORD)).status == 401
    assert client.rest("GET", WHOAMI, login=basic(str(alice.aci), "wrong")).status == 401
    answer = alice.rest("GET", WHOAMI)
    assert answer.json["pni"] == str(alice.pni.uuid)
    assert int(answer.headers["x-signal-timestamp"]) > 0
    assert client.rest("GET", "/v1/nothing").status == 404
    assert client.rest("POST", WHOAMI).status == 405
    # Where a login is optional a bad one is none; where it is forbidden only a good one is refused.
    missing = f"/v1/profile/{alice.aci}"
    assert client.rest("GET", missing, login=basic(str(alice.aci), "wrong")).status == 401
    exists = f"/v1/accounts/account/{alice.aci}"
    assert client.rest("HEAD", exists).status == 200
    assert alice.rest("HEAD", exists).status == 400
    assert client.rest("HEAD", f"/v1/accounts/account/{'0' * 8}").status == 404


def test_attributes_replace_everything(client: SandboxClient, alice: TestDevice) -> None:
    name = base64(b"a sealed name")
    put = "/v1/accounts/attributes"
    assert (
        alice.rest("PUT", put, alice.attributes(name=name, registrationLock="a" * 64)).status == 204
    )
    assert alice.rest("GET", "/v1/devices").json["devices"][0]["name"] == name
    assert alice.rest("PUT", put, alice.attributes()).status == 204
    assert alice.rest("GET", "/v1/devices").json["devices"][0]["name"] is None
    assert alice.rest("PUT", put, alice.attributes(capabilities=None)).status == 204
    refused = alice.rest("GET", WHOAMI)
    # The filter that refuses stands before the one that tells the time.
    assert (refused.status, "x-signal-timestamp" in refused.headers) == (499, False)
    client.control.switch(requireSpqr=False)
    assert alice.rest("GET", WHOAMI).status == 200
    client.control.switch(requireSpqr=True)


def test_json_of_the_wrong_kind(alice: TestDevice) -> None:
    path = "/v1/accounts/name"
    assert alice.rest("PUT", path, b"{}").status == 415
    headers = {"Content-Type": "application/json"}
    assert alice.rest("PUT", path, b"{", headers=headers).status == 400
    assert alice.rest("PUT", path, []).status == 422
    assert alice.rest("PUT", path, {"deviceName": "not-base64_"}).status == 422
    assert alice.rest("PUT", path, {"deviceName": base64(bytes(226))}).status == 422
    assert alice.rest("PUT", path, {"deviceName": base64(bytes(225)).rstrip("=")}).status == 204


def test_who_names_which_device(client: SandboxClient, alice: TestDevice) -> None:
    linked = client.link(alice)
    body = {"deviceName": base64(b"name")}
    assert linked.rest("PUT", "/v1/accounts/name?deviceId=1", body).status == 403
    assert linked.rest("PUT", "/v1/accounts/name", body).status == 204
    assert alice.rest("PUT", f"/v1/accounts/name?deviceId={linked.device_id}", body).status == 204
    assert alice.rest("PUT", "/v1/accounts/name?deviceId=77", body).status == 404


def test_the_directory_shows_who_wants_to_be_found(
    client: SandboxClient, alice: TestDevice
) -> None:
    path = f"/v1/directory/{quoted(alice.number)}"
    assert client.rest("GET", path).json == {"aci": str(alice.aci), "pni": str(alice.pni.uuid)}
    hide = {"discoverableByPhoneNumber": False}
    assert alice.rest("PUT", "/v2/accounts/phone_number_discoverability", hide).status == 204
    assert client.rest("GET", path).status == 404


def test_deleting_an_account_and_coming_back(client: SandboxClient, alice: TestDevice) -> None:
    number = alice.number
    assert alice.rest("DELETE", "/v1/accounts/me").status == 204
    assert alice.rest("GET", WHOAMI).status == 401
    assert client.rest("HEAD", f"/v1/accounts/account/{alice.aci}").status == 404
    assert client.register(number).aci == alice.aci


def test_the_life_of_a_username(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    username = Username.parse("somebody.42")
    hashed, proof = encode_url_safe(username.hash()), encode_url_safe(username.proof())
    _, encrypted = create_username_link(username)
    base = "/v1/accounts/username_hash"
    confirm = {
        "usernameHash": hashed,
        "zkProof": proof,
        "encryptedUsername": encode_url_safe(encrypted),
    }
    assert alice.rest("PUT", f"{base}/reserve", {"usernameHashes": []}).status == 422
    assert alice.rest("PUT", f"{base}/reserve", {"usernameHashes": ["AAAA"]}).status == 422
    assert alice.rest("PUT", f"{base}/confirm", confirm).status == 409
    assert alice.rest("PUT", f"{base}/reserve", {"usernameHashes": [hashed]}).status == 200
    assert bob.rest("PUT", f"{base}/reserve", {"usernameHashes": [hashed]}).status == 409
    wrong = {**confirm, "zkProof": encode_url_safe(bytes(128))}
    assert alice.rest("PUT", f"{base}/confirm", wrong).status == 422
    handle = alice.rest("PUT", f"{base}/confirm", confirm).json["usernameLinkHandle"]

    assert client.rest("GET", f"{base}/{hashed}").json == {"uuid": str(alice.aci)}
    assert alice.rest("GET", f"{base}/{hashed}").status == 400
    assert client.rest("GET", f"{base}/AAAA").status == 422
    link = "/v1/accounts/username_link"
    found = client.rest("GET", f"{link}/{handle}").json
    assert found == {"usernameLinkEncryptedValue": encode_url_safe(encrypted)}
    value = {"usernameLinkEncryptedValue": encode_url_safe(encrypted), "keepLinkHandle": True}
    assert alice.rest("PUT", link, value).json["usernameLinkHandle"] == handle
    assert bob.rest("PUT", link, value).status == 409
    assert alice.rest("DELETE", link).status == 204
    assert client.rest("GET", f"{link}/{handle}").status == 404
    assert alice.rest("DELETE", base).status == 204
    assert client.rest("GET", f"{base}/{hashed}").status == 404


def test_names_are_kept_for_a_while(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    base = "/v1/accounts/username_hash"
    first, second = (Username.parse(f"keeper.{number}") for number in (42, 43))

    def reserve(device: TestDevice, username: Username) -> int:
        body = {"usernameHashes": [encode_url_safe(username.hash())]}
        return device.rest("PUT", f"{base}/reserve", body).status

    def confirm(device: TestDevice, username: Username) -> Answer:
        body = {
            "usernameHash": encode_url_safe(username.hash()),
            "zkProof": encode_url_safe(username.proof()),
            "encryptedUsername": encode_url_safe(create_username_link(username)[1]),
        }
        return device.rest("PUT", f"{base}/confirm", body)

    assert reserve(alice, first) == 200
    handle = confirm(alice, first).json["usernameLinkHandle"]
    # Confirming once more changes nothing.
    assert reserve(alice, first) == 200
    assert confirm(alice, first).json["usernameLinkHandle"] == handle
    assert reserve(alice, second) == 200
    second_handle = confirm(alice, second).json["usernameLinkHandle"]
    assert second_handle != handle
    assert reserve(bob, first) == 409
    # Registered anew, the account has three days to take its name and link again.
    again = client.register(alice.number)
    assert client.rest("GET", f"{base}/{encode_url_safe(second.hash())}").status == 404
    assert reserve(bob, second) == 409
    assert confirm(again, second).json["usernameLinkHandle"] == second_handle


def test_challenge_and_config(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    client.control.fault("challenge", account=alice.number, retryAfter=60)
    demanded = alice.send(bob)
    assert (demanded.status, demanded.headers["retry-after"]) == (428, "60")
    token = demanded.json["token"]
    answer = {"type": "captcha", "token": token, "captcha": "signal-hcaptcha.k.challenge.wrong"}
    assert alice.rest("PUT", "/v1/challenge", answer).status == 428
    answer["captcha"] = "signal-hcaptcha.k.registration.right"
    assert alice.rest("PUT", "/v1/challenge", answer).status == 400
    answer["captcha"] = "signal-hcaptcha.k.challenge.right"
    assert alice.rest("PUT", "/v1/challenge", answer).status == 200
    assert alice.send(bob).status == 200
    config = alice.rest("GET", "/v2/config")
    assert "global.groupsv2.maxGroupSize" in config.json["config"]
    headers = {"If-None-Match": config.headers["etag"]}
    assert alice.rest("GET", "/v2/config", headers=headers).status == 304
