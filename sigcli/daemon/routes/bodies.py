"""JSON bodies and query parameters, read by their declaration: unknown members are ignored, null means absent."""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from sigcli.daemon.json_bytes import json_value
from sigcli.daemon.routes.refusing import BadBody, BadQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sigcli.daemon.routes.declaring import Query

_MAX_INTEGER = 2**63
"""The range of integers in Go, SQLite and protobuf."""
_NONE: Any = object()


def read_body(model: Any, data: bytes) -> dict[str, Any]:
    """The members of a JSON object that the model declares; raises BadBody, which names the member at fault.

    A missing body is an empty object. Absent, null and an empty list are the same.
    """
    if not data.strip():
        given: Any = {}
    else:
        try:
            given = json_value(data)
        except (ValueError, RecursionError):
            raise BadBody from None
    if not isinstance(given, dict):
        raise BadBody
    hints, required = _members(model)
    read: dict[str, Any] = {}
    for name, hint in hints.items():
        value = given.get(name)
        if value is None or value == []:
            continue
        fitted = fit(hint, value)
        if fitted is _NONE:
            raise BadBody(f"{name} has the wrong type", member=name)
        read[name] = fitted
    for name in required:
        if read.get(name) in (None, ""):
            raise BadBody(f"{name} is missing", member=name)
    return read


def read_query(declared: Sequence[Query], values: Callable[[str], list[str]]) -> dict[str, Any]:
    """The parameters after the question mark, with their defaults; raises BadQuery."""
    read: dict[str, Any] = {}
    for one in declared:
        given = values(one.name)
        if not given:
            if one.required:
                raise BadQuery(f"{one.name} is missing", parameter=one.name)
            read[one.name] = [] if one.many else one.default
            continue
        fitted = [_fit_word(one, word) for word in given]
        read[one.name] = fitted if one.many else fitted[-1]
    return read


def fit(hint: Any, value: Any) -> Any:
    """A value converted to the type, or the mark for one that does not fit."""
    if hint is Any:
        return value
    if hint is str:
        return _whole(value) if isinstance(value, str) else _NONE
    if hint is bool:
        return value if isinstance(value, bool) else _NONE
    if hint is int:
        return _integer(value)
    if typing.is_typeddict(hint):
        return _fit_object(hint, value)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is list:
        if not isinstance(value, list):
            return _NONE
        fitted = [fit(inner[0], one) for one in value if one is not None]
        return _NONE if any(one is _NONE for one in fitted) else fitted
    if origin is typing.Literal:
        return value if value in inner else _NONE
    if origin in (types.UnionType, typing.Union):
        for one in inner:
            fitted_one = fit(one, value)
            if fitted_one is not _NONE:
                return fitted_one
        return _NONE
    raise TypeError(f"{hint} is not a type for a body")


def _fit_object(model: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return _NONE
    hints, required = _members(model)
    read: dict[str, Any] = {}
    for name, hint in hints.items():
        if value.get(name) is None:
            continue
        read[name] = fit(hint, value[name])
        if read[name] is _NONE:
            return _NONE
    return _NONE if any(name not in read for name in required) else read


@cache
def _members(model: Any) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    hints = get_type_hints(model)
    marked = get_type_hints(model, include_extras=True)
    required = tuple(name for name in hints if get_origin(marked[name]) is not typing.NotRequired)
    return hints, required if model.__total__ else ()


def _integer(value: Any) -> Any:
    """Programs write numbers as texts as well."""
    if isinstance(value, str) and value.isascii() and value.lstrip("-").isdigit():
        value = int(value) if len(value) < 20 else _NONE
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return _NONE
    return value if -_MAX_INTEGER <= value < _MAX_INTEGER else _NONE


def _whole(text: str) -> str:
    """Replace unpaired surrogates, which JSON can hold and UTF-8 cannot."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fit_word(declared: Query, word: str) -> Any:
    name = declared.name
    if declared.kind is bool:
        if word not in ("true", "false"):
            raise BadQuery(f"{name} takes true or false", parameter=name)
        return word == "true"
    if declared.kind is int:
        number = _integer(word)
        if number is _NONE or (declared.minimum is not None and number < declared.minimum):
            raise BadQuery(f"{name} takes a whole number", parameter=name)
        return number
    if declared.required and not word:
        raise BadQuery(f"{name} is missing", parameter=name)
    return word
