from __future__ import annotations

import json
import re
from importlib.resources import files

import jsonschema
import pytest

from sigcli.daemon.openapi import openapi_document
from sigcli.daemon.rest.flavour import REST
from sigcli.daemon.rest_python.flavour import REST_PYTHON
from sigcli.daemon.routes.flavour import Flavour


@pytest.mark.parametrize("flavour", [REST, REST_PYTHON], ids=lambda one: one.name)
def test_the_document_holds_every_route(flavour: Flavour) -> None:
    document = openapi_document(flavour)
    json.dumps(document)
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {
        (route.method, route.path.replace(":path}", "}")) for route in flavour.routes
    }
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    for path, methods in document["paths"].items():
        for one in methods.values():
            named = {given["name"] for given in one["parameters"] if given["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            assert one["summary"]
            for answer in one["responses"].values():
                for media in answer.get("content", {}).values():
                    jsonschema.Draft202012Validator.check_schema(media.get("schema", {}))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    for name in ("page.html", "page.js", "page.css"):
        text = files("sigcli.daemon.pages").joinpath(name).read_text("utf-8")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]", text)
        assert "innerHTML" not in text
