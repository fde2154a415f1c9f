"""The chat websocket: deliveries and their acknowledgement, and what closes it."""

from __future__ import annotations

import contextlib
import time
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from sigcli.wire.envelopes import decode_envelope
from tests.support.sandbox_client import SocketClosed, UpgradeRefused, base64, basic, message

if TYPE_CHECKING:
    from tests.support.sandbox_client import SandboxClient, SocketClient, TestDevice


def _close_code(socket: SocketClient) -> int | None:
    try:
        while True:
            socket.next_frame()
    except SocketClosed as closed:
        return closed.code


def test_messages_stay_until_they_are_acknowledged(alice: TestDevice, bob: TestDevice) -> None:
    alice.send(bob, b"first")
    alice.send(bob, b"second")
    with bob.socket() as socket:
        refused = socket.next_envelope(status=500)
        assert refused.content == b"first"
        assert refused.source == alice.aci
        assert refused.source_device_id == 1
        assert refused.destination == bob.aci
        assert refused.server_guid is not None
        assert refused.server_timestamp_ms is not None
        assert refused.urgent is True
        socket.next_request()
    with bob.socket() as socket:
        again = socket.next_envelope(status=299)
        assert again.server_guid == refused.server_guid
        assert socket.next_envelope().content == b"second"
        socket.expect_empty()
    with bob.socket() as socket:
        socket.expect_empty()


def test_the_queue_is_empty_only_when_all_is_answered(alice: TestDevice, bob: TestDevice) -> None:
    alice.send(bob, b"1")
    alice.send(bob, b"2")
    with bob.socket() as socket:
        first, second = socket.next_request(), socket.next_request()
        socket.answer(second)
        with pytest.raises(TimeoutError):
            socket.next_request(0.3)
        # What comes meanwhile is delivered all the same.
        alice.send(bob, b"3")
        third = socket.next_request()
        assert decode_envelope(third.body).content == b"3"
        socket.answer(first, 500)
        socket.expect_empty()
        socket.answer(third)


def test_at_most_256_are_on_their_way(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    body = message(bob)
    with alice.socket() as sender:
        for _ in range(260):
            assert sender.ask("PUT", f"/v1/messages/{bob.aci}", body).status == 200
    with bob.socket() as socket:
        requests = [socket.next_request() for _ in range(256)]
        with pytest.raises(TimeoutError):
            socket.next_request(0.3)
        socket.answer(requests.pop())
        requests.append(socket.next_request())
        for request in requests:
            socket.answer(request)
        assert len(socket.drain()) == 3
    (waiting,) = [a for a in client.control.accounts() if a["number"] == bob.number]
    assert waiting["devices"][0]["queued"] == 0


def test_a_receipt_follows_the_acknowledgement_of_an_unsealed_message(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    linked = client.link(alice)
    alice.send(bob)
    sealed = {"Unidentified-Access-Key": base64(bob.access_key)}
    client.rest("PUT", f"/v1/messages/{bob.aci}", message(bob, type=6), headers=sealed)
    alice.rest("PUT", f"/v1/messages/{alice.aci}", message(linked))
    with alice.socket() as sender:
        sender.expect_empty()
        with bob.socket() as socket:
            assert [envelope.type for envelope in socket.drain()] == [1, 6]
        receipt = sender.next_envelope()
        assert (receipt.type, receipt.timestamp_ms) == (5, message(bob)["timestamp"])
        assert (receipt.source, receipt.source_device_id) == (bob.aci, 1)
        assert receipt.urgent is False
        assert receipt.content is None
    with linked.socket() as socket:
        assert [envelope.type for envelope in socket.drain()] == [1, 5]
    # None for one's own account.
    with alice.socket() as socket:
        assert socket.drain() == []


def test_stories_come_to_those_who_ask(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    path = f"/v1/messages/{bob.aci}?story=true"
    client.rest("PUT", path, message(bob, type=6, urgent=False))
    with bob.socket(X_Signal_Receive_Stories="true") as socket:
        (story,) = socket.drain()
        assert (story.story, story.urgent) == (True, False)
    client.rest("PUT", path, message(bob, type=6))
    with bob.socket(X_Signal_Receive_Stories="TRUE") as socket:
        assert socket.drain() == []
    with bob.socket(X_Signal_Receive_Stories="true") as socket:
        assert socket.drain() == []
    assert alice.device_id == 1


def test_online_messages_are_for_those_who_are(
    events: list[dict[str, object]], alice: TestDevice, bob: TestDevice
) -> None:
    alice.send(bob, b"typing", online=True)
    with bob.socket() as socket:
        socket.expect_empty()
        alice.send(bob, b"typing", online=True)
        assert socket.next_envelope().content == b"typing"
    assert not [event for event in events if event.get("account") == str(bob.aci)]
    alice.send(bob, urgent=False)
    pushed = [event for event in events if event.get("account") == str(bob.aci)]
    assert [(event["event"], event["urgent"]) for event in pushed] == [("push", False)]


def test_a_device_that_does_not_fetch_gets_nothing(alice: TestDevice, bob: TestDevice) -> None:
    bob.rest("PUT", "/v1/accounts/attributes", bob.attributes(fetchesMessages=False))
    assert alice.send(bob).status == 200
    with bob.socket() as socket:
        socket.expect_empty()


def test_a_second_reader_displaces_the_first(alice: TestDevice) -> None:
    with alice.socket() as first, alice.socket(X_Signal_Disable_Messages="true") as silent:
        first.expect_empty()
        assert first.ask("GET", "/v1/keepalive").status == 200
        with alice.socket() as second:
            assert _close_code(first) == 4409
            second.expect_empty()
            assert silent.ask("GET", "/v1/accounts/whoami").status == 200
    # Without a reader a keepalive finds the socket orphaned.
    with alice.socket(X_Signal_Disable_Messages="true") as silent:
        with pytest.raises(TimeoutError):
            silent.next_frame(0.2)
        with contextlib.suppress(SocketClosed):
            silent.ask("GET", "/v1/keepalive")
        assert _close_code(silent) == 1000


def test_logins_of_sockets_and_inside_them(client: SandboxClient, alice: TestDevice) -> None:
    for login in (basic(str(alice.aci), "wrong"), "Basic x"):
        with pytest.raises(UpgradeRefused) as refused, client.socket(login):
            pass
        assert refused.value.status == 403
        assert "x-signal-timestamp" in refused.value.headers
    whoami = "/v1/accounts/whoami"
    with client.socket() as socket:
        assert socket.ask("GET", whoami, headers={"Authorization": alice.login}).status == 401
        assert socket.ask("GET", "/v1/keepalive").status == 200
        assert socket.ask("GET", "/v1/directory/x").status == 404
        assert socket.ask("GET", f"/v1/profile/{alice.aci}").status == 401
    with alice.socket() as socket:
        assert socket.ask("GET", whoami).json["number"] == alice.number
        token = {"Group-Send-Token": base64(bytes(33))}
        body = message(alice)
        path = f"/v1/messages/{alice.aci}"
        assert socket.ask("PUT", path, body, token).status == 400
    bad = alice.attributes(capabilities={})
    alice.rest("PUT", "/v1/accounts/attributes", bad)
    with pytest.raises(UpgradeRefused) as refused, alice.socket():
        pass
    assert refused.value.status == 499


def test_frames_that_end_a_socket(alice: TestDevice) -> None:
    with alice.socket() as socket:
        socket.send_raw("text is ignored")
        assert socket.ask("GET", "/v1/keepalive").status == 200
        socket.send_raw(b"\xff")
        assert _close_code(socket) == 1007
    with alice.socket() as socket:
        # The head of a frame, whose length already says enough.
        length = (512 * 1024 + 1).to_bytes(8, "big")
        socket.send_bytes(b"\x82\xff" + length + bytes(4))
        assert _close_code(socket) == 1009


def test_a_socket_is_cut_after_some_messages(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    for content in (b"1", b"2", b"3"):
        alice.send(bob, content)
    client.control.fault("cut", after=2, times=1, account=bob.number)
    with bob.socket() as socket:
        assert [socket.next_envelope().content for _ in range(2)] == [b"1", b"2"]
        assert _close_code(socket) is None
    with bob.socket() as socket:
        assert [envelope.content for envelope in socket.drain()][-1] == b"3"


def test_faults_of_requests(client: SandboxClient, alice: TestDevice) -> None:
    path = "/v1/accounts/whoami"
    client.control.fault("status", status=429, retryAfter=7, times=1, path="/v1/accounts/*")
    limited = alice.rest("GET", path)
    assert (limited.status, limited.headers["retry-after"]) == (429, "7")
    assert "x-signal-timestamp" in limited.headers
    client.control.fault("latency", delay=300, times=1)
    began = time.monotonic()
    assert alice.rest("GET", path).status == 200
    assert time.monotonic() - began > 0.25
    client.control.fault("status", status=498, path=path)
    assert alice.rest("GET", path).status == 498
    with alice.socket() as socket:
        assert socket.ask("GET", path).status == 200
    client.control.clear_faults()
    client.control.fault("drop", times=1)
    with pytest.raises((OSError, HTTPException)):
        alice.rest("GET", path)
    client.control.fault("afterwards", status=503, times=1, method="PUT")
    assert alice.rest("PUT", "/v1/accounts/name", {"deviceName": "AAAA"}).status == 503
    assert alice.rest("GET", "/v1/devices").json["devices"][0]["name"] == "AAAA"
    client.control.fault("status", status=500, path="/v1/websocket/", times=1)
    with pytest.raises(UpgradeRefused), alice.socket():
        pass


def test_overfilled_queues(client: SandboxClient, alice: TestDevice, bob: TestDevice) -> None:
    for content in (b"1", b"2", b"3", b"4"):
        alice.send(bob, content)
    client.control.overfill(bob.number)
    with bob.socket() as socket:
        assert [envelope.content for envelope in socket.drain()] == [b"3", b"4"]
    linked = client.link(bob)
    client.control.overfill(bob.number, 2)
    assert linked.rest("GET", "/v1/accounts/whoami").status == 401


def test_a_silent_socket_is_closed_and_pings_are_enough(
    client: SandboxClient, alice: TestDevice
) -> None:
    client.control.switch(idleLimit=1)
    try:
        with alice.socket() as socket:
            socket.expect_empty()
            for _ in range(4):
                with pytest.raises(TimeoutError):
                    socket.next_frame(0.4)
                socket.ping()
            began = time.monotonic()
            assert _close_code(socket) == 1001
            assert 0.7 < time.monotonic() - began < 5
    finally:
        client.control.switch(idleLimit=90)
