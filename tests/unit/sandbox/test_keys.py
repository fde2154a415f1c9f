"""Prekeys: what is stored, who gets them, and that one-time keys are given once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sigcli.sandbox.fields import decode_standard
from tests.support.sandbox_client import base64

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient, TestDevice


def test_uploads_replace_and_are_verified(alice: TestDevice) -> None:
    put = "/v2/keys?identity=aci"
    assert alice.rest("PUT", put, alice.one_time_keys(3)).status == 200
    assert alice.rest("GET", "/v2/keys").json == {"count": 3, "pqCount": 3}
    assert alice.rest("PUT", put, {"preKeys": alice.one_time_keys(1)["preKeys"]}).status == 200
    assert alice.rest("GET", "/v2/keys?identity=aci").json == {"count": 1, "pqCount": 3}
    assert alice.rest("PUT", put, {"preKeys": [], "pqPreKeys": []}).status == 200
    assert alice.rest("GET", "/v2/keys").json == {"count": 1, "pqCount": 3}
    assert alice.rest("GET", "/v2/keys?identity=pni").json == {"count": 0, "pqCount": 0}
    for identity in ("ACI", "Aci", "aci"):
        assert alice.rest("GET", f"/v2/keys?identity={identity}").json["count"] == 1
    assert alice.rest("GET", "/v2/keys?identity=PNI").json["count"] == 0
    for method, path in (("GET", "/v2/keys?identity=x"), ("PUT", "/v2/keys?identity=")):
        assert alice.rest(method, path, {}).status == 400

    wrong_identity = alice.one_time_keys(1, alice.pni_identity)
    assert alice.rest("PUT", put, wrong_identity).status == 422
    assert alice.rest("PUT", "/v2/keys?identity=pni", wrong_identity).status == 200
    key = alice.one_time_keys(1)["preKeys"][0]
    for broken in ({**key, "keyId": -1}, {**key, "publicKey": base64(bytes(33))}, {"keyId": 1}):
        assert alice.rest("PUT", put, {"preKeys": [broken]}).status == 422
    assert alice.rest("PUT", put, {"preKeys": [key] * 101}).status == 422


def test_the_check_compares_repeated_use_keys(client: SandboxClient, alice: TestDevice) -> None:
    fetched = alice.rest("GET", f"/v2/keys/{alice.aci}/1").json
    device = fetched["devices"][0]

    def digest(last_resort_id: int) -> str:
        parts = [alice.aci_identity.public_key.serialize()]
        for key, id in ((device["signedPreKey"], 1), (device["pqPreKey"], last_resort_id)):
            parts += [id.to_bytes(8, "big"), _decode(key["publicKey"])]
        return base64(hashlib.sha256(b"".join(parts)).digest())

    right = {"identityType": "ACI", "digest": digest(1)}
    assert alice.rest("POST", "/v2/keys/check", right).status == 200
    assert alice.rest("POST", "/v2/keys/check", {**right, "digest": digest(2)}).status == 409
    assert alice.rest("POST", "/v2/keys/check", {**right, "identityType": "x"}).status == 422
    assert client.rest("POST", "/v2/keys/check", right).status == 401


def test_one_time_keys_are_given_once_then_the_last_resort(
    alice: TestDevice, bob: TestDevice
) -> None:
    bob.rest("PUT", "/v2/keys", bob.one_time_keys(1))
    path = f"/v2/keys/{bob.aci}/*"
    first = alice.rest("GET", path).json
    assert _decode(first["identityKey"]) == bob.aci_identity.public_key.serialize()
    second = alice.rest("GET", path).json["devices"][0]
    first = first["devices"][0]
    assert first["preKey"] is not None
    assert second["preKey"] is None
    assert first["pqPreKey"]["publicKey"] != second["pqPreKey"]["publicKey"]
    assert second == alice.rest("GET", path).json["devices"][0]
    assert second["registrationId"] == bob.registration_id


def test_who_gets_keys(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    right = {"Unidentified-Access-Key": base64(bob.access_key)}
    wrong = {"Unidentified-Access-Key": base64(bytes(16))}
    short = {"Unidentified-Access-Key": base64(bytes(15))}
    token = {"Group-Send-Token": base64(bytes(33))}

    def fetch(id: object, device: object = 1, headers: Any = None, *, login: bool = False) -> int:
        path = f"/v2/keys/{id}/{device}"
        by = alice.login if login else None
        return client.rest("GET", path, login=by, headers=headers).status

    assert fetch(bob.aci) == 401
    assert fetch(bob.aci, headers=right) == 200
    assert fetch(bob.aci, headers=wrong) == 401
    assert fetch(bob.aci, headers=short) == 401
    assert fetch(bob.pni, headers=right) == 401
    assert fetch(bob.pni, login=True) == 200
    assert fetch(nobody, headers=right) == 401
    assert fetch(nobody, login=True) == 404
    assert fetch(bob.aci, 5, login=True) == 404
    assert fetch(bob.aci, 5, right) == 401
    assert fetch(bob.aci, "x", login=True) == 422
    assert fetch("x", login=True) == 404
    assert fetch(bob.aci, headers=token) == 401
    assert fetch(bob.aci, headers=token, login=True) == 400
    assert fetch(bob.aci, headers={**token, **right}) == 400


def test_the_limit_on_fetching_for_one_device(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    client.control.switch(rateLimits=True)
    try:
        statuses = [alice.rest("GET", f"/v2/keys/{bob.aci}/1").status for _ in range(7)]
        limited = alice.rest("GET", f"/v2/keys/{bob.aci}/1")
        assert statuses == [200] * 6 + [429]
        assert 500 < int(limited.headers["retry-after"]) <= 600
        sealed = {"Unidentified-Access-Key": base64(bob.access_key)}
        assert client.rest("GET", f"/v2/keys/{bob.aci}/1", headers=sealed).status == 200
    finally:
        client.control.switch(rateLimits=False)


def _decode(text: str) -> bytes:
    decoded = decode_standard(text)
    assert decoded is not None
    return decoded
