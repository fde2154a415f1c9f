"""Sending to one account and to several: the order of the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigcli.protocol.sealed_sender_v2 import (
    MESSAGE_KEY_LENGTH,
    SERVICE_ID_VERSION_BYTE,
    TAG_LENGTH,
)
from tests.support.sandbox_client import NOW_MS, base64, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.sandbox_client import Answer, SandboxClient, TestDevice

NOBODY = "00000000-0000-4000-8000-000000000000"
MULTI_TYPE = {"Content-Type": "application/vnd.signal-messenger.mrm"}


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"messages": None},
        {"timestamp": -1},
        {"timestamp": 8_640_000_000_000_001},
        {"type": 5},
        {"type": 2},
        {"type": 99},
        {"content": b""},
        {"twice": True},
    ],
)
def test_messages_that_do_not_pass_validation(
    alice: TestDevice, bob: TestDevice, changes: dict[str, Any]
) -> None:
    content = changes.pop("content", b"x")
    twice = changes.pop("twice", False)
    body = message(bob, content, **changes)
    if twice:
        body["messages"] *= 2
    # Even where a token in the wrong place would be refused: validation comes first.
    headers = {"Group-Send-Token": base64(bytes(33))}
    path = f"/v1/messages/{bob.aci}"
    assert alice.rest("PUT", path, body, headers=headers).status == 422


def test_who_may_send_and_to_whom(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    body = message(bob)
    token = {"Group-Send-Token": base64(bytes(33))}
    right = {"Unidentified-Access-Key": base64(bob.access_key)}

    def put(id: object, headers: Any = None, query: str = "", *, login: bool = False) -> int:
        by = alice.login if login else None
        path = f"/v1/messages/{id}{query}"
        return client.rest("PUT", path, body, login=by, headers=headers).status

    assert put(bob.aci, token, login=True) == 400
    assert put(bob.aci, {**token, **right}) == 400
    assert put(bob.aci, token, "?story=true") == 400
    assert put(bob.aci, token) == 401
    assert put(bob.aci) == 401
    assert put(bob.aci, right) == 200
    assert put(bob.pni, right) == 401
    assert put(NOBODY, right) == 401
    assert put(bob.aci, {"Unidentified-Access-Key": base64(bytes(16))}) == 401
    assert put(NOBODY, login=True) == 404
    assert put("x", login=True) == 404
    assert put(alice.pni, login=True) == 403
    assert put(bob.aci, query="?story=true") == 200
    assert put(NOBODY, query="?story=true") == 200
    unrestricted = bob.attributes(unidentifiedAccessKey=None, unrestrictedUnidentifiedAccess=True)
    assert bob.rest("PUT", "/v1/accounts/attributes", unrestricted).status == 204
    assert put(bob.aci, {"Unidentified-Access-Key": base64(bytes(16))}) == 200
    assert put(bob.aci) == 401


def test_devices_are_compared_stale_ones_first(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    linked = client.link(bob)
    stale = alice.send(bob, registration_id=7)
    assert (stale.status, stale.json) == (410, {"staleDevices": [1]})
    missing = alice.send(bob)
    assert (missing.status, missing.json) == (409, {"missingDevices": [2], "extraDevices": []})
    both = message(bob)
    both["messages"] += message(linked)["messages"]
    path = f"/v1/messages/{bob.aci}"
    assert alice.rest("PUT", path, both).json == {"needsSync": False}
    both["messages"].append({**both["messages"][0], "destinationDeviceId": 9})
    extra = alice.rest("PUT", path, both)
    assert (extra.status, extra.json) == (409, {"missingDevices": [], "extraDevices": [9]})
    assert bob.send(alice).json == {"needsSync": True}
    # To the own account: every device but this one.
    assert bob.rest("PUT", path, message(linked)).json == {"needsSync": False}
    own = bob.rest("PUT", path, message(bob))
    assert (own.status, own.json) == (409, {"missingDevices": [2], "extraDevices": [1]})
    # A PNI has registration ids of its own.
    to_pni = message(alice, registration_id=alice.pni_registration_id)
    assert bob.rest("PUT", f"/v1/messages/{alice.pni}", to_pni).status == 200
    assert bob.rest("PUT", f"/v1/messages/{alice.pni}", message(alice)).status == 410


def test_size_comes_last_and_a_read_only_store_first(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    large = bytes(96 * 1024 + 1)
    assert alice.send(bob, large).status == 413
    assert alice.send(bob, large, registration_id=7).status == 410
    assert alice.send(bob, large[1:]).status == 200
    client.control.switch(readOnly=True)
    assert alice.send(bob, registration_id=7).status == 503
    client.control.switch(readOnly=False)


def test_ordered_faults_of_devices(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    client.control.fault("stale", times=1, account=alice.number)
    client.control.fault("mismatched", times=1, devices=[3], extra=[1])
    assert alice.send(bob).json == {"staleDevices": [1]}
    assert alice.send(bob).json == {"missingDevices": [3], "extraDevices": [1]}
    assert alice.send(bob).status == 200


def test_spam_reports(alice: TestDevice, bob: TestDevice, events: list[dict[str, object]]) -> None:
    bob.send(alice)
    with alice.socket() as socket:
        envelope = socket.next_envelope()
    assert envelope.report_spam_token is not None
    path = f"/v1/messages/report/{bob.aci}/{envelope.server_guid}"
    token = base64(envelope.report_spam_token)
    for body in ({"token": token}, {"token": "AA=="}, {}, None):
        assert alice.rest("POST", path, body).status == 202
    told = [event["tokenIsRight"] for event in events if event["event"] == "spamReport"]
    assert told == [True, False, False, False]
    by_pni = f"/v1/messages/report/{bob.pni}/{envelope.server_guid}"
    assert alice.rest("POST", by_pni, {}).status == 500
    assert alice.rest("POST", f"/v1/messages/report/{bob.aci}/x", {}).status == 404
    assert alice.rest("POST", f"/v1/messages/report/x/{envelope.server_guid}", {}).status == 400


# --- several recipients --------------------------------------------------------------------------


def _sent_form(
    recipients: Sequence[tuple[TestDevice, Sequence[tuple[int, int]]]], shared: bytes = bytes(64)
) -> bytes:
    out = bytearray([SERVICE_ID_VERSION_BYTE, len(recipients)])
    for device, devices in recipients:
        out += device.aci.to_fixed_width()
        for place, (device_id, registration_id) in enumerate(devices):
            more = 0x8000 if place < len(devices) - 1 else 0
            out += bytes([device_id]) + (registration_id | more).to_bytes(2, "big")
        out += bytes(MESSAGE_KEY_LENGTH + TAG_LENGTH) if devices else b"\x00"
    return bytes(out) + shared


def _send_many(client: SandboxClient, body: bytes, headers: Any = None, query: str = "") -> Answer:
    path = f"/v1/messages/multi_recipient?ts={NOW_MS}{query}"
    return client.rest("PUT", path, body, headers={**MULTI_TYPE, **(headers or {})})


def test_sending_to_several(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    bob.rest(
        "PUT",
        "/v1/accounts/attributes",
        bob.attributes(unidentifiedAccessKey=base64(bytes(15) + b"\x07")),
    )
    bob.access_key = bytes(15) + b"\x07"
    combined = bytes(a ^ b for a, b in zip(alice.access_key, bob.access_key, strict=True))
    right = {"Unidentified-Access-Key": base64(combined)}
    token = {"Group-Send-Token": base64(bytes(33))}
    body = _sent_form([(alice, [(1, alice.registration_id)]), (bob, [(1, bob.registration_id)])])

    assert client.rest("PUT", "/v1/messages/multi_recipient", body).status == 415
    assert _send_many(client, b"\x23").status == 400
    assert _send_many(client, body, right, "&ts=-1").status == 400
    assert _send_many(client, _sent_form([]), right).status == 400
    assert _send_many(client, _sent_form([(alice, [])]), right).status == 400
    twice = _sent_form([(alice, [(1, 1), (1, 2)])])
    assert _send_many(client, twice).status == 400
    assert _send_many(client, body).status == 401
    assert _send_many(client, body, {**right, **token}).status == 400
    assert _send_many(client, body, token).status == 401
    assert _send_many(client, body, {"Unidentified-Access-Key": base64(bytes(16))}).status == 401
    answer = _send_many(client, body, right)
    assert (answer.status, answer.json) == (200, {"uuids404": []})
    for device in (alice, bob):
        with device.socket() as socket:
            (envelope,) = socket.drain()
        assert envelope.content == b"\x22" + bytes(48) + bytes(64)
        assert (envelope.type, envelope.source) == (6, None)
        assert envelope.destination == device.aci

    # Missing and extra devices of any account are told before stale ones of others.
    client.link(bob)
    stale = _sent_form([(alice, [(1, 7)]), (bob, [(1, bob.registration_id)])])
    answer = _send_many(client, stale, right)
    missing = {"missingDevices": [2], "extraDevices": []}
    assert (answer.status, answer.json) == (409, [{"uuid": str(bob.aci), "devices": missing}])
    bob.rest("DELETE", "/v1/devices/2")
    answer = _send_many(client, stale, right)
    gone = {"uuid": str(alice.aci), "devices": {"staleDevices": [1]}}
    assert (answer.status, answer.json) == (410, [gone])
    bob.rest("DELETE", "/v1/accounts/me")
    assert _send_many(client, body, right).status == 404
    assert _send_many(client, body, query="&story=true").status == 200
