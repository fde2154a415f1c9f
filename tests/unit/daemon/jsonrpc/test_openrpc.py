from __future__ import annotations

import jsonschema

from sigcli.daemon.jsonrpc.methods import OWN_METHODS, operations
from sigcli.daemon.jsonrpc.openrpc import document
from sigcli.operations.table import OPERATIONS


def test_every_method_is_described() -> None:
    described = {one["name"]: one for one in document(is_single=False)["methods"]}
    assert set(described) == (set(OWN_METHODS) | set(operations())) - {"rpc.discover"}
    for one in described.values():
        names = [param["name"] for param in one["params"]]
        assert len(set(names)) == len(names)
        assert one["summary"]
        for schema in (*(param["schema"] for param in one["params"]), one["result"]["schema"]):
            jsonschema.Draft202012Validator.check_schema(schema)
    assert described["send"]["x-scope"] == OPERATIONS["send"].scope
    assert "account" in [one["name"] for one in described["send"]["params"]]
    assert "messageFromStdin" not in [one["name"] for one in described["send"]["params"]]
    assert described["subscribeReceive"]["result"]["schema"]["type"] == "integer"
    assert {"required": True, "name": "deviceLinkUri"}.items() <= described["finishLink"]["params"][
        0
    ].items()


def test_for_one_account_it_has_what_can_be_called() -> None:
    names = {one["name"] for one in document(is_single=True)["methods"]}
    assert names.isdisjoint({"register", "verify", "listAccounts", "startLink", "finishLink"})
    assert {"send", "version", "receive"} <= names
