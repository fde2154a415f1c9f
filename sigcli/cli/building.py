"""From a declaration to the command that Typer parses words with."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperOption
from typer.main import get_click_type
from typer.models import OptionInfo

from sigcli.cli.plain_words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.operations.declaring import Declaration, Parameter


def typer_command(
    name: str, declared: type[Declaration], run: Callable[[Declaration], int]
) -> TyperCommand:
    """The command; ``run`` takes the declared value and returns the exit code."""

    def call(**values: Any) -> int:
        given = {
            parameter.name: read_words(parameter, values[parameter.name])
            for parameter in declared.parameters
            if values[parameter.name] is not None
        }
        return run(declared(**given))

    return TyperCommand(
        name,
        callback=call,
        params=[_click_parameter(parameter) for parameter in declared.parameters],
        help=cleandoc(declared.__doc__ or ""),
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
    )


def _click_parameter(parameter: Parameter) -> TyperArgument | TyperOption:
    default = None if parameter.many else parameter.default
    kind = str if parameter.choices or parameter.kind is bool else parameter.kind
    if parameter.is_argument:
        return TyperArgument(
            param_decls=[parameter.name],
            type=_click_type(kind, None),
            required=parameter.required,
            default=default,
            nargs=-1 if parameter.many else None,
            metavar=_argument_name(parameter),
            help=parameter.help,
        )
    is_flag = not parameter.takes_value
    return TyperOption(
        param_decls=[parameter.name, *parameter.spellings],
        type=None if is_flag else _click_type(kind, parameter.minimum),
        is_flag=is_flag or None,
        multiple=parameter.many,
        required=parameter.required,
        default=default,
        show_default=True,
        metavar=None if is_flag else parameter.value_name,
        help=parameter.help,
    )


def _click_type(kind: type, minimum: int | None) -> Any:
    return get_click_type(annotation=kind, parameter_info=OptionInfo(min=minimum))


def _argument_name(parameter: Parameter) -> str:
    if parameter.choices or parameter.metavar:
        return parameter.shown_value
    return f"{parameter.value_name}..." if parameter.many else parameter.value_name
