"""The harness around Signal's mock server, proved without sigcli: official libsignal is the client here."""

from __future__ import annotations

import base64
import json
import os
import signal
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.interop.oracle import Oracle
from tests.support.mock_server import (
    Attachment,
    Big,
    MockCrashed,
    MockPrimary,
    MockServer,
    NothingHappened,
)
from tests.support.raw_client import (
    DOUBLE_RATCHET,
    PREKEY_MESSAGE,
    SEALED,
    RawDevice,
    make_keys,
    next_envelope,
)
from tests.support.requirements import needs_node
from tests.support.sigcli_process import Sigcli
from tests.support.signal_socket import SignalSocket, basic
from tests.support.wire_fields import bytes_field, decode_fields, int_field

# What the operating system says about a connection that the server tore down.
BROKEN = "reset|closed|Broken|EOF|without response"


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with needs_node():
        oracle = Oracle()
    with oracle:
        yield oracle


@pytest.fixture
def raw(mock_server: MockServer, oracle: Oracle, primary: MockPrimary) -> RawDevice:
    """A linked device of `primary`."""
    return RawDevice.link(mock_server, oracle, primary)


def drain(raw: RawDevice, *, answer: int | None = 200) -> list[str]:
    """Texts until the queue is empty."""
    texts = []
    with raw.connect() as chat:
        while (envelope := next_envelope(chat, answer=answer)) is not None:
            _, content = raw.decrypt(envelope)
            texts.append(bytes_field(decode_fields(bytes_field(content, 1)), 1).decode())
    return texts


def read_for_ever(chat: SignalSocket) -> None:
    while True:
        next_envelope(chat)


def test_the_environment_file_has_what_a_client_needs(
    mock_server: MockServer, tmp_path: Path
) -> None:
    path = mock_server.environment_file(tmp_path / "mock.toml")
    environment = tomllib.loads(path.read_text())
    assert environment["chat"] == {"url": mock_server.url, "requests": "websocket"}
    assert environment["cdn"]["3"].endswith("/cdn3")
    assert (tmp_path / environment["tls"]["ca_file"]).read_text().startswith("-----BEGIN")
    assert len(environment["trust"]["unidentified_sender_roots"]) == 1


def test_an_upgrade_without_login_is_an_unauthenticated_socket(mock_server: MockServer) -> None:
    with SignalSocket(mock_server.url, mock_server.tls_context()) as chat:
        assert chat.request("GET", "/v1/keepalive").json == {"ok": True}
        refused = chat.request("GET", "/v1/accounts/whoami")
    assert refused.status == 401
    assert int(refused.headers["x-signal-timestamp"]) > 1_700_000_000_000
    logged = mock_server.requests("whoami")
    assert [(entry.verb, entry.status, entry.authenticated) for entry in logged] == [
        ("GET", 401, False)
    ]


@pytest.mark.parametrize("production", [True, False])
def test_a_bad_login_is_refused_on_upgrade_as_in_production(
    mock_server: MockServer, primary: MockPrimary, production: bool
) -> None:
    login = basic(f"{primary.aci}.1", "wrong")
    if production:
        with pytest.raises(InvalidStatus, match="403"):
            SignalSocket(mock_server.url, mock_server.tls_context(), authorization=login)
        return
    mock_server.set_options(auth_mode="package")
    with (
        SignalSocket(mock_server.url, mock_server.tls_context(), authorization=login) as chat,
        pytest.raises(ConnectionClosed, match="3000"),
    ):
        chat.next_pushed()


def test_texts_reach_a_linked_device_plain_and_sealed(
    mock_server: MockServer, raw: RawDevice, primary: MockPrimary
) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.send_text(bob, raw.device, "plain")
    timestamp = mock_server.send_text(bob, raw.device, "sealed", sealed=True)
    with raw.connect() as chat:
        plain, sealed = next_envelope(chat), next_envelope(chat)
        assert plain is not None
        assert sealed is not None
        assert (plain.type, sealed.type) == (PREKEY_MESSAGE, SEALED)
        assert 19 not in sealed.fields
        assert len(sealed.guid) == 16
        assert sealed.guid != plain.guid
        assert int_field(sealed.fields, 5) == timestamp
        assert int_field(sealed.fields, 10) > 1_700_000_000_000
        assert next_envelope(chat) is None
    for envelope, text in ((plain, b"plain"), (sealed, b"sealed")):
        sender, content = raw.decrypt(envelope)
        assert sender == bob.aci
        assert bytes_field(decode_fields(bytes_field(content, 1)), 1) == text
    assert mock_server.queue_size(raw.device) == 0


def test_a_primary_reports_what_it_decrypts(mock_server: MockServer, raw: RawDevice) -> None:
    bob = mock_server.create_primary("Bob")
    with raw.connect() as chat:
        assert next_envelope(chat) is None
        assert raw.send_text(chat, bob, "to Bob") == 200
    message = mock_server.received(bob)
    assert (message.text, message.kind, message.sealed) == ("to Bob", "dataMessage", False)
    assert message.source == raw.device
    with pytest.raises(NothingHappened):
        mock_server.received(bob, timeout_s=0.01)


def test_unanswered_messages_come_again_in_order(mock_server: MockServer, raw: RawDevice) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.send_text(bob, raw.device, "n", count=300, sealed=True)
    with raw.connect() as chat:
        # The window is 256; nothing more comes while nothing is answered.
        first = [next_envelope(chat, answer=None) for _ in range(256)]
        with pytest.raises(TimeoutError):
            chat.next_pushed(timeout_s=0.05)
        assert first[0] is not None
        chat.answer(first[0].request)
        following = next_envelope(chat, answer=500)
    mock_server.wait_for_close(raw.device)
    assert mock_server.queue_size(raw.device) == 299
    _, content = raw.decrypt(first[0])
    assert bytes_field(decode_fields(bytes_field(content, 1)), 1) == b"n 0"
    assert following is not None
    assert drain(raw) == [f"n {index}" for index in range(1, 300)]


def test_a_second_reader_displaces_the_first_unless_it_reads_nothing(
    mock_server: MockServer, raw: RawDevice
) -> None:
    with raw.connect() as reader:
        assert next_envelope(reader) is None
        with raw.connect(x_signal_disable_messages="true") as sender:
            assert sender.request("GET", "/v1/accounts/whoami").json["uuid"] == raw.device.aci
            assert sorted(s.reads_messages for s in mock_server.sockets(raw.device)) == [
                False,
                True,
            ]
        mock_server.set_options(honour_disable_messages=False)
        with raw.connect(x_signal_disable_messages="true") as second:
            assert next_envelope(second) is None
            with pytest.raises(ConnectionClosed, match="4409"):
                reader.next_pushed()


def test_delivery_faults(mock_server: MockServer, raw: RawDevice) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.send_text(bob, raw.device, "n", count=6)
    mock_server.duplicate_delivery(raw.device, 1)
    mock_server.cut_after_messages(raw.device, 2, acknowledged=True)
    with raw.connect() as chat:
        first, again = next_envelope(chat), next_envelope(chat)
        assert first is not None
        assert again is not None
        assert first.guid == again.guid
        with pytest.raises(ConnectionClosed):
            read_for_ever(chat)
    assert mock_server.wait_for_close(raw.device) == 1006
    assert mock_server.queue_size(raw.device) == 4
    mock_server.drop_acks(raw.device, 4)
    mock_server.corrupt_next(raw.device, "content", "envelope")
    with raw.connect() as chat:
        seen = []
        while (request := chat.next_pushed()).path != "/api/v1/queue/empty":
            seen.append(request.body)
            chat.answer(request)
    assert len(seen) == 4
    assert seen[1] == b"\xff" * 40
    assert mock_server.queue_size(raw.device) == 4


def test_requests_fail_as_told(mock_server: MockServer, raw: RawDevice) -> None:
    fault = mock_server.fail_next(
        "PUT", "/v1/messages/", 409, body={"missingDevices": [2], "extraDevices": []}
    )
    mock_server.rate_limit_next(None, "/v1/accounts/whoami$", 7)
    bob = mock_server.create_primary("Bob")
    with raw.connect() as chat:
        answer = chat.request("PUT", f"/v1/messages/{bob.aci}", json_body={})
        assert (answer.status, answer.json["missingDevices"]) == (409, [2])
        limited = chat.request("GET", "/v1/accounts/whoami")
        assert (limited.status, limited.headers["retry-after"]) == (429, "7")
        assert chat.request("GET", "/v1/accounts/whoami").status == 200
        mock_server.cut_next("GET", "whoami")
        with pytest.raises(ConnectionClosed):
            chat.request("GET", "/v1/accounts/whoami")
    assert mock_server.fault_hits(fault) == 1
    mock_server.fail_next("UPGRADE", "/v1/websocket/", 503)
    with pytest.raises(InvalidStatus, match="503"):
        raw.connect()


def test_server_receipts_follow_acknowledged_plain_messages(
    mock_server: MockServer, raw: RawDevice
) -> None:
    mock_server.set_options(server_receipts=True)
    bob = mock_server.create_primary("Bob")
    with raw.connect() as chat:
        assert next_envelope(chat) is None
        assert raw.send_text(chat, bob, "hello") == 200
        receipt = next_envelope(chat)
    assert receipt is not None
    assert (receipt.type, int_field(receipt.fields, 5)) == (5, 1_700_000_000_000)


def test_somebody_registers_again(mock_server: MockServer, raw: RawDevice) -> None:
    bob = mock_server.create_primary("Bob")
    with raw.connect() as chat:
        assert raw.send_text(chat, bob, "before") == 200
        changed = mock_server.re_register(bob)
        assert changed.identity_key != bob.identity_key
        keys = chat.request("GET", f"/v2/keys/{bob.aci}/1").json
        assert keys["devices"][0]["registrationId"] == changed.device.registration_id
        mock_server.add_device(bob)
        answer = chat.request(
            "PUT",
            f"/v1/messages/{bob.aci}",
            json_body={
                "messages": [
                    {
                        "type": DOUBLE_RATCHET,
                        "destinationDeviceId": 1,
                        "destinationRegistrationId": changed.device.registration_id,
                        "content": "",
                    }
                ],
                "timestamp": 1,
            },
        )
        assert (answer.status, answer.json["missingDevices"]) == (409, [2])


def test_removed_devices_are_logged_off(mock_server: MockServer, raw: RawDevice) -> None:
    with raw.connect() as chat:
        assert next_envelope(chat) is None
        devices = chat.request("GET", "/v1/devices").json["devices"]
        assert [device["id"] for device in devices] == [1, 2]
        mock_server.remove_device(raw.device)
        with pytest.raises(ConnectionClosed, match="4401"):
            chat.next_pushed()
    with pytest.raises(InvalidStatus, match="403"):
        raw.connect()


def test_bad_prekey_signatures_are_refused(mock_server: MockServer, raw: RawDevice) -> None:
    before = mock_server.prekey_counts(raw.device)
    bad = {"keyId": 9, "publicKey": "BQ==", "signature": "AA=="}
    with raw.connect() as chat:
        answer = chat.request(
            "PUT", "/v2/keys?identity=aci", json_body={"preKeys": [], "pqPreKeys": [bad]}
        )
        assert answer.status == 422
        assert chat.request("PUT", "/v2/keys", json_body={"preKeys": []}).status == 200
    assert mock_server.prekey_counts(raw.device) == before


def test_a_registered_account_is_a_full_member(
    mock_server: MockServer, oracle: Oracle, primary: MockPrimary
) -> None:
    identity = oracle.call(
        "const k = lib.PrivateKey.generate(); return {private: k, public: k.getPublicKey()};"
    )
    keys = make_keys(oracle, primary.aci, identity["private"], identity["private"])
    public = base64.b64encode(identity["public"]).decode()
    access_key = bytes(range(16))
    capabilities = {"attachmentBackfill": True, "spqr": True, "usernameChangeSyncMessage": True}
    attributes = {
        "fetchesMessages": True,
        "registrationId": 77,
        "pniRegistrationId": 78,
        "capabilities": capabilities,
        "unidentifiedAccessKey": list(access_key),
        "unrestrictedUnidentifiedAccess": False,
        "discoverableByPhoneNumber": True,
        "recoveryPassword": base64.b64encode(bytes(32)).decode(),
    }
    body = {
        "skipDeviceTransfer": True,
        "accountAttributes": attributes,
        "aciIdentityKey": public,
        "pniIdentityKey": public,
        **keys,
    }
    envelope = {
        "type": SEALED,
        "destinationDeviceId": 1,
        "destinationRegistrationId": 77,
        "content": base64.b64encode(b"opaque").decode(),
    }
    send = {"messages": [envelope], "timestamp": 5}
    login = {"authorization": basic("+15550199", "secret")}
    with SignalSocket(mock_server.url, mock_server.tls_context()) as chat:
        number = {"number": "+15550199"}
        session = chat.request("POST", "/v1/verification/session", json_body=number)
        code_path = f"/v1/verification/session/{session.json['id']}/code"
        chat.request("POST", code_path, json_body={"transport": "sms", "client": "desktop"})
        assert chat.request("PUT", code_path, json_body={"code": "111111"}).json["verified"]
        body["sessionId"] = session.json["id"]
        registered = chat.request("POST", "/v1/registration", json_body=body, headers=login)
        assert registered.status == 200, registered
        aci = registered.json["uuid"]
        path = f"/v1/messages/{aci}"
        assert chat.request("PUT", path, json_body=send).status == 401
        allowed = {"unidentified-access-key": base64.b64encode(access_key).decode()}
        assert chat.request("PUT", path, json_body=send, headers=allowed).status == 200
    own = basic(f"{aci}.1", "secret")
    with SignalSocket(mock_server.url, mock_server.tls_context(), authorization=own) as chat:
        received = next_envelope(chat)
    assert received is not None
    assert (received.type, received.content) == (SEALED, b"opaque")


def http(
    mock_server: MockServer, method: str, url: str, **arguments: Any
) -> tuple[int, Any, bytes]:
    request = urllib.request.Request(url, method=method, **arguments)
    try:
        with urllib.request.urlopen(request, context=mock_server.tls_context()) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_attachments_go_through_both_cdns(mock_server: MockServer, raw: RawDevice) -> None:
    mock_server.set_options(attachment_cdn="alternate", max_attachment_bytes=100)
    with raw.connect() as chat:
        forms = [
            chat.request("GET", "/v4/attachments/form/upload?uploadLength=5").json for _ in range(2)
        ]
        assert chat.request("GET", "/v4/attachments/form/upload?uploadLength=101").status == 413
    assert [form["cdn"] for form in forms] == [3, 2]
    tus, resumable = forms
    headers = {
        **tus["headers"],
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "5",
        "Content-Type": "application/offset+octet-stream",
    }
    location = tus["signedUploadLocation"]
    assert http(mock_server, "POST", location, headers=headers, data=b"hello")[0] == 201
    url = f"{mock_server.url}/cdn3/attachments/{tus['key']}"
    assert http(mock_server, "GET", url)[2] == b"hello"
    status, _, body = http(mock_server, "GET", url, headers={"Range": "bytes=2-"})
    assert (status, body) == (206, b"llo")

    location = resumable["signedUploadLocation"]
    assert http(mock_server, "POST", location, data=b"")[0] == 403
    status, answer, _ = http(mock_server, "POST", location, headers=resumable["headers"], data=b"")
    assert status == 201
    session = answer["Location"]
    part = {"Content-Range": "bytes 0-2/5"}
    status, answer, _ = http(mock_server, "PUT", session, headers=part, data=b"hel")
    assert (status, answer["Range"]) == (308, "bytes=0-2")
    part = {"Content-Range": "bytes 3-4/5"}
    assert http(mock_server, "PUT", session, headers=part, data=b"lo")[0] == 200
    assert http(mock_server, "GET", f"{mock_server.url}/attachments/{resumable['key']}")[2] == (
        b"hello"
    )


@pytest.mark.parametrize("cdn", [2, 3])
def test_a_stored_attachment_can_be_read_back(mock_server: MockServer, cdn: int) -> None:
    pointer = mock_server.store_attachment(Attachment(b"some bytes", cdn=cdn))
    assert mock_server.attachment(pointer) == b"some bytes"


def test_chat_requests_work_as_plain_https_too(mock_server: MockServer, raw: RawDevice) -> None:
    url = f"{mock_server.url}/v1/accounts/whoami"
    status, _, body = http(mock_server, "GET", url, headers={"Authorization": raw.login})
    assert (status, json.loads(body)["uuid"]) == (200, raw.device.aci)
    assert http(mock_server, "GET", url)[0] == 401
    wrong = {"Authorization": basic(f"{raw.device.aci}.2", "wrong")}
    assert http(mock_server, "GET", url, headers=wrong)[0] == 401
    assert [entry.transport for entry in mock_server.requests("whoami")] == ["http"] * 2


def test_groups_and_storage_are_there(mock_server: MockServer, primary: MockPrimary) -> None:
    bob = mock_server.create_primary("Bob")
    group = mock_server.create_group(primary, "Friends", [bob])
    assert group.title == "Friends"
    assert {member for member, _ in group.members} == {primary.aci, bob.aci}
    version = mock_server.set_storage(
        primary, contacts=[(bob, {"givenName": "Robert"})], groups=[(group, {})]
    )
    records = mock_server.storage_records(primary)
    assert records is not None
    assert records["version"] == version
    names = [record["contact"]["givenName"] for record in records["records"] if "contact" in record]
    assert names == ["Robert"]
    assert mock_server.set_storage(primary) == version + 1


def test_any_content_can_be_sent(mock_server: MockServer, raw: RawDevice) -> None:
    bob = mock_server.create_primary("Bob")
    typing = {"content": {"typingMessage": {"timestamp": Big(5), "action": 1}}}
    mock_server.send_content(bob, raw.device, typing, sealed=True)
    with raw.connect() as chat:
        envelope = next_envelope(chat)
    assert envelope is not None
    _, content = raw.decrypt(envelope)
    assert decode_fields(bytes_field(content, 6)) == {1: [5], 2: [1]}


def test_the_installed_command_runs(sigcli: Sigcli) -> None:
    finished = sigcli.run("--version")
    assert finished.lines
    assert finished.exit_code == 0
    background = sigcli.start("--version")
    assert background.read_line() == finished.lines[0]
    assert background.wait().exit_code == 0


def test_a_dead_server_says_why() -> None:
    with needs_node():
        server = MockServer()
    with server as dying:
        os.kill(dying.process.pid, signal.SIGKILL)
        with pytest.raises(MockCrashed, match="exit status -9"):
            dying.create_primary("Nobody")


def test_transfers_break_where_told_and_can_be_resumed(
    mock_server: MockServer, raw: RawDevice
) -> None:
    mock_server.set_options(attachment_cdn="alternate")
    with raw.connect() as chat:
        path = "/v4/attachments/form/upload?uploadLength=300000"
        tus, resumable = (chat.request("GET", path).json for _ in range(2))
    data = bytes(300_000)
    create = {**tus["headers"], "Tus-Resumable": "1.0.0", "Upload-Length": "300000"}
    location = tus["signedUploadLocation"]
    assert http(mock_server, "POST", location, headers=create, data=b"")[0] == 201
    patch = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    mock_server.break_transfer("PATCH", "/cdn3/", after_bytes=100_000)
    with pytest.raises(OSError, match=BROKEN):
        http(mock_server, "PATCH", location, headers=patch, data=data)
    status, headers, _ = http(mock_server, "HEAD", location, headers={"Tus-Resumable": "1.0.0"})
    assert (status, headers["Upload-Offset"]) == (200, "100000")
    patch["Upload-Offset"] = "100000"
    assert http(mock_server, "PATCH", location, headers=patch, data=data[100_000:])[0] == 204

    location = resumable["signedUploadLocation"]
    session = http(mock_server, "POST", location, headers=resumable["headers"], data=b"")[1]
    mock_server.break_transfer("PUT", "/cdn2/", after_bytes=100_000)
    with pytest.raises(OSError, match=BROKEN):
        http(mock_server, "PUT", session["Location"], data=data)
    status, headers, _ = http(
        mock_server, "PUT", session["Location"], headers={"Content-Range": "bytes */300000"}
    )
    assert (status, headers["Range"]) == (308, "bytes=0-99999")
    rest = {"Content-Range": "bytes 100000-299999/300000"}
    url = session["Location"]
    assert http(mock_server, "PUT", url, headers=rest, data=data[100_000:])[0] == 200

    url = f"{mock_server.url}/cdn3/attachments/{tus['key']}"
    mock_server.break_transfer("GET", "/cdn3/", after_bytes=1000)
    with pytest.raises(IncompleteRead) as broken:
        http(mock_server, "GET", url)
    assert len(broken.value.partial) == 1000
    assert http(mock_server, "GET", url)[2] == data


def test_an_answer_can_be_lost_after_the_request_took_effect(
    mock_server: MockServer, raw: RawDevice
) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.cut_next("PUT", "/v1/messages/", after_handling=True)
    with raw.connect() as chat:
        with pytest.raises(ConnectionClosed):
            raw.send_text(chat, bob, "arrived")
        assert mock_server.received(bob).text == "arrived"
