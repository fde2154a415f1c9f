"""JSON Schema (draft 2020-12) of an operation's parameters and result, made from the declaration."""

from __future__ import annotations

import sys
import types
import typing
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from sigcli.operations.declaring import Declaration, Operation, Parameter

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    types.NoneType: "null",
}


def parameters_schema(declared: type[Declaration]) -> dict[str, Any]:
    """The parameters under the names of their own; what else is understood is not written down."""
    known = [one for one in declared.parameters if not one.cli_only]
    schema: dict[str, Any] = {
        "$schema": _DIALECT,
        "type": "object",
        "properties": {one.json_name: _parameter(one) for one in known},
    }
    if required := [one.json_name for one in known if one.required]:
        schema["required"] = required
    if declared.refuses_unknown:
        schema["additionalProperties"] = False
    return schema


def result_schema(declared: type[Operation]) -> dict[str, Any]:
    """What ``to_json`` of the result gives, or of one of the results."""
    result = _returned(declared.run)
    kinds = get_args(result) or (result,)
    schemas = [schema_of(_returned(kind.to_json)) for kind in kinds]
    return {"$schema": _DIALECT, **(schemas[0] if len(schemas) == 1 else {"anyOf": schemas})}


def returned_schema(method: Any) -> dict[str, Any]:
    """What a method gives."""
    return {"$schema": _DIALECT, **schema_of(_returned(method))}


def schema_of(hint: Any) -> dict[str, Any]:
    """The schema of a type of JSON: scalars, lists, unions, literals, typed dictionaries, anything."""
    if hint is Any:
        return {}
    if hint in _NAMES:
        return {"type": _NAMES[hint]}
    if typing.is_typeddict(hint):
        return _object(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(inner[1])}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin in (types.UnionType, typing.Union):
        schemas = [schema_of(one) for one in inner]
        if all(set(one) == {"type"} for one in schemas):
            return {"type": [one["type"] for one in schemas]}
        return {"anyOf": schemas}
    raise TypeError(f"{hint} has no JSON Schema")


def _object(typed: Any) -> dict[str, Any]:
    hints = get_type_hints(typed)
    # The class itself cannot tell NotRequired where annotations are kept as strings.
    marked = get_type_hints(typed, include_extras=True)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: schema_of(hint) for name, hint in hints.items()},
    }
    required = [
        name
        for name in hints
        if name in typed.__required_keys__ and get_origin(marked[name]) is not typing.NotRequired
    ]
    if required:
        schema["required"] = required
    return schema


def _parameter(parameter: Parameter) -> dict[str, Any]:
    one: dict[str, Any] = {"type": _NAMES[parameter.kind]}
    if parameter.choices:
        one = {"enum": list(parameter.choices)}
    if parameter.minimum is not None:
        one["minimum"] = parameter.minimum
    schema = {"type": "array", "items": one} if parameter.many else one
    if parameter.default not in (None, (), False):
        schema["default"] = parameter.default
    return {**schema, "description": parameter.help}


def _returned(method: Any) -> Any:
    """What a method gives; the names in its other annotations are of the type checker alone."""
    hints = {"return": method.__annotations__["return"]}
    module = vars(sys.modules[method.__module__])
    return get_type_hints(types.SimpleNamespace(__annotations__=hints), module)["return"]
