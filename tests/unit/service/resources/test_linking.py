from __future__ import annotations

import threading

import pytest

from sigcli.errors import (
    ClientRefused,
    Conflict,
    DeviceLimitExceeded,
    Forbidden,
    MalformedAnswer,
    NotFound,
    SigcliError,
    Unauthorized,
)
from sigcli.service.chat import UnlinkedChat
from sigcli.service.network import Network
from sigcli.service.resources import devices, linking
from sigcli.service.resources.accounts import DeviceAttributes
from sigcli.service.resources.keys import PublicPreKey
from sigcli.service.resources.linking import LinkRequest
from sigcli.service.resources.provisioning import ProvisioningSocket
from sigcli.wire.addresses import ServiceId
from sigcli.wire.frames import WebSocketRequest, encode_frame
from sigcli.wire.provisioning import ProvisionEnvelope, encode_address, encode_envelope
from tests.support.loopback_server import LoopbackServer, ServerWebSocket
from tests.unit.service.resources.scripted_chat import ACI_TEXT, PNI_TEXT, Script

KEY = PublicPreKey(1, b"key", b"signature")
REQUEST = LinkRequest(
    aci=ServiceId.aci(ACI_TEXT),
    password="new password",
    verification_code="code",
    attributes=DeviceAttributes(registration_id=1, pni_registration_id=2, encrypted_name=b"n"),
    aci_signed_prekey=KEY,
    aci_last_resort_prekey=KEY,
    pni_signed_prekey=KEY,
    pni_last_resort_prekey=KEY,
)


def test_linking_sends_the_new_login_and_is_not_repeatable() -> None:
    script = Script(body={"uuid": ACI_TEXT, "pni": PNI_TEXT, "deviceId": 3})
    linked = linking.link(script.unlinked, REQUEST)
    assert (str(linked.aci), str(linked.pni), linked.device_id) == (ACI_TEXT, f"PNI:{PNI_TEXT}", 3)
    assert script.line == "PUT /v1/devices/link"
    assert script.sent.headers["Authorization"].startswith("Basic ")
    assert not script.sent.may_repeat
    assert set(script.json) == {
        "verificationCode",
        "accountAttributes",
        "aciSignedPreKey",
        "pniSignedPreKey",
        "aciPqLastResortPreKey",
        "pniPqLastResortPreKey",
    }
    assert script.json["accountAttributes"]["capabilities"]["spqr"] is True
    assert "new password" not in repr(REQUEST)
    assert "code" not in repr(REQUEST).replace("verification_code", "")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Forbidden), (409, Conflict), (411, DeviceLimitExceeded), (499, ClientRefused)],
)
def test_refusals_are_worded_for_linking(status: int, kind: type[SigcliError]) -> None:
    with pytest.raises(kind) as caught:
        linking.link(Script(status, {"current": 6, "max": 6}).unlinked, REQUEST)
    assert caught.value.hint


def test_a_malformed_answer_is_named() -> None:
    with pytest.raises(MalformedAnswer):
        linking.link(Script(body={"uuid": ACI_TEXT, "deviceId": 0}).unlinked, REQUEST)


def test_devices_are_listed_with_their_ciphertexts() -> None:
    body = {
        "devices": [
            {
                "id": 1,
                "name": None,
                "lastSeen": 5,
                "registrationId": 9,
                "createdAtCiphertext": "AQI",
            },
            {"id": 2, "name": "//4=", "lastSeen": 6, "created": 7},
        ]
    }
    primary, linked = devices.list_devices(Script(body=body).identified)
    assert (primary.device_id, primary.encrypted_name, primary.encrypted_created_at) == (
        1,
        None,
        b"\x01\x02",
    )
    assert (linked.encrypted_name, linked.registration_id, linked.last_seen_ms) == (
        b"\xff\xfe",
        None,
        6,
    )


def test_letting_a_new_device_in() -> None:
    script = Script(body={"verificationCode": "v", "tokenIdentifier": "t"})
    token = devices.request_link_token(script.identified)
    assert (token.verification_code, token.identifier) == ("v", "t")
    script = Script(204)
    devices.send_provisioning_message(script.identified, "ab_-/+==", b"\x01")
    assert script.line == "PUT /v1/provisioning/ab_-%2F%2B%3D%3D"
    assert script.json == {"body": "AQ=="}
    with pytest.raises(NotFound):
        devices.send_provisioning_message(Script(404).identified, "x", b"")
    script = Script(204)
    assert devices.wait_for_linked_device(script.identified, "t", 60) is None
    assert script.timeouts[0] > 60
    with pytest.raises(Unauthorized):
        devices.remove_device(Script(401).identified, 2)


ENVELOPE = ProvisionEnvelope(bytes(33), b"body")


def provision(websocket: ServerWebSocket) -> None:
    assert websocket.request.path == "/v1/websocket/provisioning/"
    assert "authorization" not in websocket.request.headers
    for number, (path, body) in enumerate(
        [("/v1/address", encode_address("addr==")), ("/v1/message", encode_envelope(ENVELOPE))]
    ):
        websocket.send(encode_frame(WebSocketRequest(id=number, verb="PUT", path=path, body=body)))
        websocket.receive()
    websocket.close(1000)


def test_the_provisioning_socket_gives_an_address_and_then_the_message() -> None:
    with (
        LoopbackServer(play=provision) as server,
        UnlinkedChat(Network(server.environment(), variables={})) as chat,
        ProvisioningSocket(chat) as provisioning,
    ):
        assert provisioning.address == "addr=="
        assert 0 < provisioning.remaining_s <= 90
        assert provisioning.wait_for_message(10) == ENVELOPE


def test_an_address_that_ran_out_gives_no_message() -> None:
    now = [0.0]

    def play(websocket: ServerWebSocket) -> None:
        websocket.send(
            encode_frame(
                WebSocketRequest(id=0, verb="PUT", path="/v1/address", body=encode_address("addr"))
            )
        )
        websocket.receive()
        ready.wait(10)
        websocket.close(1000)

    ready = threading.Event()
    with (
        LoopbackServer(play=play) as server,
        UnlinkedChat(Network(server.environment(), variables={})) as chat,
        ProvisioningSocket(chat, clock=lambda: now[0]) as provisioning,
    ):
        ready.set()
        assert provisioning.wait_for_message() is None
        now[0] = 91.0
        assert provisioning.remaining_s == 0
        assert provisioning.wait_for_message() is None


def test_an_unreadable_address_is_named() -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.send(
            encode_frame(WebSocketRequest(id=0, verb="PUT", path="/v1/address", body=b"\xff"))
        )
        websocket.wait_closed()

    with (
        LoopbackServer(play=play) as server,
        UnlinkedChat(Network(server.environment(), variables={})) as chat,
        pytest.raises(MalformedAnswer),
    ):
        ProvisioningSocket(chat)
