"""Requests made from the OpenAPI documents: each answer is one that the document describes, and none is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sigcli.daemon.openapi import openapi_document
from sigcli.daemon.rest.flavour import REST
from sigcli.daemon.rest.flavour import routes as rest_routes
from sigcli.daemon.rest_python.flavour import REST_PYTHON
from sigcli.daemon.rest_python.flavour import routes as rest_python_routes
from sigcli.daemon.routes.flavour import Flavour
from sigcli.sandbox.server import Sandbox
from tests.support.rest_daemon import RestDaemon, Routes

EXAMPLES = 8
FLAVOURS: dict[str, tuple[Flavour, Routes]] = {
    "rest": (REST, rest_routes),
    "rest-python": (REST_PYTHON, rest_python_routes),
}


@pytest.fixture(scope="module", params=sorted(FLAVOURS))
def served(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flavour, RestDaemon]]:
    flavour, routes = FLAVOURS[request.param]
    with RestDaemon(sandbox, tmp_path_factory.mktemp("rest"), routes) as daemon:
        yield flavour, daemon


def test_the_document_and_its_page_are_served(served: tuple[Flavour, RestDaemon]) -> None:
    flavour, daemon = served
    assert daemon.ask("GET", flavour.documents).expect(200) == openapi_document(flavour)
    folder = flavour.page.rpartition("/")[0]
    for path, kind in (
        (flavour.page, "text/html"),
        (f"{folder}/page.js", "text/javascript"),
        (f"{folder}/page.css", "text/css"),
    ):
        answer = daemon.ask("GET", path)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(kind)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    lead = daemon.ask("GET", folder)
    assert (lead.status, lead.headers["location"]) == (307, flavour.page.removeprefix("/"))


def test_answers_are_as_described(served: tuple[Flavour, RestDaemon]) -> None:
    """Of every route, with requests that fit the document and with the account that is here."""
    import schemathesis  # here, lest each worker of a run loads it for its collection
    from schemathesis.core.result import Ok

    flavour, daemon = served
    schema = schemathesis.openapi.from_dict(openapi_document(flavour))
    seen = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path.startswith("/v1/qrcodelink"):
            continue  # each of them begins to link a device
        _try(operation, daemon)
        seen += 1
    assert seen >= len(flavour.routes) - 2


def _try(operation: Any, daemon: RestDaemon) -> None:
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    strategy = operation.as_strategy()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=strategy)
    def attempt(case: Any) -> None:
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = daemon.number
        if case.query and "timeout" in case.query:
            case.query["timeout"] = 0
        response = case.call(base_url=daemon.url, timeout=60)
        assert response.status_code < 500, (operation.label, response.text)
        case.validate_response(
            response,
            checks=[
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    attempt()
