"""From a declaration to the command that Typer parses words with."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperOption
from typer.main import get_click_type
from typer.models import OptionInfo

from sigcli.cli.arguments import CommandShape, OptionShape
from sigcli.cli.standing_in import manner
from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.operations.declaring import Declaration, Parameter


def typer_command(
    name: str, declared: type[Declaration], run: Callable[[Declaration], int]
) -> TyperCommand:
    """The command; ``run`` gets the declared value and gives the exit code."""

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


def shape_of(declared: type[Declaration]) -> CommandShape:
    """What the grammar around a command must know of it."""
    options: dict[str, OptionShape] = {}
    takes_recipients = False
    for parameter in declared.parameters:
        if parameter.is_argument:
            takes_recipients |= parameter.json_name == "recipient"
            continue
        shape = OptionShape(
            takes_value=parameter.takes_value,
            greedy=parameter.many and parameter.greedy,
            value_if_bare=parameter.value_if_bare,
            takes_files=parameter.completes == FILES,
            once=parameter.takes_value and not parameter.many and not manner().stands_in,
        )
        options.update(dict.fromkeys(parameter.spellings, shape))
    return CommandShape(options, takes_recipients)


def read_words(parameter: Parameter, value: Any) -> Any:
    """A value as the parser gives it, as the declaration takes it; raises UsageError."""
    if parameter.kind is bool and parameter.takes_value:
        word = value.lower()
        if word not in ("true", "false") and not parameter.any_word:
            raise UsageError(f"{parameter.long_name} takes true or false")
        return word == "true"
    return value


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
            metavar=_metavar(parameter),
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
        metavar=None if is_flag else _metavar(parameter),
        help=parameter.help,
    )


def _click_type(kind: type, minimum: int | None) -> Any:
    return get_click_type(annotation=kind, parameter_info=OptionInfo(min=minimum))


def _metavar(parameter: Parameter) -> str | None:
    if parameter.choices or (parameter.kind is bool and parameter.takes_value):
        return parameter.shown_value
    if parameter.value_if_bare is not None:
        return f"[{parameter.shown_value}]"
    return parameter.metavar
