"""Parameters as programs write them in JSON: any spelling of a name, one value for many, numbers as text.

Format: signal-cli's JSON-RPC, and what its clients send.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

from sigcli.client.base.data_uris import LaidDownUri
from sigcli.errors import InvalidParameters, UnknownParameter
from sigcli.operations.declaring import Declaration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.operations.declaring import Parameter

    Names = dict[str, tuple[Parameter, int]]

D = TypeVar("D", bound=Declaration)
_KNOWN: dict[type[Declaration], Names] = {}
_HUMP = re.compile(r"[A-Z]")


def read_json(declared: type[D], params: Mapping[str, Any]) -> D:
    """The declared value with these parameters; raises InvalidParameters, and UserError as its check does.

    Names that are no parameters are ignored, unless the declaration refuses them. null means absent.
    """
    known = _known_names(declared)
    if declared.refuses_unknown and (unknown := sorted(params.keys() - known.keys())):
        raise UnknownParameter(f"there is no parameter {unknown[0]!r}", parameter=unknown[0])
    given: dict[Parameter, tuple[int, str]] = {}
    for name, value in params.items():
        if value is not None and name in known:
            parameter, rank = known[name]
            given[parameter] = min((rank, name), given.get(parameter, (rank, name)))
    for parameter in declared.parameters:
        if parameter.required and parameter not in given:
            raise InvalidParameters(
                f"{parameter.json_name} is missing", parameter=parameter.json_name
            )
    return declared(
        **{
            parameter.name: _read(parameter, name, params[name])
            for parameter, (_, name) in given.items()
        }
    )


def _known_names(declared: type[Declaration]) -> Names:
    """The parameter of each name, and how far behind the name stands among those of the parameter."""
    names = _KNOWN.get(declared)
    if names is None:
        names = _KNOWN[declared] = {
            name: (parameter, rank)
            for parameter in declared.parameters
            if not parameter.cli_only
            for rank, name in enumerate(json_names(parameter))
        }
    return names


def json_names(parameter: Parameter) -> list[str]:
    """The names that stand for a parameter, the first that is given counts: dashed, camelCase, in the plural."""
    names = [*map(dashed, parameter.names_in_json), *parameter.names_in_json]
    if parameter.many:
        names += [name if name.endswith("s") else f"{name}s" for name in names]
    return list(dict.fromkeys(names))


def dashed(name: str) -> str:
    """``targetTimestamp`` as ``target-timestamp``."""
    return _HUMP.sub(lambda match: "-" + match[0].lower(), name)


def _read(parameter: Parameter, name: str, value: Any) -> Any:
    if parameter.many:
        values = value if isinstance(value, list | tuple) else [value]
        read: Any = tuple(_read_one(parameter, name, one) for one in values if one is not None)
    else:
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        read = _read_one(parameter, name, value)
    try:
        return parameter.fitted(read)
    except ValueError as error:
        raise _unfit(name, str(error)) from None


def _read_one(parameter: Parameter, name: str, value: Any) -> Any:
    """One value of the parameter's kind; an object or a list is refused."""
    kind = parameter.kind
    if kind is bool:
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(value, bool):
            return value
        raise _unfit(name, "true or false")
    if kind is str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _unfit(name, "a text")
        if isinstance(value, LaidDownUri):
            return value if parameter.reads_path else value.whole_text()
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unfit(name, "a number")
    try:
        if kind is int:
            number = int(value)
            if number != float(value) and isinstance(value, float):
                raise ValueError(value)
            return number
        if not math.isfinite(real := float(value)):
            raise ValueError(value)
        return real
    except (ValueError, OverflowError):
        raise _unfit(name, "a whole number" if kind is int else "a number") from None


def _unfit(name: str, what: str) -> InvalidParameters:
    return InvalidParameters(f"{name} takes {what}", parameter=name)
