"""``sigcli sandbox run``, ``code`` and ``fault`` as commands, and what a client makes of each failure."""

from __future__ import annotations

import signal
import socket
import ssl
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.captcha import solved_captcha
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

SENDS = ("--path", "/v1/messages/*")
SOCKETS = ("--path", "/v1/websocket/")


@pytest.fixture(scope="module", params=["https", "websocket"])
def sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("sandbox")
    with SandboxProcess(folder, "--requests", request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def pair(sandbox: SandboxProcess) -> tuple[Sigcli, Sigcli]:
    """Two accounts that have talked: what they send each other is sealed."""
    alice, bob = sandbox.account(), sandbox.account()
    talk(alice, bob)
    return alice, bob


@pytest.fixture
def alice(pair: tuple[Sigcli, Sigcli]) -> Sigcli:
    return pair[0]


@pytest.fixture
def bob(pair: tuple[Sigcli, Sigcli]) -> Sigcli:
    return pair[1]


@pytest.fixture(autouse=True)
def _no_fault_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "sandbox" in request.fixturenames:
        request.getfixturevalue("sandbox").fault("clear")


def send(sender: Sigcli, text: str, to: Sigcli, *, exit_code: int = 0) -> Any:
    assert to.account is not None
    return sender.run("--json", "send", "-m", text, to.account, exit_code=exit_code)


def talk(one: Sigcli, other: Sigcli) -> None:
    """A text in each direction arrives, and nothing else waits."""
    for sender, reader in ((one, other), (other, one)):
        assert send(sender, "hello", reader).json["results"][0]["type"] == "SUCCESS"
        assert texts(reader) == ["hello"]


def clear(sandbox: SandboxProcess) -> None:
    assert sandbox.fault("list") != ""
    assert sandbox.fault("clear") == ""
    assert sandbox.fault("list") == ""


# --- run and code ----------------------------------------------------------------------------------


def test_a_sandbox_says_where_it_is_and_is_found_by_its_default_file(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path) as sandbox:
        folder = sandbox.operator.data_dir
        assert sandbox.ready == {
            "event": "ready",
            "url": f"https://127.0.0.1:{sandbox.port}",
            "environmentFile": str(folder / "sandbox" / "environment.toml"),
        }
        # Accounts and the sandbox do not mix.
        assert [path.name for path in folder.iterdir()] == ["sandbox"]
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert sandbox.process.stderr_so_far == ""

        # The same user, with the name for this file and the default of `sandbox code`.
        user = sandbox.operator
        user.account = "+15550399"
        named = ("--service-environment", "sandbox")
        user.run(*named, "register", "--captcha", CAPTCHA)
        code = user.run("sandbox", "code", user.account).stdout
        assert code == code.strip() + "\n"
        assert len(code.strip()) == 6
        assert code.strip().isdigit()
        user.run("verify", code.strip(), *named)
        assert user.run("--json", "listAccounts").json[0]["number"] == user.account


def test_a_client_with_fixed_host_names_is_served_as_well(tmp_path: Path) -> None:
    names = ("--name", "chat.example", "--name", "cdn.example")
    with SandboxProcess(tmp_path, *names, "--legacy-ids") as sandbox:
        environment = tomllib.loads(sandbox.environment_file.read_text())
        ca_file = sandbox.environment_file.parent / environment["tls"]["ca_file"]
        context = ssl.create_default_context(cafile=ca_file)
        for name, path, status in (("chat.example", "/v2/config", 401), ("cdn.example", "/x", 403)):
            with (
                socket.create_connection(("127.0.0.1", int(sandbox.port))) as plain,
                context.wrap_socket(plain, server_hostname=name) as secured,
            ):
                words = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
                secured.sendall(words.encode())
                assert secured.makefile().readline().split()[1] == str(status)
        # Clients that read ids in either form go on as before.
        alice, bob = sandbox.account(), sandbox.account()
        talk(alice, bob)


def test_a_name_that_no_host_has_is_refused(tmp_path: Path) -> None:
    operator = Sigcli(tmp_path / "operator")
    refused = operator.run("--json", "sandbox", "run", "--name", "chat example", exit_code=1)
    assert refused.json_error["code"] == "sandboxFailed"
    assert "--name chat.example" in refused.json_error["hint"]
    operator.dispose()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    with SandboxProcess(tmp_path) as sandbox:
        sandbox.process.send_signal(number)
        ended = sandbox.process.wait(timeout_s=10).expect(0)
        assert ended.stderr == ""
        assert sandbox.environment_file.exists()
        refused = sandbox.operator.run("--json", "sandbox", "code", "+15550100", exit_code=1)
        assert refused.json_error["code"] == "sandboxNotRunning"
        assert "sigcli sandbox run" in refused.json_error["hint"]


def test_other_hosts_are_warned_about_and_work(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path, "--host", "0.0.0.0") as sandbox:
        assert "warning: listening on 0.0.0.0" in sandbox.process.stderr_so_far
        # The file names an address that clients on this machine can use.
        assert sandbox.ready["url"] == f"https://127.0.0.1:{sandbox.port}"
        talk(sandbox.account(), sandbox.account())
        taken = sandbox.operator.run(
            *("--json", "sandbox", "run", "--port", sandbox.port),
            *("--environment-file", str(tmp_path / "second.toml")),
            exit_code=None,
        )
        assert taken.json_error["code"] == "sandboxFailed"
        assert taken.exit_code == taken.json_error["exitCode"] != 0


def test_wrong_orders_are_explained(sandbox: SandboxProcess) -> None:
    file = ("--environment-file", str(sandbox.environment_file))
    for words, complaint in (
        (("fault", "nonsense"), "latency, status, afterwards"),
        (("fault",), "the kind of fault"),
        (("code",), "the number"),
        (("code", "+15559999"), "no verification code"),
    ):
        refused = sandbox.operator.run("sandbox", *words, *file, exit_code=1)
        assert complaint in refused.stderr
        assert refused.stdout == ""


# --- every fault -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "kind", "code", "exit_code"),
    [
        (("status", "--status", "503", *SENDS), "NETWORK_FAILURE", "networkFailure", 3),
        (("status", "--status", "500", *SENDS), "NETWORK_FAILURE", "networkFailure", 3),
        (("drop", *SENDS), "NETWORK_FAILURE", "networkFailure", 3),
        (
            ("status", "--status", "429", "--retry-after", "77", *SENDS),
            "RATE_LIMIT_FAILURE",
            "rateLimited",
            5,
        ),
    ],
    ids=["503", "500", "drop", "429"],
)
def test_a_refused_send_is_named_and_works_later(
    sandbox: SandboxProcess,
    alice: Sigcli,
    bob: Sigcli,
    order: tuple[str, ...],
    kind: str,
    code: str,
    exit_code: int,
) -> None:
    sandbox.fault(*order)
    refused = send(alice, "lost", bob, exit_code=exit_code)
    assert refused.json_error["code"] == code
    (result,) = refused.json["results"]
    assert result["type"] == kind
    assert result.get("retryAfterSeconds") == (77 if exit_code == 5 else None)
    assert texts(bob) == []
    clear(sandbox)
    talk(alice, bob)


@pytest.mark.parametrize(
    "order",
    [
        ("stale", "--times", "1"),
        ("mismatched", "--extra", "7", "--times", "1"),
        ("mismatched", "--devices", "1", "--times", "1"),
        ("status", "--status", "401", "--times", "1", *SENDS),
        ("latency", "--delay", "700", *SENDS),
    ],
    ids=["stale", "extra", "missing", "401 for a sealed one", "latency"],
)
def test_a_send_recovers_by_itself(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli, order: tuple[str, ...]
) -> None:
    sandbox.fault(*order)
    sent = send(alice, "all the same", bob)
    assert sent.json["results"][0]["type"] == "SUCCESS"
    if order[0] == "latency":
        assert sent.duration_s > 0.7
    else:
        # It has been met.
        assert sandbox.fault("list") == ""
    sandbox.fault("clear")
    assert texts(bob) == ["all the same"]
    talk(alice, bob)


def test_devices_that_never_fit_end_a_send(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    sandbox.fault("stale")
    refused = send(alice, "lost", bob, exit_code=3)
    assert refused.json["results"][0]["type"] == "NETWORK_FAILURE"
    clear(sandbox)
    talk(alice, bob)


def test_a_challenge_is_answered(sandbox: SandboxProcess, alice: Sigcli) -> None:
    stranger = sandbox.account()
    sandbox.fault("challenge")
    # Only identified messages are challenged: of the stranger nothing is known.
    refused = send(alice, "lost", stranger, exit_code=5)
    (result,) = refused.json["results"]
    assert result["type"] == "RATE_LIMIT_FAILURE"
    assert "submitRateLimitChallenge" in refused.json_error["hint"]
    alice.run(
        *("submitRateLimitChallenge", "--challenge", result["token"]),
        *("--captcha", solved_captcha("challenge")),
    )
    send(alice, "found", stranger)
    assert texts(stranger) == ["found"]


def test_a_refused_login_is_named(sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli) -> None:
    sandbox.fault("status", "--status", "401")
    assert send(alice, "lost", bob, exit_code=3).json_error["code"] == "loginRefused"
    assert bob.run("--json", "receive", exit_code=3).json_error["code"] == "loginRefused"
    clear(sandbox)
    talk(alice, bob)


def test_an_unavailable_service_is_named_by_receive(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    sandbox.fault("status", "--status", "503", *SOCKETS)
    refused = bob.run("--json", "receive", exit_code=3)
    assert refused.json_error["code"] == "serverUnavailable"
    clear(sandbox)
    talk(alice, bob)


def test_a_socket_that_is_cut_loses_and_repeats_nothing(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    sent = [f"number {count}" for count in range(5)]
    for text in sent:
        send(alice, text, bob)
    sandbox.fault("cut", "--after", "2", "--times", "1")
    read: list[str] = []
    for _ in range(3):
        got = bob.run("--json", "receive", exit_code=None)
        assert got.exit_code in (0, 3)
        messages = [line["envelope"].get("dataMessage", {}) for line in got.json_lines]
        read += [message["message"] for message in messages if message.get("message")]
    assert sandbox.fault("list") == ""
    assert read == sent
    talk(alice, bob)


def test_an_order_can_be_for_one_account(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    sandbox.fault("status", "--status", "503", "--for-account", str(alice.account), *SOCKETS)
    assert alice.run("receive", exit_code=3).stdout == ""
    assert bob.run("receive").stderr == ""


# --- the sandbox is restarted in the middle of a conversation -----------------------------------------


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    own = ("--data-dir", str(tmp_path / "own"))
    with SandboxProcess(tmp_path, *own) as sandbox:
        assert sandbox.environment_file == tmp_path / "own" / "sandbox" / "environment.toml"
        alice, bob = sandbox.account(), sandbox.account()
        talk(alice, bob)
        phone = sandbox.account()
        before = [device.run("--json", "listAccounts").json for device in (alice, bob)]
        reader = phone.start("--json", "receive", "-t", "-1")
        send(alice, "before", phone)
        assert reader.read_json()["envelope"]["dataMessage"]["message"] == "before"
        send(alice, "queued for bob", bob)
        send(bob, "queued for alice", alice)

        sandbox.process.terminate()
        sandbox.process.wait().expect(0)
        assert send(alice, "lost", bob, exit_code=3).json_error["code"] == "networkFailure"
        assert bob.run("--json", "receive", exit_code=3).json_error["code"] == "unreachable"
        # An alert waits for the service to come back.
        alert = alice.start("--json", "send", "--retry", "60s", "-m", "alert", str(phone.account))
        alert.wait_for_complaint("is tried again")
        first = sandbox.ready
        sandbox.start(*own, "--port", sandbox.port)
        assert sandbox.ready == first

        assert texts(bob) == ["queued for bob"]
        assert texts(alice) == ["queued for alice"]
        # No new session, no new login: sealed as before.
        assert send(alice, "hello", bob).json["results"][0]["sealedSender"] is True
        (message,) = [one for one in envelopes(bob) if "dataMessage" in one]
        assert message["sealedSender"] is True
        talk(bob, alice)
        assert [device.run("--json", "listAccounts").json for device in (alice, bob)] == before
        # Who was reading all the time reads on.
        sent = alert.wait().expect(0).json
        envelope = reader.read_json(timeout_s=40)["envelope"]
        assert (envelope["timestamp"], envelope["dataMessage"]["message"]) == (
            sent["timestamp"],
            "alert",
        )
        send(alice, "after", phone)
        assert reader.read_json(timeout_s=40)["envelope"]["dataMessage"]["message"] == "after"
        reader.terminate()
        reader.wait().expect(0)


# --- in the background -----------------------------------------------------------------------------


def test_a_detached_sandbox_serves_when_the_command_returns_and_ends_when_told(
    tmp_path: Path,
) -> None:
    user = Sigcli(tmp_path)
    file = ("--environment-file", str(tmp_path / "box" / "sandbox.toml"))
    started = user.run("sandbox", "run", "--detach", *file)
    assert started.json["event"] == "ready"
    assert started.json["environmentFile"] == file[1]
    assert f"sigcli sandbox stop --environment-file {file[1]}" in started.stderr
    try:
        account = ("-a", "+15550399", "--service-environment", file[1])
        user.run(*account, "register", "--captcha", CAPTCHA)
        user.run(*account, "verify", user.run("sandbox", "code", "+15550399", *file).stdout.strip())
        refused = user.run("sandbox", "fault", "switch", "--set", "limits=true", *file, exit_code=1)
        assert "there is no switch 'limits'" in refused.stderr
    finally:
        user.run("sandbox", "stop", *file)
    assert "sandboxNotRunning" in user.run("--json", "sandbox", "stop", *file, exit_code=1).stderr
    folders = [path for path in (user.data_dir, tmp_path / "box") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_a_detached_sandbox_that_does_not_start_says_why(tmp_path: Path) -> None:
    user = Sigcli(tmp_path)
    failed = user.run("sandbox", "run", "--detach", "--host", "192.0.2.1", exit_code=1)
    assert "the sandbox cannot start" in failed.stderr
    assert failed.stdout == ""
