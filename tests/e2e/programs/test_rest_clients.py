"""Clients of signal-cli-rest-api, unchanged: Home Assistant's library, apprise, signalbot, Uptime Kuma's request."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from sigcli.sandbox.server import Sandbox
from tests.e2e.programs.signalbot_bot import DOT
from tests.support.rest_daemon import Peer, new_account, settings_of
from tests.support.sigcli_process import RunningSigcli, Sigcli

SOON_S = 30.0
_numbers = itertools.count(15551300001)
"""As long as real ones: apprise looks at that."""


@dataclass
class Site:
    """The installed daemon with ``--rest``, its account and token, and somebody else."""

    sigcli: Sigcli
    daemon: RunningSigcli
    host: str
    number: str
    token: str = field(repr=False)
    peer: Peer
    peer_number: str

    @property
    def url(self) -> str:
        return f"http://user:{self.token}@{self.host}"

    @property
    def prefixed(self) -> str:
        """The address with the token in its path."""
        return f"http://{self.host}/t/{self.token}"


@pytest.fixture
def site(sandbox: Sandbox, register: Callable[..., Sigcli], tmp_path: Path) -> Iterator[Site]:
    sigcli = register("alice", f"+{next(_numbers)}")
    folder = tmp_path / "peer"
    folder.mkdir()
    peer_number = new_account(sandbox, folder)
    peer = Peer(settings_of(sandbox, folder))
    peer.send(str(sigcli.account), "hello")
    sigcli.run("receive")
    sigcli.run("send", "-m", "hello", peer_number)
    daemon = sigcli.start("daemon", "--rest", "127.0.0.1:0")
    daemon.wait_for_complaint("the daemon is ready")
    found = re.search(r"--rest listens on http://(\S+)", daemon.stderr_so_far)
    assert found is not None, daemon.stderr_so_far
    token = (sigcli.data_dir / "daemon.token").read_text().strip()
    peer.next_text("hello")
    yield Site(sigcli, daemon, found[1], str(sigcli.account), token, peer, peer_number)
    peer.close()
    daemon.terminate()
    daemon.wait()


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + SOON_S
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return value


@pytest.mark.parametrize("way", ["basic", "in the address", "prefix"])
def test_pysignalclirestapi_gets_in(site: Site, way: str) -> None:
    from pysignalclirestapi import SignalCliRestApi, SignalCliRestApiHTTPBasicAuth

    auth = None
    url = {"basic": f"http://{site.host}", "in the address": site.url}.get(way, site.prefixed)
    if way == "basic":
        auth = SignalCliRestApiHTTPBasicAuth("user", site.token)
    api = SignalCliRestApi(url, site.number, auth)
    assert api.list_accounts() == [site.number]


def test_pysignalclirestapi(site: Site) -> None:
    from pysignalclirestapi import (
        SignalCliRestApi,
        SignalCliRestApiError,
        SignalCliRestApiHTTPBasicAuth,
    )

    auth = SignalCliRestApiHTTPBasicAuth("user", site.token)
    api = SignalCliRestApi(f"http://{site.host}", site.number, auth)
    sent = api.send_message(
        "**hi**", [site.peer_number], attachments_as_bytes=[b"hello"], text_mode="styled"
    )
    message = site.peer.next_text("hi")
    assert sent["timestamp"] == str(message["timestamp"])
    assert message["dataMessage"]["attachments"][0]["contentType"] == "text/plain"
    stamp = site.peer.send(
        site.number, "for the house", attachment=[f"data:image/png;base64,{DOT}"]
    )
    found: list[Any] = []

    def received() -> bool:
        found.extend(asyncio.run(api.receive_ws(timeout=2)))
        return any("for the house" in json.dumps(one) for one in found)

    until(received, "the message")
    api.add_reaction("🦊", site.peer_number, stamp)
    site.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
    api.remove_reaction(site.peer_number, stamp)
    api.send_receipt(site.peer_number, stamp)
    (attachment,) = api.list_attachments()
    assert api.get_attachment(attachment).startswith(b"\x89PNG")
    api.delete_attachment(attachment)
    made = api.create_group("house", [site.peer_number])
    group = made["id"] if isinstance(made, dict) else made
    assert group in [one["id"] for one in api.list_groups()]
    api.update_group(group, name="home")
    assert api.get_group(group)["name"] == "home"
    api.send_message("all of you", group)
    site.peer.next_text("all of you")
    assert api.search([site.peer_number])[0]["registered"]
    assert any(one["number"] == site.peer_number for one in api.get_contacts())
    with pytest.raises(ValueError, match="Expecting value"):
        api.update_contact(site.peer_number, name="Peer")  # reads JSON where there is none: 204
    (peer,) = (one for one in api.get_contacts() if one["number"] == site.peer_number)
    assert peer["name"] == "Peer"
    api.update_profile("House")
    assert api.list_indentities()
    api.add_group_admins(group, [site.peer_number])
    api.delete_group(group)
    with pytest.raises(SignalCliRestApiError):
        api.get_group("group.unknown")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise(site: Site) -> None:
    import apprise

    notifier = apprise.Apprise()
    host = f"user:{site.token}@{site.host}"
    assert notifier.add(f"signal://{host}/{site.number}/{site.peer_number}")
    assert notifier.notify(body="**from** apprise", body_format=apprise.NotifyFormat.MARKDOWN)
    site.peer.next_with(lambda one: "apprise" in (one.get("dataMessage", {}).get("message") or ""))
    # A group, by the id that the interface lists.
    made = site.peer.run("updateGroup", name="g", member=[site.number])
    from sigcli.daemon.rest.group_ids import external_id

    wrong = apprise.Apprise()
    wrong.add(f"signal://user:wrong@{site.host}/{site.number}/{site.peer_number}")
    assert not wrong.notify(body="nobody")
    to_group = apprise.Apprise()
    site.peer.run("send", groupId=made["groupId"], message="in the group")
    until(lambda: site.number and _knows(site, made["groupId"]), "the group")
    assert to_group.add(f"signal://{host}/{site.number}/{external_id(made['groupId'])}")
    assert to_group.notify(body="to the group")
    site.peer.next_with(
        lambda one: "to the group" in (one.get("dataMessage", {}).get("message") or "")
    )


def _knows(site: Site, internal: str) -> bool:
    connection = HTTPConnection(site.host, timeout=20)
    connection.request("GET", f"/t/{site.token}/v1/groups/{site.number}")
    groups = json.loads(connection.getresponse().read())
    connection.close()
    return any(one["internal_id"] == internal and one["member"] for one in groups)


def test_uptime_kuma(site: Site) -> None:
    """What its provider posts with axios, to the address that its user has typed."""
    connection = HTTPConnection(site.host, timeout=20)
    body = {"message": "[down] host", "number": site.number, "recipients": [site.peer_number]}
    headers = {
        "Accept": "application/json, text/plain, */*",
        "Content-Type": "application/json",
        "User-Agent": "axios/0.30.0",
        "Accept-Encoding": "gzip, compress, deflate, br",
    }
    connection.request("POST", f"/t/{site.token}/v2/send", json.dumps(body), headers)
    assert connection.getresponse().status // 100 == 2
    connection.close()
    site.peer.next_text("[down] host")


@pytest.fixture
def start_bot(site: Site, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    (tmp_path / "bot").mkdir()

    def start() -> subprocess.Popen[bytes]:
        words = (site.host, site.number, site.token, str(tmp_path / "bot"))
        with open(tmp_path / f"bot-{len(started)}.log", "wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.e2e.programs.signalbot_bot", *words],
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def test_signalbot(site: Site, start_bot: Callable[[], subprocess.Popen[bytes]]) -> None:
    start_bot()
    site.peer.send(site.number, "ping")
    site.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
    site.peer.next_text("pong")
    site.peer.next_with(lambda one: "editMessage" in one)
    site.peer.send(site.number, "picture", attachment=[f"data:image/png;base64,{DOT}"])
    assert site.peer.next_text("got 1")["dataMessage"]["attachments"]
    site.peer.send(site.number, "poll")
    site.peer.next_with(lambda one: one.get("dataMessage", {}).get("pollCreate"))
    made = site.peer.run("updateGroup", name="g", member=[site.number])
    site.peer.run("send", groupId=made["groupId"], message="to all")
    answer = site.peer.next_text("heard to all")
    assert answer["dataMessage"]["groupInfo"]["groupId"] == made["groupId"]


def test_signalbot_that_was_down_misses_nothing(
    site: Site, start_bot: Callable[[], subprocess.Popen[bytes]]
) -> None:
    bot = start_bot()
    site.peer.send(site.number, "one")
    site.peer.next_text("heard one")
    bot.kill()
    bot.wait()
    for text in ("two", "three", "four"):
        site.peer.send(site.number, text)
    time.sleep(3)
    start_bot()
    for text in ("two", "three", "four"):
        site.peer.next_text(f"heard {text}")
    site.peer.send(site.number, "five")
    site.peer.next_text("heard five")
