"""Every route of signal-cli-rest-api's interface, asked over HTTP, in a table."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sigcli.daemon.rest.flavour import REST, routes
from sigcli.daemon.rest.group_ids import internal_id
from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.rest_daemon import Answer, RestDaemon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = base64.b64encode(PNG).decode()

Case = tuple[str, str]
CASES: dict[Case, Callable[[RestDaemon], None]] = {}


def case(method: str, path: str) -> Callable[[Callable[[RestDaemon], None]], Any]:
    """The function below shows a route."""

    def note(function: Callable[[RestDaemon], None]) -> Callable[[RestDaemon], None]:
        CASES[method, path] = function
        return function

    return note


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestDaemon]:
    with RestDaemon(sandbox, tmp_path_factory.mktemp("rest"), routes) as daemon:
        yield daemon


def test_each_route_has_its_case() -> None:
    assert {(route.method, route.path) for route in REST.routes} == set(CASES)


# --- what the cases need --------------------------------------------------------------------------


def send(rest: RestDaemon, **body: Any) -> Answer:
    given = {"number": rest.number, "recipients": [rest.peer_number], **body}
    return rest.ask("POST", "/v2/send", given)


def make_group(rest: RestDaemon, **body: Any) -> str:
    """A group with the peer in it; its id as the interface writes it."""
    given = {"name": "everybody", "members": [rest.peer_number], **body}
    id: str = rest.ask("POST", f"/v1/groups/{rest.number}", given).expect(201)["id"]
    return id


def group_of(rest: RestDaemon, id: str, **query: str) -> dict[str, Any]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    found: dict[str, Any] = rest.ask("GET", f"/v1/groups/{rest.number}/{id}?{words}").expect(200)
    return found


def peers_group(rest: RestDaemon) -> tuple[str, str]:
    """A group of the peer's, with the account as a member: internal and external id."""
    from sigcli.daemon.rest.group_ids import external_id

    made = rest.peer.run("updateGroup", name="peer's", member=[rest.number])
    rest.peer.run("send", groupId=made["groupId"], message=f"in {made['groupId']}")
    rest.next_message(f"in {made['groupId']}")
    return made["groupId"], external_id(made["groupId"])


def come_with_picture(rest: RestDaemon, text: str) -> str:
    """A message with a picture comes; the id of the picture."""
    uri = f"data:image/png;filename=a.png;base64,{PICTURE}"
    rest.peer.send(rest.number, text, attachment=[uri])
    id: str = rest.next_message(text)["dataMessage"]["attachments"][0]["id"]
    return id


def unique(text: str) -> str:
    return f"{text} {time.monotonic_ns()}"


# --- general --------------------------------------------------------------------------------------


@case("GET", "/v1/about")
def about(rest: RestDaemon) -> None:
    told = rest.ask("GET", "/v1/about").expect(200)
    assert told["versions"] == ["v1", "v2"]
    assert told["build"] == 2
    assert told["mode"] == "json-rpc"
    assert tuple(map(int, told["version"].split("."))) >= (0, 101, 0)
    assert told["capabilities"] == {"v2/send": ["quotes", "mentions"]}


@case("GET", "/v1/health")
def health(rest: RestDaemon) -> None:
    answer = rest.ask("GET", "/v1/health")
    assert (answer.status, answer.body) == (204, b"")


@case("GET", "/v1/configuration")
def configuration(rest: RestDaemon) -> None:
    assert isinstance(rest.ask("GET", "/v1/configuration").expect(200)["logging"]["Level"], str)


@case("POST", "/v1/configuration")
def configure(rest: RestDaemon) -> None:
    before = rest.ask("GET", "/v1/configuration").expect(200)
    rest.ask("POST", "/v1/configuration", {"logging": {"Level": "info"}}).expect(204)
    assert rest.ask("GET", "/v1/configuration").expect(200) == {"logging": {"Level": "info"}}
    rest.ask("POST", "/v1/configuration", before).expect(204)
    rest.ask("POST", "/v1/configuration", {"logging": {"Level": "loud"}}).expect(400)


@case("GET", "/v1/configuration/{number}/settings")
@case("POST", "/v1/configuration/{number}/settings")
def trust_mode(rest: RestDaemon) -> None:
    number = rest.add_account()
    path = f"/v1/configuration/{number}/settings"
    assert rest.ask("GET", path).expect(200) == {"trust_mode": "on-first-use"}
    rest.ask("POST", path, {"trust_mode": "never"}).expect(204)
    assert rest.ask("GET", path).expect(200) == {"trust_mode": "never"}
    rest.ask("POST", path, {"trust_mode": "sometimes"}).expect(400)


# --- accounts -------------------------------------------------------------------------------------


@case("GET", "/v1/accounts")
def accounts(rest: RestDaemon) -> None:
    assert rest.number in rest.ask("GET", "/v1/accounts").expect(200)


@case("POST", "/v1/register/{number}")
@case("POST", "/v1/register/{number}/verify/{token}")
def register(rest: RestDaemon) -> None:
    number = f"+1555{time.monotonic_ns() % 10**7:07}"
    answer = rest.ask("POST", f"/v1/register/{quote(number)}", {"captcha": CAPTCHA})
    assert (answer.status, answer.body) == (201, b"")
    code = RunningSandbox.find(rest.sandbox.environment_file).code(number)
    rest.ask("POST", f"/v1/register/{number}/verify/{code}").expect(201)
    rest.core.account(number)
    assert number in rest.ask("GET", "/v1/accounts").expect(200)
    assert "error" in rest.ask("POST", "/v1/register/12", {}).expect(400)


@case("POST", "/v1/unregister/{number}")
def unregister(rest: RestDaemon) -> None:
    number = rest.add_account()
    rest.ask("POST", f"/v1/unregister/{number}", {"delete_account": True}).expect(204)
    assert not rest.ask("GET", f"/v1/search?numbers={number}").expect(200)[0]["registered"]


@case("POST", "/v1/accounts/{number}/rate-limit-challenge")
def rate_limit_challenge(rest: RestDaemon) -> None:
    path = f"/v1/accounts/{rest.number}/rate-limit-challenge"
    stranger = rest.add_stranger()
    sandbox = RunningSandbox.find(rest.sandbox.environment_file)
    sandbox.fault("challenge")
    try:
        refused = send(rest, recipients=[stranger], message="too many").expect(429)
        assert refused["account"] == rest.number
        (token,) = refused["challenge_tokens"]
        captcha = f"signalcaptcha://{solved_captcha('challenge')}"
        rest.ask("POST", path, {"challenge_token": token, "captcha": captcha}).expect(204)
    finally:
        sandbox.clear_faults()
    send(rest, recipients=[stranger], message="again").expect(201)
    assert "error" in rest.ask("POST", path, {"captcha": captcha}).expect(400)


@case("PUT", "/v1/accounts/{number}/settings")
def account_settings(rest: RestDaemon) -> None:
    rest.ask("PUT", f"/v1/profiles/{rest.number}", {"name": "House"}).expect(204)
    body = {"discoverable_by_number": True, "share_number": True}
    rest.ask("PUT", f"/v1/accounts/{rest.number}/settings", body).expect(201)


@case("POST", "/v1/accounts/{number}/username")
@case("DELETE", "/v1/accounts/{number}/username")
def username(rest: RestDaemon) -> None:
    number = rest.add_account()
    path = f"/v1/accounts/{number}/username"
    named = rest.ask("POST", path, {"username": "somebody"}).expect(201)
    assert named["username"].startswith("somebody.")
    assert named["username_link"].startswith("https://signal.me/#eu/")
    rest.ask("DELETE", path).expect(204)


@case("POST", "/v1/accounts/{number}/pin")
@case("DELETE", "/v1/accounts/{number}/pin")
def pin(rest: RestDaemon) -> None:
    path = f"/v1/accounts/{rest.add_account()}/pin"
    rest.ask("POST", path, {"pin": "4711-0815"}).expect(201)
    rest.ask("DELETE", path).expect(204)
    rest.ask("POST", path, {}).expect(400)


# --- devices --------------------------------------------------------------------------------------


@case("GET", "/v1/qrcodelink")
def qr_code(rest: RestDaemon) -> None:
    answer = rest.ask("GET", "/v1/qrcodelink?device_name=desk")
    assert answer.headers["content-type"] == "image/png"
    assert answer.body[16:24] == (256).to_bytes(4, "big") * 2
    rest.ask("GET", "/v1/qrcodelink").expect(400)


@case("GET", "/v1/qrcodelink/raw")
@case("POST", "/v1/devices/{number}")
@case("GET", "/v1/devices/{number}")
@case("DELETE", "/v1/devices/{number}/{device_id}")
def devices(rest: RestDaemon) -> None:
    rest.ask("GET", "/v1/qrcodelink/raw").expect(400)
    # The peer's phone scans it: the daemon becomes a linked device of the peer's account.
    uri = rest.ask("GET", "/v1/qrcodelink/raw?device_name=desk").expect(200)["device_link_uri"]
    rest.peer.run("addDevice", uri=uri)
    deadline = time.monotonic() + 20
    while rest.peer_number not in rest.ask("GET", "/v1/accounts").expect(200):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    listed = rest.ask("GET", f"/v1/devices/{rest.peer_number}").expect(200)
    assert [one["name"] for one in listed if one["id"] != 1] == ["desk"]
    assert all(one["last_seen_timestamp"] > 0 for one in listed)
    # What another device shows can be scanned here as well.
    number = rest.add_account()
    uri = rest.ask("GET", "/v1/qrcodelink/raw?device_name=other").expect(200)["device_link_uri"]
    rest.ask("POST", f"/v1/devices/{number}", {"uri": "sgnl://nothing"}).expect(400)
    linked = next(one["id"] for one in listed if one["id"] != 1)
    rest.peer.run("removeDevice", deviceId=linked)
    rest.ask("DELETE", f"/v1/devices/{number}/7").expect(400)
    rest.ask("DELETE", f"/v1/devices/{number}/x").expect(404)
    rest.ask("DELETE", f"/v1/devices/{rest.peer_number}/local-data").expect(204)


@case("DELETE", "/v1/devices/{number}/local-data")
def local_data(rest: RestDaemon) -> None:
    number = rest.add_account()
    path = f"/v1/devices/{number}/local-data"
    assert "error" in rest.ask("DELETE", path).expect(400)  # it is still registered
    rest.ask("DELETE", path, {"ignore_registered": True}).expect(204)
    deadline = time.monotonic() + 20
    while number in rest.ask("GET", "/v1/accounts").expect(200):
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- messages -------------------------------------------------------------------------------------


@case("POST", "/v1/send")
def send_v1(rest: RestDaemon) -> None:
    text = unique("old")
    body: dict[str, Any] = {
        "number": rest.number,
        "recipients": [rest.peer_number],
        "message": text,
    }
    answer = rest.ask("POST", "/v1/send", {**body, "base64_attachment": PICTURE}).expect(201)
    envelope = rest.peer.next_text(text)
    assert answer["timestamp"] == str(envelope["timestamp"])
    assert envelope["dataMessage"]["attachments"][0]["contentType"] == "image/png"
    group = make_group(rest)
    text = unique("old in a group")
    body = {"number": rest.number, "recipients": [group], "message": text, "is_group": True}
    rest.ask("POST", "/v1/send", body).expect(201)
    assert rest.peer.next_text(text)["dataMessage"]["groupInfo"]["groupId"] == internal_id(group)


@case("POST", "/v2/send")
def send_v2(rest: RestDaemon) -> None:
    text = unique("plain")
    answer = send(rest, message=text).expect(201)
    stamp = rest.peer.next_text(text)["timestamp"]
    assert answer["timestamp"] == str(stamp)
    assert answer["timestamps"] == {str(stamp): {"recipients": [rest.peer_number]}}
    # signalbot posts text, and wants a list.
    body = f'{{"number": "{rest.number}", "recipients": ["{rest.peer_number}"], "message": "x"}}'
    listed = rest.ask("POST", "/v2/send", body.encode(), Content_Type="text/plain; charset=utf-8")
    assert [set(one) >= {"timestamp"} for one in listed.expect(201)] == [True]
    # Styles, a quote, a mention, an attachment with a name, an edit.
    send(
        rest,
        message="**bold** and \\*not\\* @",
        text_mode="styled",
        quote_timestamp=stamp,
        quote_author=rest.number,
        quote_message=text,
        base64_attachments=[f"data:image/png;filename=dot.png;base64,{PICTURE}", PICTURE],
        mentions=[{"start": 15, "length": 1, "author": rest.peer_number}],
    ).expect(201)
    message = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("quote"))[
        "dataMessage"
    ]
    assert message["message"].startswith("bold and *not* ")
    assert message["textStyles"] == [{"style": "BOLD", "start": 0, "length": 4}]
    assert message["quote"]["id"] == stamp
    assert message["mentions"][0]["uuid"] == rest.peer.uuid
    assert [one["filename"] for one in message["attachments"]] == ["dot.png", "attachment.png"]
    send(rest, message="changed", edit_timestamp=stamp).expect(201)
    edit = rest.peer.next_with(lambda one: "editMessage" in one)["editMessage"]
    assert edit["targetSentTimestamp"] == stamp
    link = {"url": "https://example.org/a", "title": "A", "base64_thumbnail": PICTURE}
    send(rest, message="see https://example.org/a", link_preview=link).expect(201)
    shown = rest.peer.next_text("see https://example.org/a")["dataMessage"]["previews"]
    assert shown[0]["title"] == "A"
    send(rest, message="", view_once=True, base64_attachments=[PICTURE]).expect(201)
    rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("viewOnce"))
    # The recipient as a text, for a NAS.
    text = unique("nas")
    given = {"number": rest.number, "recipient": rest.peer_number, "message": text}
    rest.ask("POST", "/v2/send", given).expect(201)
    rest.peer.next_text(text)


@case("POST", "/v1/send/{recipient}")
def send_to(rest: RestDaemon) -> None:
    text = unique("to one")
    body = {"message": text, "number": rest.number}
    answer = rest.ask("POST", f"/v1/send/{rest.peer_number}", body).expect(201)
    assert answer["timestamp"] == str(rest.peer.next_text(text)["timestamp"])
    group = internal_id(make_group(rest))
    text = unique("to a group")
    path = f"/v1/send/{quote(group.replace('/', '_'), safe='')}"
    rest.ask("POST", path, {"message": text, "number": rest.number}).expect(201)
    assert rest.peer.next_text(text)["dataMessage"]["groupInfo"]["groupId"] == group


@case("GET", "/v1/receive/{number}")
def receive(rest: RestDaemon) -> None:
    text = unique("poll")
    rest.peer.send(rest.number, text)
    found: list[str] = []
    deadline = time.monotonic() + 20
    while text not in found:
        assert time.monotonic() < deadline
        for path in (quote(rest.number), rest.number):
            got = rest.ask("GET", f"/v1/receive/{path}?timeout=1").expect(200)
            found += [one["envelope"].get("dataMessage", {}).get("message") for one in got]
            assert all(one["account"] == rest.number for one in got)
    assert found.count(text) == 1
    for bad in ("timeout=x", "ignore_stories=yes", "max_messages=-1"):
        rest.ask("GET", f"/v1/receive/{rest.number}?{bad}").expect(400)


# --- reactions and receipts -----------------------------------------------------------------------


@case("DELETE", "/v1/remote-delete/{number}")
def remote_delete(rest: RestDaemon) -> None:
    stamp = int(send(rest, message=unique("gone")).expect(201)["timestamp"])
    body = {"recipient": rest.peer_number, "timestamp": stamp}
    answer = rest.ask("DELETE", f"/v1/remote-delete/{rest.number}", body).expect(201)
    assert answer["timestamp"].isdigit()
    deleted = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("remoteDelete"))
    assert deleted["dataMessage"]["remoteDelete"]["timestamp"] == stamp


@case("POST", "/v1/reactions/{number}")
@case("DELETE", "/v1/reactions/{number}")
def reactions(rest: RestDaemon) -> None:
    stamp = rest.peer.send(rest.number, unique("react"))
    body = {
        "recipient": rest.peer_number,
        "reaction": "🦊",
        "target_author": rest.peer_number,
        "timestamp": stamp,
    }
    path = f"/v1/reactions/{rest.number}"
    rest.ask("POST", path, body).expect(204)
    first = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
    assert first["dataMessage"]["reaction"]["emoji"] == "🦊"
    del body["reaction"]
    rest.ask("DELETE", path, body).expect(204)
    second = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
    assert second["dataMessage"]["reaction"]["isRemove"]
    assert "error" in rest.ask("POST", path, body).expect(400)


@case("POST", "/v1/receipts/{number}")
def receipts(rest: RestDaemon) -> None:
    stamp = rest.peer.send(rest.number, unique("read"))
    body = {"recipient": rest.peer_number, "timestamp": stamp, "receipt_type": "viewed"}
    rest.ask("POST", f"/v1/receipts/{rest.number}", body).expect(204)
    rest.peer.next_with(
        lambda one: (
            stamp in one.get("receiptMessage", {}).get("timestamps", [])
            and one["receiptMessage"]["isViewed"]
        )
    )
    rest.ask("POST", f"/v1/receipts/{rest.number}", {**body, "receipt_type": "x"}).expect(400)


@case("PUT", "/v1/typing-indicator/{number}")
@case("DELETE", "/v1/typing-indicator/{number}")
def typing(rest: RestDaemon) -> None:
    path, body = f"/v1/typing-indicator/{rest.number}", {"recipient": rest.peer_number}
    for method, action in (("PUT", "STARTED"), ("DELETE", "STOPPED")):
        rest.ask(method, path, body).expect(204)
        seen = rest.peer.next_with(lambda one: "typingMessage" in one)
        assert seen["typingMessage"]["action"] == action


# --- polls ----------------------------------------------------------------------------------------


@case("POST", "/v1/polls/{number}")
@case("POST", "/v1/polls/{number}/vote")
@case("DELETE", "/v1/polls/{number}")
def polls(rest: RestDaemon) -> None:
    path = f"/v1/polls/{rest.number}"
    body = {"recipient": rest.peer_number, "question": "Tea?", "answers": ["yes", "no"]}
    stamp = rest.ask("POST", path, body).expect(201)["timestamp"]
    rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("pollCreate"))
    vote = {
        "recipient": rest.peer_number,
        "poll_author": rest.number,
        "poll_timestamp": stamp,
        "selected_answers": [2],
    }
    rest.ask("POST", f"{path}/vote", vote).expect(204)
    voted = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("pollVote"))
    assert voted["dataMessage"]["pollVote"]["optionIndexes"] == [1]
    rest.ask("POST", f"{path}/vote", {**vote, "selected_answers": [0]}).expect(400)
    end = {"recipient": rest.peer_number, "poll_timestamp": stamp}
    rest.ask("DELETE", path, end).expect(204)
    rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("pollTerminate"))


# --- groups ---------------------------------------------------------------------------------------


@case("GET", "/v1/groups/{number}")
@case("POST", "/v1/groups/{number}")
@case("GET", "/v1/groups/{number}/{groupid}")
def groups(rest: RestDaemon) -> None:
    id = make_group(
        rest,
        description="all of us",
        expiration_time=3600,
        group_link="enabled",
        permissions={"add_members": "only-admins", "edit_group": "every-member"},
    )
    listed = rest.ask("GET", f"/v1/groups/{rest.number}").expect(200)
    group = next(one for one in listed if one["id"] == id)
    assert group["internal_id"] == internal_id(id)
    assert (group["name"], group["description"]) == ("everybody", "all of us")
    assert (group["member"], group["blocked"]) == (True, False)
    assert set(group["members"]) | set(group["pending_invites"]) >= {rest.number, rest.peer_number}
    assert group["admins"] == [rest.number]
    assert group["invite_link"].startswith("https://signal.group/#")
    assert group["permissions"] == {
        "add_members": "only-admins",
        "edit_group": "every-member",
        "send_messages": "every-member",
    }
    assert group_of(rest, id) == group == group_of(rest, quote(id, safe=""))
    assert {"number": rest.number, "uuid": rest.uuid} in group_of(rest, id, expand="true")[
        "members"
    ]
    rest.ask("GET", f"/v1/groups/{rest.number}?expand=maybe").expect(400)
    unknown = "group." + base64.b64encode(base64.b64encode(bytes(32))).decode()
    assert "error" in rest.ask("GET", f"/v1/groups/{rest.number}/{unknown}").expect(404)


@case("PUT", "/v1/groups/{number}/{groupid}")
@case("GET", "/v1/groups/{number}/{groupid}/avatar")
def change_group(rest: RestDaemon) -> None:
    id = make_group(rest)
    path = f"/v1/groups/{rest.number}/{id}"
    rest.ask("GET", f"{path}/avatar").expect(404)
    body = {
        "name": "other",
        "base64_avatar": PICTURE,
        "permissions": {"send_messages": "only-admins"},
    }
    rest.ask("PUT", path, body).expect(204)
    assert group_of(rest, id)["name"] == "other"
    assert group_of(rest, id)["permissions"]["send_messages"] == "only-admins"
    picture = rest.ask("GET", f"{path}/avatar")
    assert (picture.status, picture.headers["content-type"], picture.body) == (
        200,
        "image/png",
        PNG,
    )


@case("POST", "/v1/groups/{number}/{groupid}/members")
@case("DELETE", "/v1/groups/{number}/{groupid}/members")
@case("POST", "/v1/groups/{number}/{groupid}/admins")
@case("DELETE", "/v1/groups/{number}/{groupid}/admins")
def group_people(rest: RestDaemon) -> None:
    _, id = peers_group(rest)
    path = f"/v1/groups/{rest.number}/{id}"
    third = rest.add_account()
    rest.ask("POST", f"{path}/members", {"members": [third]}).expect(204)
    assert third in str(group_of(rest, id, expand="true"))
    own = make_group(rest)
    path = f"/v1/groups/{rest.number}/{own}"
    rest.ask("POST", f"{path}/members", {"members": [third]}).expect(204)
    present = group_of(rest, own)
    if rest.peer_number in present["members"]:
        rest.ask("POST", f"{path}/admins", {"admins": [rest.peer_number]}).expect(204)
        assert rest.peer_number in group_of(rest, own)["admins"]
        rest.ask("DELETE", f"{path}/admins", {"admins": [rest.peer_number]}).expect(204)
        assert rest.peer_number not in group_of(rest, own)["admins"]
    rest.ask("DELETE", f"{path}/members", {"members": [rest.peer_number]}).expect(204)
    assert rest.peer_number not in group_of(rest, own)["members"]
    rest.ask("POST", f"{path}/members", {}).expect(400)
    unknown = "group." + base64.b64encode(base64.b64encode(bytes(32))).decode()
    for kind in ("members", "admins"):
        missing = f"/v1/groups/{rest.number}/{unknown}/{kind}"
        rest.ask("POST", missing, {kind: [third]}).expect(404)


@case("POST", "/v1/groups/{number}/{groupid}/block")
@case("POST", "/v1/groups/{number}/{groupid}/join")
@case("POST", "/v1/groups/{number}/{groupid}/quit")
@case("DELETE", "/v1/groups/{number}/{groupid}")
def group_membership(rest: RestDaemon) -> None:
    _, id = peers_group(rest)
    path = f"/v1/groups/{rest.number}/{id}"
    rest.ask("POST", f"{path}/join").expect(204)
    assert group_of(rest, id)["member"]
    rest.ask("POST", f"{path}/quit").expect(204)
    assert not group_of(rest, id)["member"]
    rest.ask("POST", f"{path}/block").expect(204)
    assert group_of(rest, id)["blocked"]
    _, id = peers_group(rest)
    answer = rest.ask("DELETE", f"/v1/groups/{rest.number}/{id}")
    assert (answer.status, answer.body) == (200, b"")


@case("POST", "/v1/groups/{number}/{groupid}/pin-message")
@case("DELETE", "/v1/groups/{number}/{groupid}/pin-message")
def group_pins(rest: RestDaemon) -> None:
    id = make_group(rest)
    text = unique("pin me")
    stamp = int(send(rest, recipients=[id], message=text).expect(201)["timestamp"])
    path = f"/v1/groups/{rest.number}/{id}/pin-message"
    body = {"target_author": rest.number, "timestamp": stamp}
    rest.ask("POST", path, {**body, "duration": 86400}).expect(201)
    rest.ask("DELETE", path, body).expect(201)
    rest.ask("POST", path, {"timestamp": stamp}).expect(400)


# --- people ---------------------------------------------------------------------------------------


@case("GET", "/v1/contacts/{number}")
@case("PUT", "/v1/contacts/{number}")
@case("GET", "/v1/contacts/{number}/{uuid}")
def contacts(rest: RestDaemon) -> None:
    body = {"recipient": rest.peer_number, "name": "Peer", "expiration_in_seconds": 0}
    rest.ask("PUT", f"/v1/contacts/{rest.number}", body).expect(204)
    listed = rest.ask("GET", f"/v1/contacts/{rest.number}?all_recipients=true").expect(200)
    peer = next(one for one in listed if one["number"] == rest.peer_number)
    assert (peer["name"], peer["uuid"]) == ("Peer", rest.peer.uuid)
    assert set(peer) == {
        *("number", "uuid", "name", "profile_name", "username", "color", "blocked"),
        *("message_expiration", "note", "given_name", "profile", "nickname"),
    }
    path = f"/v1/contacts/{rest.number}/{rest.peer.uuid}"
    assert rest.ask("GET", path).expect(200) == peer
    rest.ask("GET", f"/v1/contacts/{rest.number}/{rest.peer.uuid[::-1]}").expect(404)


@case("POST", "/v1/contacts/{number}/sync")
def sync_contacts(rest: RestDaemon) -> None:
    rest.ask("POST", f"/v1/contacts/{rest.number}/sync").expect(204)


@case("GET", "/v1/contacts/{number}/{uuid}/avatar")
@case("PUT", "/v1/profiles/{number}")
def profile(rest: RestDaemon) -> None:
    path = f"/v1/profiles/{rest.number}"
    rest.ask("PUT", path, {"name": "Me", "about": "here", "base64_avatar": PICTURE}).expect(204)
    avatar = f"/v1/contacts/{rest.number}/{rest.uuid}/avatar"
    picture = rest.ask("GET", avatar)
    assert (picture.status, picture.headers["content-type"], picture.body) == (
        200,
        "image/png",
        PNG,
    )
    rest.ask("PUT", path, {"name": "Me"}).expect(204)
    rest.ask("GET", avatar).expect(404)
    rest.ask("PUT", path, {"name": ""}).expect(400)


@case("GET", "/v1/identities/{number}")
@case("PUT", "/v1/identities/{number}/trust/{number_to_trust}")
def identities(rest: RestDaemon) -> None:
    def peer() -> dict[str, Any]:
        listed = rest.ask("GET", f"/v1/identities/{rest.number}").expect(200)
        found: dict[str, Any] = next(one for one in listed if one["number"] == rest.peer_number)
        return found

    assert peer()["added"].isdigit()
    path = f"/v1/identities/{rest.number}/trust/{quote(rest.peer_number)}"
    rest.ask("PUT", path, {"trust_all_known_keys": True}).expect(204)
    body = {"verified_safety_number": peer()["safety_number"]}
    rest.ask("PUT", path, body).expect(204)
    assert peer()["status"] == "TRUSTED_VERIFIED"
    for wrong in ({}, {**body, "trust_all_known_keys": True}, {"verified_safety_number": "1"}):
        rest.ask("PUT", path, wrong).expect(400)


@case("GET", "/v1/search")
@case("GET", "/v1/search/{number}")
def search(rest: RestDaemon) -> None:
    nobody = "+15559999999"
    words = f"number={rest.number}&numbers={rest.peer_number}&numbers={quote(nobody)}"
    expected = [
        {"number": rest.peer_number, "registered": True},
        {"number": nobody, "registered": False},
    ]
    assert rest.ask("GET", f"/v1/search?{words}").expect(200) == expected
    assert rest.ask("GET", f"/v1/search/{rest.number}?{words}").expect(200) == expected
    rest.ask("GET", f"/v1/search/{rest.number}").expect(400)


# --- attachments and stickers ---------------------------------------------------------------------


@case("GET", "/v1/attachments")
@case("GET", "/v1/attachments/{attachment:path}")
@case("DELETE", "/v1/attachments/{attachment:path}")
def attachments(rest: RestDaemon) -> None:
    id = come_with_picture(rest, unique("picture"))
    assert id in rest.ask("GET", "/v1/attachments").expect(200)
    answer = rest.ask("GET", f"/v1/attachments/{id}")
    assert (answer.status, answer.body) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(PNG))
    rest.ask("DELETE", f"/v1/attachments/{id}").expect(204)
    rest.ask("GET", f"/v1/attachments/{id}").expect(404)
    rest.ask("DELETE", f"/v1/attachments/{id}").expect(404)
    for trick in ("..%2Faccount.db", "%2Fetc%2Fpasswd", "..", "a%2F..%2Fb"):
        rest.ask("GET", f"/v1/attachments/{trick}").expect(400)


@case("GET", "/v1/sticker-packs/{number}")
@case("POST", "/v1/sticker-packs/{number}")
def sticker_packs(rest: RestDaemon) -> None:
    import json

    folder = Path(rest.folder.parent) / unique("pack").replace(" ", "")
    folder.mkdir()
    (folder / "1.png").write_bytes(PNG)
    manifest = {"title": "Dots", "author": "A", "stickers": [{"file": "1.png", "emoji": "👍"}]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    link = rest.peer.run("uploadStickerPack", path=str(folder))["url"]
    pack_id, pack_key = (word.partition("=")[2] for word in link.partition("#")[2].split("&"))
    path = f"/v1/sticker-packs/{rest.number}"
    rest.ask("POST", path, {"pack_id": pack_id, "pack_key": pack_key}).expect(201)
    listed = rest.ask("GET", path).expect(200)
    pack = next(one for one in listed if one["pack_id"] == pack_id)
    assert pack["installed"]
    assert pack["url"] == link
    rest.ask("POST", path, {"pack_id": "x", "pack_key": pack_key}).expect(400)


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("show", dict.fromkeys(CASES.values()), ids=lambda one: one.__name__)
def test_route(rest: RestDaemon, show: Callable[[RestDaemon], None]) -> None:
    show(rest)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"recipients": []}, "recipient"),
        ({"number": None}, "number"),
        ({"sticker": "abc"}, "sticker"),
        ({"view_once": True}, "view_once"),
        ({"recipients": ["+15550000001", "some.01"]}, "usernames"),
        ({"link_preview": {"url": "http://a", "title": "A"}}, "https"),
        ({"link_preview": {"url": "https://a", "title": ""}}, "title"),
        ({"link_preview": {"url": "https://a", "title": "A"}, "message": "b"}, "message"),
        ({"base64_attachments": ["!"]}, "base64"),
        ({"base64_attachments": ["/etc/passwd!"]}, "base64"),
        ({"message": 5}, "message"),
        ({"recipients": ["0015550000001"]}, "+15550000001"),
        ({"recipients": ["15550000001"]}, "+15550000001"),
        ({"recipients": ["A" * 43 + "="]}, "group.QUFB"),
        ({"quote_timestamp": 1, "quote_author": "15550000001"}, "+15550000001"),
    ],
)
def test_what_cannot_be_sent_is_said(rest: RestDaemon, body: dict[str, Any], word: str) -> None:
    refused = send(rest, **{"message": "m", **body}).expect(400)
    assert word in refused["error"]


def test_numbers_are_read_as_people_write_them(rest: RestDaemon) -> None:
    digits = rest.peer_number.removeprefix("+")
    for word in (f"tel:+{digits}", f"\u202a+{digits[:4]}-{digits[4:]}\u202c"):
        send(rest, recipients=[word], message="m").expect(201)


def test_a_group_without_anybody_else_is_not_reached(rest: RestDaemon) -> None:
    group = make_group(rest, members=[])
    for body in ({}, {"notify_self": False}):
        refused = send(rest, recipients=[group], message="m", **body).expect(400)
        assert refused["code"] == "nobodyInGroup"
    # Who asks for a copy of their own is reached.
    send(rest, recipients=[group], message="m", notify_self=True).expect(201)


def test_groups_stand_alone(rest: RestDaemon) -> None:
    group = make_group(rest)
    for others in ([group], [rest.peer_number], ["some.01"]):
        refused = send(rest, recipients=[group, *others], message="m").expect(400)
        assert "error" in refused


def test_bodies_are_json_whatever_is_said_of_them(rest: RestDaemon) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        answer = rest.ask("POST", "/v2/send", b"{no json", Content_Type=content_type)
        assert answer.expect(400)["error"] == "Couldn't process request - invalid request"
    unknown = rest.ask("GET", "/v1/nothing")
    assert (unknown.status, unknown.body) == (404, b"404 page not found")


def test_an_account_that_is_not_here(rest: RestDaemon) -> None:
    assert "error" in rest.ask("GET", "/v1/groups/+15550000000").expect(400)


def test_the_answer_to_a_send_and_the_text_mode_can_be_set(
    rest: RestDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wanted, kind in (("array", list), ("object", dict)):
        configured = {"rest_send_answer": wanted, "rest_text_mode": "styled"}
        settings = replace(rest.core.settings, daemon=configured)
        monkeypatch.setattr(rest.core, "settings", settings)
        for content_type in ("application/json", "text/plain"):
            given = {"number": rest.number, "recipients": [rest.peer_number]}
            body = json.dumps({**given, "message": f"*{wanted}* {content_type}"}).encode()
            answer = rest.ask("POST", "/v2/send", body, Content_Type=content_type).expect(201)
            assert isinstance(answer, kind)
            message = rest.peer.next_text(f"{wanted} {content_type}")["dataMessage"]
            assert [one["style"] for one in message["textStyles"]] == ["ITALIC"]
    plain = {**given, "message": "*as it is*", "text_mode": "normal"}
    rest.ask("POST", "/v2/send", plain).expect(201)
    assert "textStyles" not in rest.peer.next_text("*as it is*")["dataMessage"]
