"""JSON-RPC by the line, with the installed command in the sandbox: over a Unix socket, and on standard input."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.acquaintance import talk
from tests.support.rpc_client import RpcClient, read_all
from tests.support.sigcli_process import RunningSigcli, Sigcli, installed_command


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """He and Alice have talked to each other."""
    bob = register("bob")
    talk(bob, alice)
    return bob


def daemon(sigcli: Sigcli, *options: str) -> RunningSigcli:
    running = sigcli.start("daemon", *options)
    running.wait_for_complaint("the daemon is ready")
    return running


def messages(sigcli: Sigcli) -> list[dict[str, Any]]:
    """What has come for somebody, without receipts."""
    lines = sigcli.run("receive", "--json").json_lines
    return [one for one in lines if "dataMessage" in one["envelope"]]


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "s" / "socket")


@pytest.fixture
def serving(alice: Sigcli, bob: Sigcli, path: str) -> RunningSigcli:
    """Bob's daemon."""
    return daemon(bob, "--socket", path)


def test_send_and_receive_over_a_unix_socket(
    alice: Sigcli, bob: Sigcli, serving: RunningSigcli, path: str
) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(Path(path).parent).st_mode) == 0o700
    with RpcClient(path) as client:
        assert client.call("version") == {"version": "0.14.6"}
        sent = client.call("send", recipient=[alice.account], message="from bob")
        assert [one["type"] for one in sent["results"]] == ["SUCCESS"]
        (received,) = messages(alice)
        assert received["envelope"]["timestamp"] == sent["timestamp"]
        alice.run("send", "-m", "from alice", str(bob.account))
        while (told := client.notified()) and "dataMessage" not in told["envelope"]:
            pass  # receipts
        assert told["envelope"]["dataMessage"]["message"] == "from alice"
        assert told["account"] == bob.account
        picture = base64.b64encode(os.urandom(300_000)).decode()
        uri = f"data:image/png;filename=a.png;base64,{picture}"
        client.call("send", recipient=alice.account, attachments=[uri])
    (received,) = messages(alice)
    (attachment,) = received["envelope"]["dataMessage"]["attachments"]
    assert (attachment["filename"], attachment["contentType"]) == ("a.png", "image/png")
    assert Path(attachment["localPath"]).read_bytes() == base64.b64decode(picture)
    serving.terminate()
    serving.wait().expect(0)
    assert not os.path.exists(path)


def test_standard_input_until_its_end(alice: Sigcli, bob: Sigcli) -> None:
    finished = bob.run(
        "jsonRpc",
        "--receive-mode",
        "manual",
        stdin='{"jsonrpc":"2.0","id":0,"method":"listContacts"}\n'
        f'{{"jsonrpc":"2.0","id":"x","method":"send","params":{{"recipients":["{alice.account}"],"message":"hi"}}}}',
    )
    answers = {one["id"]: one for one in finished.json_lines}
    assert isinstance(answers[0]["result"], list)
    assert answers["x"]["result"]["timestamp"]


def test_one_call_a_connection_with_its_side_ended(serving: RunningSigcli, path: str) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)
        one.sendall(b'{"jsonrpc":"2.0","id":"1","method":"version"}')
        one.shutdown(socket.SHUT_WR)
        assert read_all(one) == b'{"jsonrpc":"2.0","result":{"version":"0.14.6"},"id":"1"}\n'


def test_a_phone_is_linked_in_two_steps_and_an_account_registered(
    alice: Sigcli, in_sandbox: Callable[[str], Sigcli], sandbox: Sandbox, path: str
) -> None:
    fresh = in_sandbox("fresh")
    running = daemon(fresh, "--socket", path)
    with RpcClient(path) as client:
        assert client.call("listAccounts") == []
        assert client.fail("listContacts")["code"] == -32602
        uri = client.call("startLink")["deviceLinkUri"]
        waiting = client.begin("finishLink", deviceLinkUri=uri, deviceName="desk")
        assert client.fail("finishLink", deviceLinkUri="sgnl://x")["code"] == -1
        alice.run("addDevice", "--uri", uri)
        linked = client.answer_to(waiting)["result"]
        assert linked["number"] == alice.account
        assert client.fail("finishLink", deviceLinkUri=uri)["code"] == -1
        assert client.call("listAccounts")[0]["number"] == alice.account
        # The only account needs no name, and what comes for it is told to who is connected.
        assert client.call("listContacts") is not None
        assert "desk" in alice.run("listDevices").stdout
        alice.run("send", "-m", "to myself", "--note-to-self")
        while "sentMessage" not in (client.notified()["envelope"].get("syncMessage") or {}):
            pass
        # A second account in the same daemon.
        number = "+15550999"
        assert client.call("register", account=number, captcha=CAPTCHA) == {}
        code = RunningSandbox.find(sandbox.environment_file).code(number)
        client.call("verify", account=number, verificationCode=code)
        assert {one["number"] for one in client.call("listAccounts")} == {alice.account, number}
        assert client.fail("listContacts")["code"] == -32602
        assert client.call("listContacts", account=number) is not None
        assert client.fail("verify", account=number, verificationCode="1", x=1)["code"] == -32600
        gone = client.call("deleteLocalAccountData", account=number, ignoreRegistered=True)
        assert gone == {}
        assert [one["number"] for one in client.call("listAccounts")] == [alice.account]
    running.terminate()
    running.wait().expect(0)


def test_a_socket_of_a_killed_daemon_is_replaced_and_one_in_use_is_not(
    alice: Sigcli, in_sandbox: Callable[[str], Sigcli], path: str
) -> None:
    daemon(alice, "--socket", path).kill()
    again = daemon(alice, "--socket", path)
    other = in_sandbox("other")
    finished = other.run("daemon", "--socket", path, exit_code=1)
    assert "is listening on" in finished.stderr
    with RpcClient(path) as client:
        assert client.call("version")
    again.terminate()
    again.wait().expect(0)
    Path(path).write_text("mine")
    finished = other.run("daemon", "--socket", path, exit_code=1)
    assert "not a socket" in finished.stderr
    assert Path(path).read_text() == "mine"


def test_over_tcp_only_on_this_machine_and_only_on_request(
    alice: Sigcli, in_sandbox: Callable[[str], Sigcli]
) -> None:
    other = in_sandbox("other")
    finished = other.run("daemon", "--tcp", "127.0.0.1:0", exit_code=1)
    assert "--socket" in finished.stderr
    other.run("daemon", "--tcp", "0.0.0.0:0", "--no-auth", exit_code=1)
    running = daemon(alice, "--tcp", "127.0.0.1:0", "--no-auth")
    said = running.stderr_so_far
    (port,) = map(int, re.findall(r"--tcp listens on 127\.0\.0\.1:(\d+)\n", said))
    assert said.count("every program on this machine may use the accounts") == 1
    with RpcClient(("127.0.0.1", port)) as client:
        assert client.call("version") == {"version": "0.14.6"}
        error = client.fail("send", recipient=alice.account, attachment="/etc/hostname")
        assert error["code"] == -1
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.sendall(b'POST / HTTP/1.1\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"version"}\n')
        assert read_all(browser) == b""
    running.terminate()
    running.wait().expect(0)


START = """
import os, socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "NOTIFY_SOCKET": sys.argv[2],
               "WATCHDOG_USEC": "400000"}
os.execv(sys.argv[3], [sys.argv[3], "daemon"])
"""


def test_a_service_manager_hands_in_the_socket_and_is_told(
    alice: Sigcli, tmp_path: Path, path: str
) -> None:
    manager = str(tmp_path / "notify")
    Path(path).parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.settimeout(30)
        told.bind(manager)
        running = subprocess.Popen(
            [sys.executable, "-c", START, path, manager, str(installed_command())],
            env={**alice.environment, "SIGCLI_ACCOUNT": str(alice.account)},
            stderr=subprocess.DEVNULL,
        )
        try:
            assert told.recv(100) == b"READY=1"
            with RpcClient(path) as client:
                assert client.call("version")
            assert [told.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            running.terminate()
            assert running.wait(10) == 0
            while (state := told.recv(100)) == b"WATCHDOG=1":
                pass
            assert state == b"STOPPING=1"
        finally:
            running.kill()
            running.wait()
    assert os.path.exists(path)  # it is the manager's


def test_a_large_request_is_not_held_in_memory(serving: RunningSigcli, path: str) -> None:
    piece = base64.b64encode(os.urandom(3 * 256 * 1024))
    with RpcClient(path, timeout_s=60) as client:
        client.call("listContacts")
        before = peak_kib(serving.pid)
        client.write(
            b'{"jsonrpc":"2.0","id":"large","method":"send","params":{"recipient":"+15550000",'
        )
        client.write(b'"message":"x","attachment":["data:video/mp4;filename=a.mp4;base64,')
        for _ in range(60):
            client.write(piece)
        client.write(b'"]}}\n')
        # Nobody has that number: nothing is uploaded.
        assert client.answer_to("large")["error"]["code"] == -1
        assert peak_kib(serving.pid) - before < 16 * 1024


def peak_kib(pid: int) -> int:
    """The most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def test_hostile_clients_harm_nobody(serving: RunningSigcli, path: str) -> None:
    generator = random.Random(7)
    with RpcClient(path) as honest:
        for _ in range(40):
            with socket.socket(socket.AF_UNIX) as hostile:
                hostile.connect(path)
                hostile.settimeout(20)
                lines = [hostile_line(generator) for _ in range(5)]
                hostile.sendall(b"\n".join(lines) + b"\n")
                if generator.random() < 0.5:
                    continue  # it goes without a word
                hostile.shutdown(socket.SHUT_WR)
                for line in read_all(hostile).splitlines():
                    for one in [value] if isinstance(value := json.loads(line), dict) else value:
                        assert "method" in one or "error" in one or "result" in one
        assert honest.call("version")
    assert serving.running
    assert "unexpected" not in serving.stderr_so_far


def hostile_line(generator: random.Random) -> bytes:
    """Something that no honest client sends."""
    kinds: list[bytes] = [
        generator.randbytes(200).replace(b"\n", b""),
        b"[" * generator.randrange(1, 100_000),
        b'{"a":' * generator.randrange(1, 50_000),
        b'{"jsonrpc":"2.0","id":1,"method":"send","params":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"send","params":{"recipient":"\\u0000","message":"x"}}',
        b'{"jsonrpc":"2.0","id":1e999,"method":"version"}',
        b'{"jsonrpc":"2.0","id":1,"method":"receive","params":{"timeout":1e308,"maxMessages":-99999999999}}',
        b"[" + b'{"jsonrpc":"2.0","id":1,"method":"version"},' * 2000 + b"1]",
        b'{"jsonrpc":"2.0","id":1,"method":"getAttachment","params":{"id":"../../account.db"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"unsubscribeReceive","params":[{}]}',
        b'{"jsonrpc":"2.0","id":1,"method":"subscribeReceive","params":{"after":99999999999999999999}}',
        b'{"jsonrpc":"2.0","id":1,"method":"ackReceive","params":{"id":99999999999999999999999}}',
        b'{"jsonrpc":"2.0","id":1,"method":"subscribeReceive","params":{"consumer":"'
        + b"x" * 5000
        + b'"}}',
    ]
    return generator.choice(kinds)
