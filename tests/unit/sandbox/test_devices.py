"""Linking, listing and removing devices."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sigcli.protocol.device_name import open_created_at
from sigcli.sandbox.fields import decode_standard
from sigcli.wire.provisioning import (
    ProvisionEnvelope,
    decode_address,
    decode_envelope,
    encode_envelope,
)
from tests.support.sandbox_client import PASSWORD, SocketClosed, TestDevice, base64, basic, quoted

if TYPE_CHECKING:
    from tests.support.sandbox_client import Answer, SandboxClient

CODE = "/v1/devices/provisioning/code"


def test_the_way_of_a_provisioning_message(client: SandboxClient, alice: TestDevice) -> None:
    envelope = encode_envelope(ProvisionEnvelope(b"\x05" + bytes(32), b"body"))
    with client.socket(path="/v1/websocket/provisioning/") as socket:
        request = socket.next_request()
        assert (request.verb, request.path) == ("PUT", "/v1/address")
        socket.answer(request)
        address = decode_address(request.body)
        assert address.endswith("==")
        path = f"/v1/provisioning/{quoted(address)}"
        assert client.rest("PUT", path, {"body": "x"}).status == 401
        assert alice.rest("PUT", path, {"body": base64(envelope)}).status == 204
        request = socket.next_request()
        assert (request.verb, request.path) == ("PUT", "/v1/message")
        assert decode_envelope(request.body).body == b"body"
        socket.answer(request)
        with pytest.raises(SocketClosed) as closed:
            socket.next_frame()
        assert closed.value.code == 1000
    assert alice.rest("PUT", path, {"body": base64(envelope)}).status == 404
    assert alice.rest("PUT", path, {"body": "A" * (256 * 1024 + 1)}).status == 400


def test_the_order_of_linking_checks(client: SandboxClient, alice: TestDevice) -> None:
    token = alice.rest("GET", CODE).json["verificationCode"]
    device = TestDevice(client, alice.aci_identity, alice.pni_identity)
    stranger = TestDevice.create(client)

    def link(device: TestDevice = device, code: str = token, **changes: object) -> Answer:
        body = device.link_body(code, **changes)
        return client.rest("PUT", "/v1/devices/link", body, login=basic("anybody", PASSWORD))

    def attributes(**changes: object) -> dict[str, object]:
        return {**device.attributes(), **changes}

    assert client.rest("PUT", "/v1/devices/link", device.link_body(token)).status == 400
    assert link(code="wrong").status == 403
    assert link(stranger).status == 422
    assert link(pniSignedPreKey=None, pniPqLastResortPreKey=None).status == 422
    assert link(accountAttributes=attributes(capabilities=None)).status == 422
    assert link(accountAttributes=attributes(capabilities={"spqr": True})).status == 409
    assert link(accountAttributes=attributes(name=base64(bytes(226)))).status == 422
    client.control.switch(clockShift=601)
    assert link().status == 403
    client.control.switch(clockShift=0)
    assert link().json["deviceId"] == 2
    assert link().status == 403


def test_devices_are_listed_and_their_ids_used_again(
    client: SandboxClient, alice: TestDevice
) -> None:
    linked = client.link(alice)
    listed = alice.rest("GET", "/v1/devices").json["devices"]
    assert [device["id"] for device in listed] == [1, 2]
    created = listed[1]["createdAtCiphertext"]
    sealed = decode_standard(created)
    assert sealed is not None
    private_key = alice.aci_identity.private_key
    assert open_created_at(sealed, private_key, 2, linked.registration_id) > 0

    assert linked.rest("GET", CODE).status == 401
    assert linked.rest("DELETE", "/v1/devices/1").status == 401
    assert alice.rest("DELETE", "/v1/devices/1").status == 403
    with linked.socket() as socket:
        socket.expect_empty()
        assert alice.rest("DELETE", "/v1/devices/2").status == 204
        with pytest.raises(SocketClosed) as closed:
            socket.next_frame()
        assert closed.value.code == 4401
    assert client.link(alice).device_id == 2


def test_there_is_room_for_six(client: SandboxClient, alice: TestDevice) -> None:
    assert [client.link(alice).device_id for _ in range(5)] == [2, 3, 4, 5, 6]
    full = alice.rest("GET", CODE)
    assert (full.status, full.json) == (411, {"current": 6, "max": 6})


def test_waiting_for_the_new_device(client: SandboxClient, alice: TestDevice) -> None:
    token = alice.rest("GET", CODE).json
    identifier = token["tokenIdentifier"]
    digest = hashlib.sha256(token["verificationCode"].encode()).digest()
    assert base64(digest).replace("+", "-").replace("/", "_").rstrip("=") == identifier
    path = f"/v1/devices/wait_for_linked_device/{identifier}"
    assert alice.rest("GET", f"{path}?timeout=0").status == 400
    assert alice.rest("GET", f"{path[:-20]}?timeout=1").status == 400
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(alice.rest, "GET", f"{path}?timeout=9")
        device = TestDevice(client, alice.aci_identity, alice.pni_identity)
        body = device.link_body(token["verificationCode"])
        client.rest("PUT", "/v1/devices/link", body, login=basic("x", PASSWORD))
        assert waiting.result().json["id"] == 2


def test_capabilities_are_replaced(alice: TestDevice) -> None:
    path = "/v1/devices/capabilities"
    assert alice.rest("PUT", path, {"spqr": True, "storage": "yes"}).status == 422
    assert alice.rest("PUT", path, {"spqr": True, "storage": True, "unknown": True}).status == 204
    assert alice.rest("GET", "/v1/accounts/whoami").json["storageCapable"] is True
    assert alice.rest("PUT", path, {"spqr": True}).status == 204
    assert alice.rest("GET", "/v1/accounts/whoami").json["storageCapable"] is False


def test_what_nobody_uses_is_swept_away(client: SandboxClient, alice: TestDevice) -> None:
    linked = client.link(alice)
    client.control.age(alice.number, 31, device=1)
    with linked.socket() as socket:
        assert socket.upgrade_headers["x-signal-alert"] == "idle-primary-device"
    client.control.age(alice.number, 45, device=2)
    assert linked.rest("GET", "/v1/accounts/whoami").status == 401
    assert alice.rest("GET", "/v1/accounts/whoami").status == 200
    client.control.age(str(alice.aci), 120)
    assert alice.rest("GET", "/v1/accounts/whoami").status == 401
