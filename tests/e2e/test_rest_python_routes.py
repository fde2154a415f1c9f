"""Every route of python-signal-cli-rest-api's interface, asked over HTTP, in a table."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from sigcli.daemon.rest_python.flavour import REST_PYTHON, routes
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.rest_daemon import RestDaemon

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Show = Callable[[RestDaemon], None]
CASES: dict[tuple[str, str], Show] = {}
GROUP = "/v1/groups/{number}/{groupid:path}"


def case(method: str, path: str) -> Callable[[Show], Show]:
    """The function below shows a route."""

    def note(function: Show) -> Show:
        CASES[method, path] = function
        return function

    return note


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestDaemon]:
    with RestDaemon(sandbox, tmp_path_factory.mktemp("rest"), routes) as daemon:
        yield daemon


def unique(text: str) -> str:
    return f"{text} {time.monotonic_ns()}"


def make_group(rest: RestDaemon, **body: Any) -> str:
    """A group with the peer in it."""
    given = {"name": "everybody", "members": [rest.peer_number], **body}
    made = rest.ask("POST", f"/v1/groups/{rest.number}", given).expect(201)
    assert made["id"] == made["group_id"]
    id: str = made["id"]
    return id


def is_error(body: Any, status: int) -> bool:
    """Whether both kinds of clients find what they look for."""
    return (
        body["error"] == body["message"] != ""
        and body["status"] == status
        and body["description"] in ("Bad Request", "Not Found")
    )


@case("GET", "/v1/about")
def about(rest: RestDaemon) -> None:
    told = rest.ask("GET", "/v1/about").expect(200)
    assert told == {"mode": "json-rpc", "versions": ["v1", "v2"], "signal_cli": "0.14.6"}
    assert rest.ask("GET", "/v1/about/").expect(200) == told


@case("POST", "/v1/configuration")
def configuration(rest: RestDaemon) -> None:
    body = {"logging": {"level": "WARNING"}}
    assert rest.ask("POST", "/v1/configuration", body).expect(200) == body
    assert is_error(rest.ask("POST", "/v1/configuration", {}).expect(400), 400)


@case("GET", "/v1/search")
def search(rest: RestDaemon) -> None:
    words = f"numbers={rest.peer_number.removeprefix('+')}&numbers=%2B15559999999"
    found = rest.ask("GET", f"/v1/search?{words}").expect(200)
    assert found == [{"number": rest.peer_number, "registered": True}]


@case("POST", "/v1/register/{number}")
@case("POST", "/v1/register/{number}/verify/{token}")
def register(rest: RestDaemon) -> None:
    number = f"+1556{time.monotonic_ns() % 10**7:07}"
    answer = rest.ask("POST", f"/v1/register/{number}", {"captcha": CAPTCHA})
    assert (answer.status, answer.body) == (201, b"null")
    code = RunningSandbox.find(rest.sandbox.environment_file).code(number)
    answer = rest.ask("POST", f"/v1/register/{number}/verify/{code}", {})
    assert (answer.status, answer.body) == (201, b"null")
    assert rest.core.account(number).entry.number == number


@case("PUT", "/v1/profiles/{number}")
def profile(rest: RestDaemon) -> None:
    body = {"name": "A", "family_name": "B", "about": "c", "base64_avatar": PICTURE}
    rest.ask("PUT", f"/v1/profiles/{rest.number}", body).expect(204)
    assert is_error(rest.ask("PUT", f"/v1/profiles/{rest.number}", {"about": "c"}).expect(400), 400)


@case("POST", "/v2/send")
def send(rest: RestDaemon) -> None:
    group, text = make_group(rest), unique("to all")
    body = {
        "recipients": [rest.peer_number, group],
        "message": text,
        "number": rest.number,
        "base64_attachments": [PICTURE],
        "mentions": [f"0:1:{rest.peer_number}"],
    }
    answer = rest.ask("POST", "/v2/send", body).expect(201)
    recipients = [one["recipients"] for one in answer["timestamps"].values()]
    assert recipients == [[rest.peer_number], [group]]
    assert answer["timestamp"] in answer["timestamps"]
    first = rest.peer.next_text(text)["dataMessage"]
    assert first["attachments"][0]["contentType"] == "image/png"
    assert first["mentions"][0]["uuid"] == rest.peer.uuid
    for wrong in (["nobody"], ["+15559999999"], [base64.b64encode(bytes(32)).decode()]):
        refused = rest.ask("POST", "/v2/send", {**body, "recipients": [rest.peer_number, *wrong]})
        assert refused.expect(400)["error"] == f"invalid recipient(s): {wrong[0]}"
    refused = rest.ask("POST", "/v2/send", {**body, "recipients": [" "]})
    assert refused.expect(400)["error"] == "no recipient(s) submitted"


@case("POST", "/v1/send/{recipient:path}")
def send_to(rest: RestDaemon) -> None:
    for recipient in (rest.peer_number, make_group(rest)):
        text = unique("to one")
        path = f"/v1/send/{recipient.replace('/', '_')}"
        answer = rest.ask("POST", path, {"message": text, "number": rest.number}).expect(201)
        stamp = str(rest.peer.next_text(text)["timestamp"])
        assert answer == {"timestamp": stamp, "timestamps": {stamp: {"recipients": [recipient]}}}


@case("POST", "/v1/reactions/{number}")
@case("DELETE", "/v1/reactions/{number}")
def reactions(rest: RestDaemon) -> None:
    path, stamp = f"/v1/reactions/{rest.number}", rest.peer.send(rest.number, unique("react"))
    body = {"recipient": rest.peer_number, "target_author": rest.peer_number, "timestamp": stamp}
    answer = rest.ask("POST", path, {**body, "reaction": "🦊"}).expect(200)
    assert isinstance(answer["timestamp"], int)
    seen = rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction"))
    assert seen["timestamp"] == answer["timestamp"]
    assert rest.ask("DELETE", path, body).expect(200)["timestamp"] > answer["timestamp"]
    rest.peer.next_with(lambda one: one.get("dataMessage", {}).get("reaction", {}).get("isRemove"))
    assert is_error(rest.ask("POST", path, body).expect(400), 400)


@case("GET", "/v1/groups/{number}")
@case("POST", "/v1/groups/{number}")
@case("GET", GROUP)
@case("PATCH", GROUP)
def groups(rest: RestDaemon) -> None:
    id = make_group(rest, description="all", message_expiration_timer=60, base64_avatar=PICTURE)
    listed = rest.ask("GET", f"/v1/groups/{rest.number}").expect(200)
    group = next(one for one in listed if one["id"] == id)
    assert set(group) == {
        *("blocked", "id", "invite_link", "members", "name", "pending_invites"),
        *("pending_requests", "message_expiration_timer", "admins", "description"),
    }
    assert (group["message_expiration_timer"], group["description"]) == (60, "all")
    assert group["admins"] == [rest.number]
    assert group["invite_link"] is None
    # Raw, encoded, with a slash at the end.
    for written in (id, quote(id, safe=""), f"{id}/"):
        assert rest.ask("GET", f"/v1/groups/{rest.number}/{written}").expect(200) == group
    third = rest.add_account()
    body = {"group_link": "enabled", "add_members": [third]}
    changed = rest.ask("PATCH", f"/v1/groups/{rest.number}/{id}", body).expect(200)
    assert changed["invite_link"].startswith("https://signal.group/#")
    assert third in str(changed)
    kept = rest.ask("PATCH", f"/v1/groups/{rest.number}/{id}", {}).expect(200)
    assert kept["invite_link"] == changed["invite_link"]
    unknown = rest.ask("GET", f"/v1/groups/{rest.number}/{base64.b64encode(bytes(32)).decode()}")
    assert is_error(unknown.expect(404), 404)


@case("DELETE", GROUP)
@case("POST", f"{GROUP}/quit")
@case("POST", f"{GROUP}/join")
def membership(rest: RestDaemon) -> None:
    made = rest.peer.run("updateGroup", name="open", link="enabled")
    (group,) = (one for one in rest.peer.run("listGroups") if one["id"] == made["groupId"])
    link = group["groupInviteLink"]
    path = f"/v1/groups/{rest.number}"
    rest.ask("POST", f"{path}/{quote(link, safe='')}/join").expect(204)
    rest.ask("POST", f"{path}/{made['groupId']}/quit").expect(204)
    # The part behind the # is enough.
    rest.ask("POST", f"{path}/{link.partition('#')[2]}/join").expect(204)
    rest.ask("DELETE", f"{path}/{made['groupId']}").expect(204)
    listed = rest.ask("GET", path).expect(200)
    assert made["groupId"] not in [one["id"] for one in listed]


def test_each_route_has_its_case() -> None:
    assert {(route.method, route.path) for route in REST_PYTHON.routes} == set(CASES)


@pytest.mark.parametrize("show", dict.fromkeys(CASES.values()), ids=lambda one: one.__name__)
def test_route(rest: RestDaemon, show: Show) -> None:
    show(rest)


def test_what_is_not_there(rest: RestDaemon) -> None:
    answer = rest.ask("GET", "/v1/x").expect(404)
    assert is_error(answer, 404)
    assert answer["message"] == "Requested URL /v1/x not found"


def test_the_sender_can_be_left_out_where_there_is_one_account(
    sandbox: Sandbox, tmp_path: Any
) -> None:
    with RestDaemon(sandbox, tmp_path, routes) as alone:
        body = {"recipients": [alone.peer_number], "message": "m"}
        alone.ask("POST", "/v2/send", body).expect(201)
        alone.add_account()
        refused = alone.ask("POST", "/v2/send", body).expect(400)
        assert "number" in refused["message"]
