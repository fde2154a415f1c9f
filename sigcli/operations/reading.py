"""Parameters as programs write them in JSON: any spelling of a name, one value for many, numbers as text.

Format: signal-cli's JSON-RPC, and what its clients send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sigcli.errors import InvalidParameters
from sigcli.operations.declaring import Declaration, camel_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.operations.declaring import Parameter

D = TypeVar("D", bound=Declaration)


def read_json(declared: type[D], params: Mapping[str, Any]) -> D:
    """The declared value with these parameters; raises InvalidParameters, and UserError as its check does.

    Names that are no parameters are ignored, unless the declaration refuses them. null means absent.
    """
    values: dict[str, Any] = {}
    known: set[str] = set()
    for parameter in declared.parameters:
        if parameter.cli_only:
            continue
        names = json_names(parameter)
        known.update(names)
        given = next((name for name in names if params.get(name) is not None), None)
        if given is not None:
            values[parameter.name] = _read(parameter, given, params[given])
        elif parameter.required:
            raise InvalidParameters(
                f"{parameter.json_name} is missing", parameter=parameter.json_name
            )
    if declared.refuses_unknown and (unknown := sorted(params.keys() - known)):
        raise InvalidParameters(f"there is no parameter {unknown[0]!r}", parameter=unknown[0])
    return declared(**values)


def json_names(parameter: Parameter) -> list[str]:
    """The names that stand for a parameter, the first that is given counts: dashed, camelCase, in the plural."""
    singular = [spelling[2:] for spelling in parameter.spellings if spelling.startswith("--")]
    names = [*singular, parameter.json_name, *map(camel_case, singular)]
    if parameter.many:
        names += [name if name.endswith("s") else f"{name}s" for name in names]
    return list(dict.fromkeys(names))


def _read(parameter: Parameter, name: str, value: Any) -> Any:
    if not parameter.many:
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        return _read_one(parameter, name, value)
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(_read_one(parameter, name, one) for one in values if one is not None)


def _read_one(parameter: Parameter, name: str, value: Any) -> Any:
    """One value of the parameter's kind; an object or a list is none."""
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
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unfit(name, "a number")
    try:
        if kind is int:
            number = int(value)
            if number != float(value) and isinstance(value, float):
                raise ValueError(value)
            return number
        return float(value)
    except (ValueError, OverflowError):
        raise _unfit(name, "a whole number" if kind is int else "a number") from None


def _unfit(name: str, what: str) -> InvalidParameters:
    return InvalidParameters(f"{name} takes {what}", parameter=name)
