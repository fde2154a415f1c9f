"""JSON-RPC by the line, with the installed command in the sandbox: over a Unix socket, and on standard input."""

from __future__ import annotations

import base64
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.rpc_client import RpcClient, read_all
from tests.support.sigcli_process import RunningSigcli, Sigcli


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """He and Alice have talked to each other."""
    bob = register("bob")
    bob.run("send", "-m", "hello", str(alice.account))
    alice.run("receive")
    alice.run("send", "-m", "hello", str(bob.account))
    bob.run("receive")
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
