"""The same access on every port and every route: JSON-RPC, both REST interfaces, events and metrics."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from sigcli.daemon.access.caller import ALL_SCOPES
from sigcli.daemon.http.gate import OPEN_PATHS
from sigcli.daemon.http.json_rpc import routes as rpc_routes
from sigcli.daemon.rest.flavour import REST
from sigcli.daemon.rest.flavour import routes as rest_routes
from sigcli.daemon.rest_python.flavour import REST_PYTHON
from sigcli.daemon.rest_python.flavour import routes as rest_python_routes
from tests.unit.daemon.http.conftest import Site, serving
from tests.unit.daemon.test_core import OTHER_ACI, add_second

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.daemon.routes.flavour import Flavour
    from tests.unit.daemon.conftest import Desk

OWN, OTHER = "%2B15550100", "%2B15550101"
PORTS = {
    "http": (rpc_routes, None),
    "rest": (rest_routes, REST),
    "rest-python": (rest_python_routes, REST_PYTHON),
}


def places_of(flavour: Flavour | None, number: str = OWN) -> list[tuple[str, str]]:
    """Method and path of everything that is served there and is not open to all."""
    found = [("GET", "/metrics"), ("GET", "/nowhere")]
    if flavour is None:
        found += [("POST", "/api/v1/rpc"), ("GET", "/api/v1/events")]
    else:
        found += [("GET", flavour.documents), ("GET", flavour.page)]
        found += [(route.method, filled(route.path, number)) for route in flavour.routes]
    return [(method, path) for method, path in found if path not in OPEN_PATHS]


def filled(path: str, number: str) -> str:
    parts = path.replace("{number}", number).split("/")
    return "/".join("x" if part.startswith("{") else part for part in parts)


@pytest.fixture(params=sorted(PORTS))
def port(request: pytest.FixtureRequest, desk: Desk) -> Iterator[tuple[Site, Flavour | None]]:
    routes, flavour = PORTS[request.param]
    with serving(desk, served=routes) as site:
        yield site, flavour


def test_without_a_token_nothing_is_learned_anywhere(port: tuple[Site, Flavour | None]) -> None:
    site, flavour = port
    said = set()
    for at, (method, path) in enumerate(places_of(flavour)):
        # Whoever tries many tokens is soon sent away.
        for token in (None, "wrong") if at < 20 else (None,):
            answer = site.ask(method, path, token=token)
            assert answer.status == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Basic ")
            said.add(answer.body)
    assert len(said) == 1


def test_web_pages_and_foreign_names_are_refused_everywhere(
    port: tuple[Site, Flavour | None],
) -> None:
    site, flavour = port
    for method, path in places_of(flavour):
        assert site.ask(method, path, Host="evil.example").status == 421, (method, path)
        answer = site.ask(method, path, Origin="https://evil.example")
        assert answer.status == 403, (method, path)


def test_every_form_of_a_token_opens_every_port(port: tuple[Site, Flavour | None]) -> None:
    site, _ = port
    assert site.ask("GET", "/metrics").status == 200
    assert site.ask("GET", f"/t/{site.token}/metrics", token=None).status == 200
    site.tokens.remove("bot")
    assert site.ask("GET", f"/t/{site.token}/metrics", token=None).status == 401


def test_a_token_for_one_account_gets_nothing_of_another(
    port: tuple[Site, Flavour | None], desk: Desk
) -> None:
    site, flavour = port
    add_second(desk.folder)[0].account.close()
    other = site.tokens.create(
        "other",
        os.urandom,
        int(time.time() * 1000),
        scopes=ALL_SCOPES,
        accounts=frozenset({str(OTHER_ACI)}),
    )
    own_aci = str(desk.core.account("+15550100").entry.aci)
    shown = site.ask("GET", "/metrics", token=other)
    assert shown.status == 200
    assert own_aci.encode() not in shown.body
    if flavour is None:
        for method in ("listContacts", "getAttachment", "listConsumers", "send"):
            answer = site.call(method, token=other, account="+15550100", id=1, message="x")
            assert "error" in answer, method
        assert site.ask("GET", f"/api/v1/events?account={OWN}", token=other).status == 403
        return
    refused = 0
    for route in flavour.routes:
        if "{number}" not in route.path or route.path.endswith("/local-data"):
            continue
        answer = site.ask(route.method, filled(route.path, OWN), token=other)
        assert answer.status >= 400, (route.method, route.path, answer.body)
        # What lacks a body is refused for that, before anybody looks for the account.
        refused += answer.status == 403
        assert own_aci.encode() not in answer.body
    assert refused >= 2


def test_a_token_has_its_scopes_everywhere(port: tuple[Site, Flavour | None]) -> None:
    site, flavour = port
    sender = site.tokens.create(
        "sender", os.urandom, int(time.time() * 1000), scopes=frozenset({"send"})
    )
    assert site.ask("GET", "/metrics", token=sender).status == 403
    if flavour is None:
        assert site.call("listContacts", token=sender)["error"]["code"] == -1
        assert site.ask("GET", "/api/v1/events", token=sender).status == 403
        return
    paths = {
        "rest": ("/v1/contacts", "/v1/groups", "/v1/identities", "/v1/devices", "/v1/receive"),
        "rest-python": ("/v1/groups",),
    }
    for path in paths[flavour.name]:
        answer = site.ask("GET", f"{path}/{OWN}", token=sender)
        assert answer.status == 403, (path, answer.body)
        assert "scope" in answer.json()["error"]
