"""Profiles: versions, avatars, credentials and who may read them."""

from __future__ import annotations

import hashlib
import random
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from sigcli.protocol.access_keys import AccessKey, access_key_verifier
from sigcli.zkgroup.profile_credentials import (
    ExpiringProfileKeyCredentialResponse,
    ProfileKeyCredentialRequestContext,
)
from sigcli.zkgroup.profile_key import ProfileKey
from tests.support.sandbox_client import base64

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.sandbox_client import SandboxClient, TestDevice


def _profile(alice: TestDevice, key: ProfileKey, **changes: Any) -> dict[str, Any]:
    return {
        "commitment": base64(key.get_commitment(alice.aci).serialize()),
        "version": key.get_profile_key_version(alice.aci),
        "name": base64(bytes(81)),
        "avatar": False,
        "sameAvatar": False,
        **changes,
    }


def test_a_profile_belongs_to_its_version(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    first, second = ProfileKey(bytes(32)), ProfileKey(bytes(31) + b"\x01")
    for name, size in (("name", 80), ("about", 157), ("aboutEmoji", 61), ("commitment", 96)):
        wrong = _profile(alice, first, **{name: base64(bytes(size))})
        assert alice.rest("PUT", "/v1/profile", wrong).status == 422, name
    assert alice.rest("PUT", "/v1/profile", _profile(alice, first, version="ab")).status == 422
    about = base64(b"\x02" * 156)
    assert alice.rest("PUT", "/v1/profile", _profile(alice, first, about=about)).status == 200

    path = f"/v1/profile/{alice.aci}"
    version = first.get_profile_key_version(alice.aci)
    shown = bob.rest("GET", f"{path}/{version}").json
    assert (shown["name"], shown["about"]) == (base64(bytes(81)), about)
    assert shown["uuid"] == str(alice.aci)
    assert shown["capabilities"]["spqr"] is True
    assert "storage" not in shown["capabilities"]
    checksum = access_key_verifier(AccessKey(alice.access_key))
    assert shown["unidentifiedAccess"] == base64(checksum)
    unknown = bob.rest("GET", f"{path}/{second.get_profile_key_version(alice.aci)}")
    assert (unknown.status, unknown.json["name"]) == (200, None)
    # What is not sent again is gone.
    alice.rest("PUT", "/v1/profile", _profile(alice, first))
    assert bob.rest("GET", f"{path}/{version}").json["about"] is None

    context = ProfileKeyCredentialRequestContext.create(alice.aci, first)
    request = context.get_request().serialize().hex()
    wanted = f"{path}/{version}/{request}"
    assert bob.rest("GET", wanted).status == 400
    assert bob.rest("GET", f"{wanted}?credentialType=pni").status == 400
    kind = "?credentialType=expiringProfileKey"
    assert bob.rest("GET", f"{path}/{version}/00{kind}").status == 400
    answer = bob.rest("GET", f"{wanted}{kind}").json
    issued = b64decode(answer["credential"], validate=True)
    assert issued is not None
    response = ExpiringProfileKeyCredentialResponse.deserialize(issued)
    now_ms = client.sandbox.state.clock.now_ms()
    params = client.sandbox.state.keys.zkgroup.get_public_params()
    assert context.receive(params, response, now_ms) is not None
    alice.rest("PUT", "/v1/profile", _profile(alice, second))
    assert bob.rest("GET", f"{wanted}{kind}").json["credential"] is None


def test_who_may_read(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    right = {"Unidentified-Access-Key": base64(alice.access_key)}
    token = {"Group-Send-Token": base64(bytes(33))}

    def read(id: object, headers: Mapping[str, str] | None = None, *, login: bool = False) -> int:
        by = bob.login if login else None
        return client.rest("GET", f"/v1/profile/{id}", login=by, headers=headers).status

    assert read(alice.aci) == 401
    assert read(alice.aci, right) == 200
    assert read(alice.pni, right) == 401
    assert read(alice.pni, login=True) == 200
    assert read("00000000-0000-4000-8000-000000000000", login=True) == 404
    assert read("00000000-0000-4000-8000-000000000000", right) == 401
    assert read(alice.aci, token) == 401
    assert read(alice.aci, {**right, **token}) == 400
    assert client.rest("GET", f"/v1/profile/{alice.pni}/{'0' * 64}", login=bob.login).status == 404


def test_an_avatar_has_three_states(client: SandboxClient, alice: TestDevice) -> None:
    key = ProfileKey(bytes(32))
    replace = _profile(alice, key, avatar=True)
    form = alice.rest("PUT", "/v1/profile", replace).json
    shown = f"/v1/profile/{alice.aci}/{key.get_profile_key_version(alice.aci)}"
    assert alice.rest("GET", shown).json["avatar"] == form["key"]
    fields = {
        "key": form["key"],
        "acl": form["acl"],
        "x-amz-algorithm": form["algorithm"],
        "x-amz-credential": form["credential"],
        "x-amz-date": form["date"],
        "policy": form["policy"],
        "x-amz-signature": form["signature"],
        "Content-Type": "application/octet-stream",
    }

    def post(changes: Mapping[str, str]) -> int:
        # S3 takes the fields in any order, as long as the file is behind them.
        sent = list({**fields, **changes}.items())
        random.Random(0).shuffle(sent)
        content_type, body = _multipart(dict(sent), b"\r\n--avatar\x00")
        headers = {"Content-Type": content_type}
        return client.rest("POST", "/cdn0/", body, headers=headers).status

    assert post({"key": "profiles/other"}) == 403
    content_type, body = _multipart({}, b"the file first")
    assert client.rest("POST", "/cdn0/", body, headers={"Content-Type": content_type}).status == 403
    assert post({"x-amz-signature": "00"}) == 403
    assert post({}) == 204
    assert client.rest("GET", f"/cdn0/{form['key']}").body == b"\r\n--avatar\x00"
    assert client.rest("GET", f"/cdn0/{form['key']}", login=alice.login).status == 400
    alice.rest("PUT", "/v1/profile", _profile(alice, key, avatar=True, sameAvatar=True))
    assert alice.rest("GET", shown).json["avatar"] == form["key"]
    alice.rest("PUT", "/v1/profile", _profile(alice, key))
    assert alice.rest("GET", shown).json["avatar"] is None


def test_a_newer_kind_of_profile_refuses_this_one(alice: TestDevice) -> None:
    alice.rest("PUT", "/v1/devices/capabilities", {"spqr": True, "profiles_v2": True})
    body = _profile(alice, ProfileKey(bytes(32)))
    assert alice.rest("PUT", "/v1/profile", body).status == 412


def test_identity_keys_that_differ(client: SandboxClient, alice: TestDevice) -> None:
    fingerprint = hashlib.sha256(alice.aci_identity.public_key.serialize()).digest()[:4]
    elements = [
        {"uuid": str(alice.aci), "fingerprint": base64(fingerprint)},
        {"uuid": str(alice.pni), "fingerprint": base64(bytes(4))},
    ]
    path = "/v1/profile/identity_check/batch"
    (found,) = client.rest("POST", path, {"elements": elements}).json["elements"]
    assert found["uuid"] == str(alice.pni)
    assert client.rest("POST", path, {"elements": elements * 501}).status == 422
    assert client.rest("POST", path, {}).status == 422
    assert client.rest("POST", path, {"elements": []}).json == {"elements": []}


def _multipart(fields: Mapping[str, str], file: bytes) -> tuple[str, bytes]:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    return "multipart/form-data; boundary=b", b"".join(parts) + head + file + b"\r\n--b--\r\n"
