"""Sender certificates, group credentials and logins for other services; the storage service."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import InvalidCertificate
from sigcli.protocol.certificates import SenderCertificate
from sigcli.sandbox.fields import decode_standard
from sigcli.wire.storage_manifest import (
    StorageItem,
    StorageManifest,
    StorageWrite,
    decode_storage_items,
    decode_storage_manifest,
    encode_storage_read,
    encode_storage_write,
)
from sigcli.zkgroup.auth_credentials import AuthCredentialWithPniResponse
from tests.support.sandbox_client import basic

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient, TestDevice

DELIVERY = "/v1/certificate/delivery"
DAY_S = 86_400


def _certificate(alice: TestDevice, query: str = "") -> SenderCertificate:
    data = b64decode(alice.rest("GET", DELIVERY + query).json["certificate"], validate=True)
    return SenderCertificate.deserialize(data)


def test_a_sender_certificate(client: SandboxClient, alice: TestDevice) -> None:
    keys = client.sandbox.state.keys
    roots, now_ms = [keys.trust_root.public_key], client.sandbox.state.clock.now_ms()
    certificate = _certificate(alice)
    assert certificate.sender_e164 == alice.number
    assert certificate.sender == alice.aci
    # Whole, since other clients know by heart what the ids of the public service stand for.
    certificate.validate(roots, now_ms)
    with pytest.raises(InvalidCertificate):
        certificate.validate(roots, now_ms + DAY_S * 1000 + 60_000)
    assert _certificate(alice, "?includeE164=false").sender_e164 is None
    client.control.switch(signerById=True)
    by_id = _certificate(alice)
    assert by_id.signer == keys.server_certificate.key_id
    by_id.validate(roots, now_ms, {keys.server_certificate.key_id: keys.server_certificate})
    client.control.switch(signerById=False)


def test_group_credentials_are_for_whole_days_around_today(
    client: SandboxClient, alice: TestDevice
) -> None:
    today_s = client.sandbox.state.clock.today_ms() // 1000

    def ask(first: int, last: int) -> int:
        start, end = today_s + first * DAY_S, today_s + last * DAY_S
        query = f"redemptionStartSeconds={start}&redemptionEndSeconds={end}"
        return alice.rest("GET", f"/v1/certificate/auth/group?{query}").status

    assert [ask(-1, 6), ask(1, 8), ask(0, 0)] == [200, 200, 200]
    assert [ask(-2, 0), ask(2, 9), ask(1, 0), ask(0, 8)] == [400] * 4
    query = f"redemptionStartSeconds={today_s + 1}&redemptionEndSeconds={today_s + 1}"
    assert alice.rest("GET", f"/v1/certificate/auth/group?{query}").status == 400
    query = f"redemptionStartSeconds={today_s}&redemptionEndSeconds={today_s + DAY_S}"
    answer = alice.rest("GET", f"/v1/certificate/auth/group?{query}").json
    assert answer["pni"] == str(alice.pni.uuid)
    params = client.sandbox.state.keys.zkgroup.get_public_params()
    for entry in answer["credentials"]:
        data = decode_standard(entry["credential"])
        assert data is not None
        response = AuthCredentialWithPniResponse.deserialize(data)
        response.receive(params, alice.aci, alice.pni, entry["redemptionTime"])


def test_logins_of_the_other_services_are_counted_together(
    client: SandboxClient, alice: TestDevice
) -> None:
    paths = ("/v1/storage/auth", "/v2/directory/auth", "/v2/svr/auth")
    client.control.switch(rateLimits=True)
    try:
        found = [alice.rest("GET", paths[number % 3]).status for number in range(100)]
        assert found == [200] * 100
        assert [alice.rest("GET", path).status for path in paths] == [429] * 3
    finally:
        client.control.switch(rateLimits=False)


def test_the_storage_service(client: SandboxClient, alice: TestDevice) -> None:
    login = alice.rest("GET", "/v1/storage/auth").json
    authorization = basic(login["username"], login["password"])
    base = "/storage/v1/storage"
    headers = {"Content-Type": "application/x-protobuf"}

    def write(version: int, items: dict[bytes, bytes], deleted: tuple[bytes, ...] = ()) -> int:
        body = encode_storage_write(
            StorageWrite(
                manifest=StorageManifest(version=version, value=b"m%d" % version),
                insert_items=tuple(StorageItem(key=k, value=v) for k, v in items.items()),
                delete_keys=deleted,
            )
        )
        answer = client.rest("PUT", f"{base}/", body, login=authorization, headers=headers)
        if answer.status == 409:
            assert decode_storage_manifest(answer.body).version == 8
        return answer.status

    def get(path: str, login: str = authorization) -> int:
        return client.rest("GET", base + path, login=login).status

    assert get("/manifest", alice.login) == 401
    assert get("/manifest") == 404
    assert get("/manifest/version/1") == 204
    assert get("/manifest/version/one") == get(f"/manifest/version/{1 << 63}") == 404
    empty = encode_storage_write(StorageWrite(manifest=None))
    answer = client.rest("PUT", base, empty, login=authorization, headers=headers)
    assert answer.status == 400
    keys = [bytes([i]) * 16 for i in range(3)]
    assert write(7, dict.fromkeys(keys, b"value")) == 200
    assert write(8, {keys[0]: b"other"}, (keys[1],)) == 200
    assert [write(8, {}), write(10, {})] == [409, 409]
    assert get("/manifest/version/8") == 204
    for other in ("-1", "0", "9", str(-(1 << 63)), str((1 << 63) - 1)):
        assert get(f"/manifest/version/{other}") == 200
    manifest = client.rest("GET", f"{base}/manifest/version/7", login=authorization)
    assert decode_storage_manifest(manifest.body).value == b"m8"

    body = encode_storage_read(keys)
    answer = client.rest("PUT", f"{base}/read", body, login=authorization, headers=headers)
    found = {item.key: item.value for item in decode_storage_items(answer.body)}
    assert found == {keys[0]: b"other", keys[2]: b"value"}
    client.control.switch(storageReadLimit=2)
    answer = client.rest("PUT", f"{base}/read", body, login=authorization, headers=headers)
    assert answer.status == 413
    client.control.switch(storageReadLimit=5120)

    # A write that clears all does so before its version is looked at; what was deleted is gone as a whole.
    stale = StorageWrite(manifest=StorageManifest(version=3, value=b"m3"), clear_all=True)
    body = encode_storage_write(stale)
    answer = client.rest("PUT", base, body, login=authorization, headers=headers)
    assert (answer.status, decode_storage_manifest(answer.body).version) == (409, 8)
    body = encode_storage_read(keys)
    answer = client.rest("PUT", f"{base}/read", body, login=authorization, headers=headers)
    assert decode_storage_items(answer.body) == ()
    assert client.rest("DELETE", base, login=authorization).status == 200
    assert get("/manifest") == 404
