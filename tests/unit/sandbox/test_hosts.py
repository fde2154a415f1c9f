"""Clients with fixed host names: more names in the certificate, and a part of the service for each."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import SandboxFailed
from sigcli.sandbox.hosts import checked_names
from sigcli.sandbox.server import Sandbox
from sigcli.wire.envelopes import decode_envelope
from sigcli.wire.generated import signal_service_pb2 as pb
from tests.support.sandbox_client import SandboxClient

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "chat.example",
    "CDN.example",
    "cdn2-staging.example",
    "cdn3.example",
    "storage.example",
    "svr2.staging.example",
    "cdsi.example",
    "other.example",
)


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    with Sandbox(names=NAMES) as sandbox:
        client = SandboxClient.of(sandbox)
        yield client
        client.close()


class NamedHost(http.client.HTTPSConnection):
    """A connection to the sandbox that takes it for another host."""

    def __init__(self, client: SandboxClient, name: str) -> None:
        super().__init__(name, timeout=10, context=client.context)
        self._real_port = int(client.sandbox.url.rpartition(":")[2])

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self._real_port))
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


def ask(
    client: SandboxClient, name: str, path: str, method: str = "GET", **headers: str
) -> tuple[int, bytes]:
    connection = NamedHost(client, name)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("chat.example", "/v2/config", 401),
        ("other.example", "/v2/config", 401),
        ("cdn.example", "/profiles/nobody", 403),
        ("cdn.example", "/cdn0/profiles/nobody", 403),
        ("cdn2-staging.example", "/attachments/none", 404),
        ("cdn2-staging.example", "/v2/config", 404),
        ("storage.example", "/v1/storage/manifest", 401),
        ("storage.example", "/v2/groups", 401),
        ("chat.example", "/v1/storage/manifest", 404),
    ],
)
def test_the_host_says_which_part_is_asked(
    client: SandboxClient, name: str, path: str, status: int
) -> None:
    assert ask(client, name, path)[0] == status


def test_a_file_goes_up_and_down_by_the_names_of_the_cdns(client: SandboxClient) -> None:
    alice = client.register("+15550000771")
    for _ in range(2):
        form = alice.rest("GET", "/v4/attachments/form/upload?uploadLength=3").json
        if form["cdn"] == 2:
            break
    target = form["signedUploadLocation"].removeprefix(client.sandbox.url)
    headers = {name: value for name, value in form["headers"].items() if name != "host"}
    connection = NamedHost(client, "cdn2-staging.example")
    connection.request("POST", target, b"", headers)
    begun = connection.getresponse()
    begun.read()
    location = begun.headers["location"].removeprefix(client.sandbox.url)
    connection.request("PUT", location, b"abc")
    assert connection.getresponse().status == 200
    connection.close()
    name = "cdn2-staging.example"
    assert ask(client, name, f"/attachments/{form['key']}") == (200, b"abc")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("svr2.staging.example", f"/v1/{'03' * 32}"),
        ("cdsi.example", f"/v1/{'00' * 32}/discovery"),
        ("chat.example", "/v1/websocket/"),
    ],
)
def test_websockets_are_routed_as_well(client: SandboxClient, name: str, path: str) -> None:
    status, _ = ask(
        client,
        name,
        path,
        Connection="Upgrade",
        Upgrade="websocket",
        **{
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Authorization": "Basic bm9ib2R5OnA=",
        },
    )
    assert status == (403 if path == "/v1/websocket/" else 401)


def test_names_are_those_of_hosts() -> None:
    assert checked_names(("Chat.Example", "chat.example", "::1")) == ("chat.example", "::1")
    for wrong in (
        "",
        "a b",
        "https://chat.example",
        "-x",
        "x" * 64,
        "chat.example:443",
        "*.x",
        "x.",
    ):
        with pytest.raises(SandboxFailed):
            checked_names([wrong])


def test_old_clients_find_ids_as_texts(client: SandboxClient) -> None:
    alice, bob = client.register("+15550000772"), client.register("+15550000773")

    def received() -> pb.Envelope:
        alice.send(bob)
        with bob.socket() as socket:
            request = socket.next_request()
            socket.answer(request)
        return pb.Envelope.FromString(request.body)

    binary = received()
    assert binary.sourceServiceIdBinary
    texts = (binary.sourceServiceId, binary.destinationServiceId, binary.serverGuid)
    assert texts == ("", "", "")
    client.control.switch(legacyIds=True)
    both = received()
    client.control.switch(legacyIds=False)
    assert both.sourceServiceId == str(alice.aci)
    assert both.destinationServiceId == str(bob.aci)
    envelope = decode_envelope(both.SerializeToString())
    assert both.serverGuid == envelope.server_guid
    assert both.sourceServiceIdBinary == alice.aci.uuid_bytes
    with Sandbox(legacy_ids=True) as sandbox:
        assert sandbox.state.switches.legacy_ids
