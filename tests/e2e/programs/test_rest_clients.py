"""Clients of signal-cli-rest-api from PyPI, unchanged, on a daemon in the sandbox.

pysignalclirestapi is Home Assistant's; of Uptime Kuma it is the request that its provider makes.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from sigcli.daemon.rest.group_ids import external_id
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import settings_of
from tests.support.foreign_programs import Program, needs_program, python_with
from tests.support.rest_daemon import Peer, new_account
from tests.support.sigcli_process import Sigcli

SOON_S = 60.0
AWAY_S = 3.0
_numbers = itertools.count(15551300001)
"""As long as real ones: apprise looks at that."""
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = f"data:image/png;base64,{DOT}"

HOME_ASSISTANT = """
import asyncio, json, sys
from pysignalclirestapi import SignalCliRestApi, SignalCliRestApiError, SignalCliRestApiHTTPBasicAuth
def tell(value):
    print(json.dumps(value))
url, number, token, peer = sys.argv[1:]
auth = SignalCliRestApiHTTPBasicAuth("user", token) if token else None
api = SignalCliRestApi(url, number, auth)
tell(api.list_accounts())
"""
HOUSE = """
tell(api.send_message("**hi**", [peer], attachments_as_bytes=[b"hello"], text_mode="styled"))
found = []
while not any("for the house" in json.dumps(one) for one in found):
    found = asyncio.run(api.receive_ws(timeout=2))
message = next(one for one in found if "for the house" in json.dumps(one))
stamp = message["envelope"]["timestamp"]
tell(stamp)
api.add_reaction("🦊", peer, stamp)
api.remove_reaction(peer, stamp)
api.send_receipt(peer, stamp)
(attachment,) = api.list_attachments()
tell(api.get_attachment(attachment)[1:4].decode())
api.delete_attachment(attachment)
made = api.create_group("house", [peer])
group = made["id"] if isinstance(made, dict) else made
tell(group in [one["id"] for one in api.list_groups()])
api.update_group(group, name="home")
tell(api.get_group(group)["name"])
api.send_message("all of you", group)
tell(api.search([peer])[0]["registered"])
try:
    api.update_contact(peer, name="Peer")
except ValueError:
    pass  # it reads JSON where there is none: 204
tell([one["name"] for one in api.get_contacts() if one["number"] == peer])
api.update_profile("House")
tell(len(api.list_indentities()) > 0)
api.add_group_admins(group, [peer])
api.delete_group(group)
try:
    api.get_group("group.unknown")
except SignalCliRestApiError as error:
    tell(str(error) != "")
"""
APPRISE = """
import json, sys
import apprise
url, text = sys.argv[1:]
notifier = apprise.Apprise()
added = notifier.add(url)
print(json.dumps([added, bool(notifier.notify(body=text, body_format=apprise.NotifyFormat.MARKDOWN))]))
"""
BOT = f"""
import sys
from signalbot import (
    BearerAuthConfig, Config, CreatePoll, DataMessageHandler, ReceiptType, SendMessage, SignalBot, SQLiteConfig,
)
class Answer(DataMessageHandler):
    async def handle_data_message(self, context):
        text = context.message.text
        if text == "ping":
            await context.start_typing()
            await context.send_receipt(ReceiptType.READ)
            await context.react("👍")
            sent = await context.reply(SendMessage(text="pong"))
            await context.edit(SendMessage(text="pong, edited"), sent)
            await context.stop_typing()
        elif text == "picture":
            count = len(context.message.attachments or [])
            await context.send(SendMessage(text=f"got {{count}}", base64_attachments=["{DOT}"]))
        elif text == "poll":
            await context.create_poll(CreatePoll(question="Tea?", answers=["yes", "no"]))
        elif text:
            await context.send(SendMessage(text=f"heard {{text}}"))
service, number, token, database = sys.argv[1:]
bot = SignalBot(Config(
    phone_number=number, signal_service=service, auth=BearerAuthConfig(token=token),
    storage=SQLiteConfig(db=database), logging_level=20,
))
bot.register(Answer())
bot.start()
"""


@dataclass
class Site:
    """The installed daemon with ``--rest``, its account and token, and somebody else."""

    host: str
    number: str
    token: str = field(repr=False)
    peer: Peer
    peer_number: str

    @property
    def prefix(self) -> str:
        """The beginning of a path with the token in it."""
        return f"/t/{self.token}"


@pytest.fixture
def site(sandbox: Sandbox, register: Callable[..., Sigcli], tmp_path: Path) -> Iterator[Site]:
    sigcli = register("house", f"+{next(_numbers)}")
    number = str(sigcli.account)
    folder = tmp_path / "peer"
    folder.mkdir()
    peer_number = new_account(sandbox, folder)
    peer = Peer(settings_of(sandbox.environment_file, folder))
    peer.send(number, "hello")
    sigcli.run("receive")
    sigcli.run("send", "-m", "hello", peer_number)
    daemon = sigcli.start("daemon", "--rest", "127.0.0.1:0", "--no-receive-stdout")
    daemon.wait_for_complaint("the daemon is ready")
    found = re.search(r"--rest listens on http://(\S+)", daemon.stderr_so_far)
    assert found is not None, daemon.stderr_so_far
    token = (sigcli.data_dir / "daemon.token").read_text().strip()
    peer.next_text("hello")
    yield Site(found[1], number, token, peer, peer_number)
    peer.close()
    daemon.terminate()
    daemon.wait().expect(0)


def library(*requirements: str) -> Path:
    with needs_program():
        return python_with(*requirements)
    raise AssertionError


# --- Home Assistant's library ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def pysignalclirestapi() -> Path:
    return library("pysignalclirestapi==0.3.25", "websockets")


@pytest.mark.parametrize("way", ["basic", "in the address", "prefix"])
def test_pysignalclirestapi_gets_in(site: Site, pysignalclirestapi: Path, way: str) -> None:
    url = {
        "basic": f"http://{site.host}",
        "in the address": f"http://user:{site.token}@{site.host}",
        "prefix": f"http://{site.host}{site.prefix}",
    }[way]
    token = site.token if way == "basic" else ""
    words = (url, site.number, token, site.peer_number)
    with Program(pysignalclirestapi, HOME_ASSISTANT, words) as program:
        assert program.read() == [site.number]


def test_pysignalclirestapi(site: Site, pysignalclirestapi: Path) -> None:
    words = (f"http://{site.host}", site.number, site.token, site.peer_number)
    with Program(pysignalclirestapi, HOME_ASSISTANT + HOUSE, words) as program:
        assert program.read() == [site.number]
        sent = program.read()
        message = site.peer.next_text("hi")
        assert sent["timestamp"] == str(message["timestamp"])
        assert message["dataMessage"]["attachments"][0]["contentType"] == "text/plain"
        stamp = site.peer.send(site.number, "for the house", attachment=[PICTURE])
        assert program.read() == stamp
        site.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
        assert program.read() == "PNG"
        assert program.read() is True
        assert program.read() == "home"
        site.peer.next_text("all of you")
        assert program.read() is True
        assert program.read() == ["Peer"]
        assert program.read() is True
        assert program.read() is True


# --- apprise --------------------------------------------------------------------------------------


def test_apprise(site: Site) -> None:
    python = library("apprise==2.3.0")

    def notify(token: str, recipient: str, text: str) -> Any:
        url = f"signal://user:{token}@{site.host}/{site.number}/{recipient}?format=markdown"
        with Program(python, APPRISE, (url, text)) as program:
            return program.read()

    assert notify(site.token, site.peer_number, "**from** apprise") == [True, True]
    assert notify("wrong", site.peer_number, "nobody") == [True, False]
    arrived = site.peer.next_with(lambda one: "apprise" in str(one.get("dataMessage")))
    assert [one["style"] for one in arrived["dataMessage"]["textStyles"]] == ["BOLD"]
    # A group, by the id that the interface lists.
    made = site.peer.run("updateGroup", name="g", member=[site.number])
    site.peer.run("send", groupId=made["groupId"], message="in the group")
    wait_for_group(site, made["groupId"])
    assert notify(site.token, external_id(made["groupId"]), "to the group") == [True, True]
    site.peer.next_with(lambda one: "to the group" in str(one.get("dataMessage")))


def wait_for_group(site: Site, internal: str) -> None:
    deadline = time.monotonic() + SOON_S
    while True:
        connection = HTTPConnection(site.host, timeout=20)
        connection.request("GET", f"{site.prefix}/v1/groups/{site.number}")
        groups = json.loads(connection.getresponse().read())
        connection.close()
        if any(one["internal_id"] == internal and one["member"] for one in groups):
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- Uptime Kuma ----------------------------------------------------------------------------------


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
    connection.request("POST", f"{site.prefix}/v2/send", json.dumps(body), headers)
    assert connection.getresponse().status // 100 == 2
    connection.close()
    site.peer.next_text("[down] host")


# --- signalbot ------------------------------------------------------------------------------------


@pytest.fixture
def start_bot(site: Site, tmp_path: Path) -> Callable[[], Program]:
    python = library("signalbot==2.2.1")
    words = (site.host, site.number, site.token, str(tmp_path / "bot.db"))
    return lambda: Program(python, BOT, words)


def test_signalbot(site: Site, start_bot: Callable[[], Program]) -> None:
    with start_bot():
        site.peer.send(site.number, "ping")
        site.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
        site.peer.next_text("pong")
        site.peer.next_with(lambda one: "editMessage" in one)
        site.peer.send(site.number, "picture", attachment=[PICTURE])
        assert site.peer.next_text("got 1")["dataMessage"]["attachments"]
        site.peer.send(site.number, "poll")
        site.peer.next_with(lambda one: one.get("dataMessage", {}).get("pollCreate"))
        made = site.peer.run("updateGroup", name="g", member=[site.number])
        site.peer.run("send", groupId=made["groupId"], message="to all")
        answer = site.peer.next_text("heard to all")
        assert answer["dataMessage"]["groupInfo"]["groupId"] == made["groupId"]


def test_a_signalbot_that_was_down_misses_nothing(
    site: Site, start_bot: Callable[[], Program]
) -> None:
    with start_bot():
        site.peer.send(site.number, "one")
        site.peer.next_text("heard one")
    for text in ("two", "three", "four"):
        site.peer.send(site.number, text)
    time.sleep(AWAY_S)
    heard = {"heard two", "heard three", "heard four"}
    with start_bot():
        # It answers side by side, in any order.
        while heard:
            answer = site.peer.next_with(lambda one: "heard" in str(one.get("dataMessage")))
            heard.discard(answer["dataMessage"]["message"])
        site.peer.send(site.number, "five")
        site.peer.next_text("heard five")
