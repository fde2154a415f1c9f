"""What stands in for enclaves: contact discovery and PIN recovery behind the real handshake."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.protocol.noise import NoiseInitiator, NoisePattern
from sigcli.sandbox.environment_file import SVR2_GENERATIONS
from sigcli.wire.contact_discovery import (
    FoundNumber,
    LookupRequest,
    decode_lookup_response,
    encode_lookup_request,
)
from sigcli.wire.enclave_attestation import decode_handshake_start
from sigcli.wire.svr2 import (
    BackupRequest,
    BackupResponse,
    DeleteRequest,
    DeleteResponse,
    ExposeRequest,
    ExposeResponse,
    RestoreRequest,
    RestoreResponse,
    RestoreStatus,
    decode_svr2_response,
    encode_svr2_request,
)
from tests.support.sandbox_client import SocketClosed, TestDevice, UpgradeRefused, base64, basic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sigcli.protocol.noise import NoiseTransport
    from sigcli.wire.svr2 import Svr2Request, Svr2Response
    from tests.support.sandbox_client import SandboxClient, SocketClient

NEWEST, BEFORE, OLDER = SVR2_GENERATIONS
DISCOVERY = f"/cdsi/v1/{'00' * 32}/discovery"
DATA, KEY, WRONG = b"d" * 48, b"k" * 32, b"w" * 32
KEPT = BackupRequest(DATA, KEY, 3)


class Channel:
    """A client's end of an encrypted channel."""

    def __init__(self, socket: SocketClient) -> None:
        key = decode_handshake_start(socket.receive()).public_key
        handshake = NoiseInitiator(NoisePattern.NK_HYBRID, key)
        socket.send_raw(handshake.write())
        handshake.read(socket.receive())
        self._socket = socket
        self._transport: NoiseTransport = handshake.transport()

    def send(self, message: bytes) -> None:
        self._socket.send_raw(self._transport.encrypt(message))

    def receive(self) -> bytes:
        return self._transport.decrypt(self._socket.receive())

    def ask(self, request: Svr2Request) -> Svr2Response:
        self.send(encode_svr2_request(request))
        return decode_svr2_response(self.receive())

    def look_up(self, request: LookupRequest) -> tuple[bytes, dict[str, FoundNumber]]:
        """The token, and who was found."""
        self.send(encode_lookup_request(request))
        token = decode_lookup_response(self.receive()).token
        self.send(encode_lookup_request(LookupRequest(acknowledges_token=True)))
        answer = decode_lookup_response(self.receive())
        with pytest.raises(SocketClosed) as closed:
            self._socket.receive()
        assert closed.value.code == 1000
        return token, {found.number: found for found in answer.found}

    def closed_after(self, message: bytes) -> SocketClosed:
        self.send(message)
        with pytest.raises(SocketClosed) as closed:
            self._socket.receive()
        return closed.value


@contextmanager
def channel(device: TestDevice, path: str, service: str) -> Iterator[Channel]:
    given = device.rest("GET", f"/v2/{service}/auth").json
    login = basic(given["username"], given["password"])
    with device.client.socket(login, path=path) as socket:
        yield Channel(socket)


def svr2(device: TestDevice, enclave: str = NEWEST) -> AbstractContextManager[Channel]:
    return channel(device, f"/svr2/v1/{enclave}", "svr")


def discovery(device: TestDevice) -> AbstractContextManager[Channel]:
    return channel(device, DISCOVERY, "directory")


# --- PIN recovery ---------------------------------------------------------------------------------


def test_a_secret_is_kept_exposed_restored_and_deleted(alice: TestDevice) -> None:
    with svr2(alice) as enclave:
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)
        assert enclave.ask(ExposeRequest(DATA)) == ExposeResponse(False)
        assert enclave.ask(KEPT) == BackupResponse(True)
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)
        assert enclave.ask(ExposeRequest(b"x" * 48)) == ExposeResponse(False)
        assert enclave.ask(ExposeRequest(DATA)) == ExposeResponse(True)
    with svr2(alice) as enclave:
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.OK, DATA, 3)
        assert enclave.ask(DeleteRequest()) == DeleteResponse()
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)


def test_tries_count_down_over_connections_and_the_last_destroys(alice: TestDevice) -> None:
    with svr2(alice) as enclave:
        enclave.ask(KEPT)
        enclave.ask(ExposeRequest(DATA))
    answers = []
    for _ in range(3):
        with svr2(alice) as enclave:
            answers.append(enclave.ask(RestoreRequest(WRONG)))
    mismatches = [RestoreResponse(RestoreStatus.MISMATCH, tries_left=left) for left in (2, 1)]
    assert answers == [*mismatches, RestoreResponse(RestoreStatus.MISSING)]
    with svr2(alice) as enclave:
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)


def test_accounts_and_generations_are_kept_apart(alice: TestDevice, bob: TestDevice) -> None:
    with svr2(alice) as enclave:
        enclave.ask(KEPT)
        enclave.ask(ExposeRequest(DATA))
    for device, generation in ((bob, NEWEST), (alice, BEFORE), (alice, OLDER)):
        with svr2(device, generation) as enclave:
            assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)


def test_nothing_outlives_its_account(client: SandboxClient, alice: TestDevice) -> None:
    with svr2(alice) as enclave:
        enclave.ask(KEPT)
        enclave.ask(ExposeRequest(DATA))
    number = alice.number
    assert alice.rest("DELETE", "/v1/accounts/me").status == 204
    again = client.register(number)
    assert again.aci == alice.aci
    with svr2(again) as enclave:
        assert enclave.ask(RestoreRequest(KEY)) == RestoreResponse(RestoreStatus.MISSING)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\xff",
        encode_svr2_request(BackupRequest(DATA[:15], KEY, 3)),
        encode_svr2_request(BackupRequest(DATA, KEY[1:], 3)),
        encode_svr2_request(BackupRequest(DATA, KEY, 0)),
        encode_svr2_request(BackupRequest(DATA, KEY, 256)),
        encode_svr2_request(ExposeRequest(b"")),
        encode_svr2_request(RestoreRequest(b"1234")),
    ],
)
def test_what_no_enclave_takes_closes_the_channel(alice: TestDevice, request_bytes: bytes) -> None:
    with svr2(alice) as enclave:
        assert enclave.closed_after(request_bytes or b"\x00").code == 4003


def test_who_has_no_login_or_names_another_enclave_is_refused(
    client: SandboxClient, alice: TestDevice
) -> None:
    given = alice.rest("GET", "/v2/svr/auth").json
    login = basic(given["username"], given["password"])
    assert len(bytes.fromhex(given["username"])) == 16
    directory = alice.rest("GET", "/v2/directory/auth").json
    for path, presented, status in (
        (f"/svr2/v1/{NEWEST}", None, 401),
        (f"/svr2/v1/{NEWEST}", alice.login, 401),
        (f"/svr2/v1/{NEWEST}", basic(directory["username"], directory["password"]), 401),
        (f"/svr2/v1/{'33' * 32}", login, 404),
        (DISCOVERY, login, 401),
    ):
        with pytest.raises(UpgradeRefused) as refused, client.socket(presented, path=path):
            pass
        assert refused.value.status == status


def test_a_handshake_with_another_key_is_refused(client: SandboxClient, alice: TestDevice) -> None:
    given = alice.rest("GET", "/v2/svr/auth").json
    login = basic(given["username"], given["password"])
    with client.socket(login, path=f"/svr2/v1/{NEWEST}") as socket:
        socket.receive()
        other = NoiseInitiator(NoisePattern.NK_HYBRID, KeyPair.generate().public_key.raw)
        socket.send_raw(other.write())
        with pytest.raises(SocketClosed) as closed:
            socket.receive()
    assert closed.value.code == 4003


def test_stored_logins_are_told_apart(
    client: SandboxClient, alice: TestDevice, bob: TestDevice
) -> None:
    def token(device: TestDevice) -> str:
        given = device.rest("GET", "/v2/backup/auth").json
        return f"{given['username']}:{given['password']}"

    older, others = token(alice), token(bob)
    client.control.switch(clockShift=60)
    newer = token(alice)
    client.control.switch(clockShift=0)
    body = {"number": alice.number, "tokens": [older, newer, others, "nothing", newer + "0"]}
    answer = client.rest("POST", "/v2/svr/auth/check", body)
    assert answer.json["matches"] == {
        newer: "match",
        older: "invalid",
        others: "no-match",
        "nothing": "invalid",
        newer + "0": "invalid",
    }
    for wrong in (
        {"number": alice.number, "tokens": []},
        {"number": "1", "tokens": [newer]},
        {"number": alice.number, "tokens": [newer] * 11},
        {"number": alice.number, "tokens": [1]},
    ):
        assert client.rest("POST", "/v2/backup/auth/check", wrong).status == 422


# --- contact discovery ----------------------------------------------------------------------------


def test_a_number_gives_the_pni_and_an_aci_to_who_knows_its_key(
    alice: TestDevice, bob: TestDevice, number: Callable[[], str]
) -> None:
    nobody = number()
    with discovery(alice) as enclave:
        _, found = enclave.look_up(LookupRequest(new=(bob.number, nobody)))
    assert found[bob.number] == FoundNumber(bob.number, None, bob.pni)
    assert nobody not in found
    keys = ((bob.aci, bob.access_key), (alice.aci, bytes(16)))
    with discovery(alice) as enclave:
        _, found = enclave.look_up(LookupRequest(new=(bob.number,), access_keys=keys))
    assert found[bob.number].aci == bob.aci
    hide = {"discoverableByPhoneNumber": False}
    assert bob.rest("PUT", "/v2/accounts/phone_number_discoverability", hide).status == 204
    with discovery(alice) as enclave:
        _, found = enclave.look_up(LookupRequest(new=(bob.number,), access_keys=keys))
    assert found == {}


def test_a_token_is_good_for_its_numbers_once_it_is_acknowledged(
    alice: TestDevice, bob: TestDevice, number: Callable[[], str]
) -> None:
    with discovery(alice) as enclave:
        token, _ = enclave.look_up(LookupRequest(new=(bob.number,)))
    wanted = LookupRequest(new=(number(),), previous=(bob.number,), token=token)
    with discovery(alice) as enclave:
        enclave.send(encode_lookup_request(wanted))
        assert decode_lookup_response(enclave.receive()).token
    # Not acknowledged: the former token is still the good one.
    with discovery(alice) as enclave:
        newest, found = enclave.look_up(wanted)
    assert set(found) == {bob.number}
    for bad in (
        wanted,
        LookupRequest(previous=(bob.number,), token=newest),
        LookupRequest(new=(bob.number,), token=b"another"),
    ):
        with discovery(alice) as enclave:
            assert enclave.closed_after(encode_lookup_request(bad)).code == 4101


def test_numbers_are_counted(client: SandboxClient, alice: TestDevice) -> None:
    numbers = tuple(f"+1556{index:07}" for index in range(5000))
    client.control.switch(rateLimits=True)
    try:
        with discovery(alice) as enclave:
            enclave.send(encode_lookup_request(LookupRequest(new=numbers)))
            token = decode_lookup_response(enclave.receive()).token
            enclave.send(encode_lookup_request(LookupRequest(acknowledges_token=True)))
            answer = decode_lookup_response(enclave.receive())
        assert (answer.found, answer.permits_used) == ((), len(numbers))
        with discovery(alice) as enclave:
            more = encode_lookup_request(LookupRequest(new=("+15559999999",)))
            closed = enclave.closed_after(more)
        assert closed.code == 4008
        assert 0 < json.loads(closed.reason)["retry_after"] <= 60
        with discovery(alice) as enclave:
            enclave.send(encode_lookup_request(LookupRequest(previous=numbers, token=token)))
            assert decode_lookup_response(enclave.receive()).token
    finally:
        client.control.switch(rateLimits=False)


def test_a_malformed_request_closes_the_channel(alice: TestDevice) -> None:
    with discovery(alice) as enclave:
        assert enclave.closed_after(base64(b"no request").encode()).code == 4003
