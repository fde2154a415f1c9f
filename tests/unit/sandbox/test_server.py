"""The server as a whole: its files, its control, and what outlives a restart."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
import tomllib
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.errors import SandboxFailed, SandboxNotRunning, SandboxRefused
from sigcli.sandbox.authority import prepare_tls
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox, run
from tests.support.sandbox_client import SandboxClient, message

if TYPE_CHECKING:
    from pathlib import Path


def test_a_restart_in_the_middle_of_a_conversation(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        client = SandboxClient.of(sandbox)
        alice, bob = client.register("+15550000010"), client.register("+15550000011")
        bob.rest("PUT", "/v2/keys", bob.one_time_keys(2))
        alice.rest("GET", f"/v2/keys/{bob.aci}/1")
        alice.send(bob, b"kept")
        alice.send(bob, b"also kept")
        with bob.socket() as chat:
            guid = chat.next_envelope(status=500).server_guid
        before = tomllib.loads(sandbox.environment_file.read_text())
    with Sandbox(tmp_path) as sandbox:
        client = SandboxClient.of(sandbox)
        alice.client = bob.client = client
        assert bob.rest("GET", "/v2/keys").json == {"count": 1, "pqCount": 1}
        with bob.socket() as chat:
            envelopes = chat.drain()
        assert [envelope.content for envelope in envelopes] == [b"kept", b"also kept"]
        assert envelopes[0].server_guid == guid
        after = tomllib.loads(sandbox.environment_file.read_text())
        assert after["trust"] == before["trust"]
        # A new registration of the old number keeps its ids.
        assert client.register("+15550000010").aci == alice.aci


def test_files_are_private_and_the_token_goes_with_the_run(tmp_path: Path) -> None:
    folder, environment = tmp_path / "data", tmp_path / "elsewhere" / "environment.toml"
    with Sandbox(folder, environment) as sandbox:
        control = RunningSandbox.find(environment)
        assert control.accounts() == []
        private = [folder, *folder.rglob("*"), *environment.parent.iterdir()]
        for path in private:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path.suffix in (
                ".db-wal",
                ".db-shm",
            ), path
        client = SandboxClient(sandbox, client_context(folder), control)
        assert client.rest("GET", "/sandbox/accounts").status == 401
        with pytest.raises(SandboxRefused):
            control.code("+15550000099")
        with pytest.raises(SandboxRefused):
            control.fault("nonsense")
        id = control.fault("status", status=500)
        assert [fault["id"] for fault in control.faults()] == [id]
        control.clear_faults(id)
        assert control.faults() == []
    with pytest.raises(SandboxNotRunning):
        RunningSandbox.find(environment)


def client_context(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_the_certificate_is_for_all_names_of_this_machine(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        for name in ("localhost", "127.0.0.1", "::1"):
            with (
                socket.create_connection(("127.0.0.1", port)) as connection,
                client_context(tmp_path).wrap_socket(connection, server_hostname=name) as secured,
            ):
                assert secured.version() == "TLSv1.3"
    first = (tmp_path / "ca.pem").read_bytes()
    prepare_tls(tmp_path, ("127.0.0.2",))
    assert (tmp_path / "ca.pem").read_bytes() == first


def test_the_certificate_is_made_anew_for_more_names(tmp_path: Path) -> None:
    first = prepare_tls(tmp_path, ())[1].read_bytes()
    assert prepare_tls(tmp_path, ())[1].read_bytes() == first
    other = prepare_tls(tmp_path, ("chat.example", "192.0.2.1"))[1].read_bytes()
    assert other != first
    assert prepare_tls(tmp_path, ("chat.example", "192.0.2.1"))[1].read_bytes() == other


def test_the_parameters_of_all_credentials_stand_in_the_environment_and_stay(
    tmp_path: Path,
) -> None:
    def trust() -> dict[str, str]:
        with Sandbox(tmp_path) as sandbox:
            found: dict[str, str] = tomllib.loads(sandbox.environment_file.read_text())["trust"]
            return found

    first = trust()
    generic, backup = (
        b64decode(first[f"{kind}_server_public_params"]) for kind in ("generic", "backup")
    )
    assert (len(generic), generic[0], generic != backup) == (225, 0, True)
    assert trust() == first


def test_run_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    stop, is_ready = threading.Event(), threading.Event()

    def ready(event: dict[str, Any]) -> None:
        events.append(event)
        is_ready.set()

    server = threading.Thread(target=run, args=("127.0.0.1", 0, tmp_path, None, ready, stop))
    server.start()
    assert is_ready.wait(10)
    assert events[0]["event"] == "ready"
    assert events[0]["environmentFile"] == str(tmp_path / "environment.toml")
    control = RunningSandbox.find(tmp_path / "environment.toml")
    assert events[0]["url"] == f"https://{control.host}:{control.port}"
    stop.set()
    server.join(10)
    assert not server.is_alive()
    with pytest.raises(SandboxNotRunning):
        control.accounts()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxFailed):
            Sandbox(tmp_path, port=port).__enter__()


def test_the_captcha_page_shows_one_that_is_accepted(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        client = SandboxClient.of(sandbox)
        fields = tomllib.loads(sandbox.environment_file.read_text())
        page = client.rest("GET", fields["captcha"]["registration_url"]).body.decode()
        captcha = page.splitlines()[-1].removeprefix("signalcaptcha://")
        session = client.rest("POST", "/v1/verification/session", {"number": "+15550000020"}).json
        path = f"/v1/verification/session/{session['id']}"
        answer = client.rest("PATCH", path, {"captcha": captcha})
        assert answer.json["allowedToRequestCode"] is True


def test_a_stop_while_clients_are_connected(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.__enter__()
    client = SandboxClient.of(sandbox)
    alice = client.register("+15550000030")
    with alice.socket() as chat:
        chat.expect_empty()
        assert chat.ask("PUT", f"/v1/messages/{alice.aci}", message(alice)).status == 409
        sandbox.stop()
