"""pysignalclijsonrpc 25.9.0 from PyPI, unchanged, on the HTTP of a daemon in the sandbox."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs.conftest import data_messages
from tests.support.foreign_programs import needs_program, python_with
from tests.support.http_events import events
from tests.support.sigcli_process import Sigcli

CALLS = """
import json, sys
from pysignalclijsonrpc.api import SignalCliJSONRPCApi, SignalCliJSONRPCError
endpoint, account, token, *words = sys.argv[1:]
auth = ("user", token) if token else ()
bot = SignalCliJSONRPCApi(endpoint=endpoint, account=account, auth=auth)
results = []
def tell(value):
    results.append(value)
"""
END = """
print(json.dumps(results))
"""


@pytest.fixture(scope="session")
def library() -> Path:
    with needs_program():
        return python_with("pysignalclijsonrpc==25.9.0")
    raise AssertionError


@dataclass
class Served:
    """A daemon with ``--http``."""

    url: str
    token: str


@pytest.fixture
def served(bot: Sigcli) -> Iterator[Served]:
    running = bot.start("daemon", "--http", "localhost:0", "--no-receive-stdout")
    running.wait_for_complaint("the daemon is ready")
    found = re.search(r"--http listens on (http://\S+)", running.stderr_so_far)
    assert found is not None
    yield Served(found[1], (bot.data_dir / "daemon.token").read_text().strip())
    running.terminate()
    running.wait().expect(0)


def run(python: Path, script: str, *arguments: str) -> Any:
    done = subprocess.run(
        [str(python), "-c", CALLS + script + END, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_sends_to_people_and_groups(
    library: Path, alice: Sigcli, bot: Sigcli, served: Served
) -> None:
    shared = alice.run("--json", "updateGroup", "-n", "Shared", "-m", str(bot.account)).json
    picture = base64.b64encode(b"GIF89a" + bytes(200)).decode()
    script = f"""
import time
(shared,) = words[1:]
del words[1:]
until = time.monotonic() + 30
while shared not in [one["id"] for one in bot.list_groups()] and time.monotonic() < until:
    time.sleep(0.1)
tell(bot.version)
tell(bot.get_user_status(recipients=words))
tell(bot.send_message(message="from the library", recipients=words,
    attachments_as_bytes=[bytearray(__import__("base64").b64decode("{picture}"))]))
group = bot.update_group(name="Ops", members=words, admins=words)
tell(group)
tell(sorted(one["name"] for one in bot.list_groups()))
tell(bot.send_message(message="to all", recipients=[shared]))
tell(bot.quit_group(groupid=group, delete=False))
"""
    endpoint = f"{served.url}/api/v1/rpc"
    version, statuses, sent, group, names, to_all, _ = run(
        library,
        script,
        endpoint,
        str(bot.account),
        served.token,
        str(alice.account),
        shared["groupId"],
    )
    assert version == "0.14.6"
    assert [one["isRegistered"] for one in statuses] == [True]
    assert [one["recipients"] for one in sent["timestamps"].values()] == [[alice.account]]
    assert names == ["Ops", "Shared"]
    assert group != shared["groupId"]
    assert to_all["timestamps"]
    told = {one["message"]: one for one in data_messages(alice, 4)}
    assert told["from the library"]["attachments"][0]["contentType"] == "image/gif"
    assert told["to all"]["groupInfo"]["groupId"] == shared["groupId"]


def test_a_token_in_the_path_and_none(library: Path, bot: Sigcli, served: Served) -> None:
    prefixed = f"{served.url}/t/{served.token}/api/v1/rpc"
    assert run(library, "tell(bot.version)", prefixed, str(bot.account), "") == ["0.14.6"]
    refused = """
try:
    bot.version
except SignalCliJSONRPCError as error:
    tell(str(error))
"""
    (complaint,) = run(library, refused, f"{served.url}/api/v1/rpc", str(bot.account), "")
    assert "401" in complaint


def test_what_comes_is_told_to_who_listens(alice: Sigcli, bot: Sigcli, served: Served) -> None:
    with events(served.url, served.token, f"?account={bot.account}") as stream:
        alice.run("send", "-m", "to the bot", str(bot.account))
        id, told = stream.next_message()
        assert told["envelope"]["dataMessage"]["message"] == "to the bot"
        assert told["account"] == bot.account
    alice.run("send", "-m", "while away", str(bot.account))
    with events(served.url, served.token, last_id=id) as stream:
        _, told = stream.next_message()
        assert told["envelope"]["dataMessage"]["message"] == "while away"
