"""The OpenRPC document of all methods, made from their declarations.

Format: https://spec.open-rpc.org/ 1.3.2.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sigcli.daemon.jsonrpc.methods import OWN_METHODS, operations
from sigcli.daemon.signal_cli import VERSION
from sigcli.operations.declaring import load
from sigcli.operations.schemas import parameters_schema, returned_schema
from sigcli.operations.table import ACCOUNT, OPERATIONS, SETTINGS

if TYPE_CHECKING:
    from sigcli.daemon.jsonrpc.context import Method

_ACCOUNT = {
    "name": "account",
    "description": "number or ACI of the account, if there are several",
    "schema": {"type": "string"},
}


@cache
def document(*, is_single: bool) -> dict[str, Any]:
    """The methods of a daemon that serves one account, or all."""
    methods = [
        _own(method)
        for method in OWN_METHODS.values()
        if not (is_single and method.several_only) and method.name != "rpc.discover"
    ]
    for name in operations():
        if not (is_single and OPERATIONS[name].needs == SETTINGS):
            methods.append(_operation(name, is_single=is_single))
    return {
        "openrpc": "1.3.2",
        "info": {
            "title": "sigcli",
            "description": "signal-cli's JSON-RPC interface, with sigcli's additions",
            "version": VERSION,
        },
        "methods": sorted(methods, key=lambda method: str(method["name"])),
    }


def _operation(name: str, *, is_single: bool) -> dict[str, Any]:
    declared, entry = load(name), OPERATIONS[name]
    params = _params(declared.parameters_schema())
    if not is_single and name != "listAccounts":
        params.append({**_ACCOUNT, "required": entry.needs != ACCOUNT})
    return {
        "name": name,
        "summary": entry.summary,
        "description": _text(declared.__doc__),
        "paramStructure": "by-name",
        "params": params,
        "result": {"name": "result", "schema": declared.result_schema()},
        "x-scope": entry.scope,
    }


def _own(method: type[Method]) -> dict[str, Any]:
    text = _text(method.__doc__)
    return {
        "name": method.name,
        "summary": text.partition("\n")[0].rstrip("."),
        "description": text,
        "paramStructure": "by-name",
        "params": _params(parameters_schema(method)),
        "result": {"name": "result", "schema": returned_schema(method.call)},
        "x-scope": method.scope,
    }


def _params(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "description": one.get("description", ""),
            "required": name in required,
            "schema": {key: value for key, value in one.items() if key != "description"},
        }
        for name, one in schema["properties"].items()
    ]


def _text(doc: str | None) -> str:
    return "\n".join(line.strip() for line in (doc or "").strip().splitlines())
