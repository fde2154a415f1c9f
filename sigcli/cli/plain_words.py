"""From a command's words to its declared value, if they are plainly valid.

Importing Typer costs a command as much as reading its account. It is used only when it is needed: for help, and for
words that have something wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.cli.arguments import CommandShape, OptionShape
from sigcli.cli.standing_in import manner
from sigcli.errors import UsageError
from sigcli.operations.declaring import FILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.operations.declaring import Declaration, Parameter


def shape_of(declared: type[Declaration]) -> CommandShape:
    """What the grammar around a command needs to know about it."""
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


def read_plain(declared: type[Declaration], words: Sequence[str]) -> dict[str, Any] | None:
    """The values of arranged words by parameter name; None if Typer must judge them."""
    taken = _split(declared, words)
    if taken is None:
        return None
    options, places = taken
    given: dict[str, Any] = {}
    arguments = [one for one in declared.parameters if one.is_argument]
    for parameter in declared.parameters:
        if parameter.is_argument:
            continue
        values = options.get(parameter.name, [])
        if not _take(parameter, values if parameter.many else values[-1:], given):
            return None
    for at, parameter in enumerate(arguments):
        # An option that takes several values leaves one for each parameter that follows.
        left = len(places) - (len(arguments) - at - 1)
        count = max(0, left) if parameter.many else min(1, len(places))
        if not _take(parameter, places[:count], given):
            return None
        places = places[count:]
    return None if places else given


def read_words(parameter: Parameter, value: Any) -> Any:
    """Convert the parser's value to the declared type; raises UsageError."""
    if parameter.kind is bool and parameter.takes_value:
        word = value.lower()
        if word not in ("true", "false") and not parameter.any_word:
            raise UsageError(f"{parameter.long_name} takes true or false")
        return word == "true"
    return value


def _split(
    declared: type[Declaration], words: Sequence[str]
) -> tuple[dict[str, list[Any]], list[str]] | None:
    """The values of options by parameter, and the words without an option."""
    named = {spelling: one for one in declared.parameters for spelling in one.spellings}
    options: dict[str, list[Any]] = {}
    places: list[str] = []
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if word == "--":
            places += reversed(rest)
            break
        if not word.startswith("-") or word == "-":
            places.append(word)
            continue
        attached: str | None = None
        parameter = named.get(word)
        if parameter is None:
            name, attached = _taken_apart(word)
            parameter = named.get(name)
        if parameter is None:
            return None
        if not parameter.takes_value:
            if attached is not None:
                return None
            options.setdefault(parameter.name, []).append(True)
            continue
        if attached is None:
            if not rest:
                return None
            attached = rest.pop()
        options.setdefault(parameter.name, []).append(attached)
    return options, places


def _taken_apart(word: str) -> tuple[str, str | None]:
    """An option and its attached value."""
    if word.startswith("--"):
        name, separator, value = word.partition("=")
        return name, value if separator else None
    return word[:2], word[2:] or None


def _take(parameter: Parameter, values: Sequence[Any], given: dict[str, Any]) -> bool:
    """Store the value of a parameter; false if the parameter does not take it."""
    if not values:
        return not parameter.required
    if parameter.takes_value and parameter.kind in (int, float) and not parameter.choices:
        try:
            values = [parameter.kind(value) for value in values]
        except ValueError:
            return False
        if parameter.minimum is not None and min(values) < parameter.minimum:
            return False
    read = [read_words(parameter, value) for value in values]
    given[parameter.name] = tuple(read) if parameter.many else read[0]
    return True
