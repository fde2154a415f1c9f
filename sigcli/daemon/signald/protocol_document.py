"""``protocol``: the requests that are served, described from their declarations."""

from __future__ import annotations

from typing import Any

from sigcli import __version__
from sigcli.daemon.signald.declaring import REQUESTS, Declared, Field, Structure


def protocol_document() -> dict[str, Any]:
    """The requests in the format of signald's own document: ``types`` and ``actions``, by version and name."""
    from sigcli.daemon.signald import older, requests

    assert requests is not None
    assert older is not None
    types: dict[str, dict[str, Any]] = {}
    actions: dict[str, dict[str, Any]] = {}
    for (version, name), declared in sorted(REQUESTS.items()):
        actions.setdefault(version, {})[name] = _action(declared)
        _add(types, declared.request)
        if declared.answer is not None:
            _add(types, declared.answer)
    return {
        "doc_version": "v1",
        "version": {
            "name": "signald",
            "version": "0.23.2",
            "branch": "sigcli",
            "commit": __version__,
        },
        "info": "Requests that sigcli serves as signald did.",
        "types": types,
        "actions": actions,
    }


def _action(declared: Declared) -> dict[str, Any]:
    return {
        "request": declared.request.name,
        "response": None if declared.answer is None else declared.answer.name,
        "doc": declared.doc,
    }


def _add(types: dict[str, dict[str, Any]], structure: Structure) -> None:
    known = types.setdefault(structure.version, {})
    if structure.name in known:
        return
    known[structure.name] = {
        "doc": structure.doc or None,
        "fields": {field.name: _field(field) for field in structure.fields},
        "exactly_one": [list(names) for names in structure.exactly_one] or None,
        "at_least_one": [list(names) for names in structure.at_least_one] or None,
    }
    for field in structure.fields:
        if isinstance(field.kind, Structure):
            _add(types, field.kind)


def _field(field: Field) -> dict[str, Any]:
    return {
        "type": field.type_name,
        "version": None if isinstance(field.kind, str) else field.kind.version,
        "list": field.many,
        "required": field.required,
        "doc": field.doc or None,
    }
