"""The grammar around a command: global options on either side, greedy options, both spellings of names.

Words before the command are global options. Words after it belong to the command, but a global option is still
recognised there where the command has none of that name. An option that takes several values swallows the words
that follow it up to the next option, ``--``, or a word shaped like a recipient (where the command takes recipients
and no such file exists), and is handed on in its repeated form. One that takes files stops after the first file that
exists also at a word that is no file and names a person: an alias or a contact.
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.cli.options import LONG, SHORT, GlobalOptions, with_option
from sigcli.errors import UsageError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

# All are compiled when they are first needed.
_USERNAME = r"(?i:u:.+|(https|sgnl)://signal\.me/?#eu/.+)"
_USERNAME_OPTIONS = ("-u", "--username", "--usernames")
"""Options whose values look like recipients."""
_RECIPIENT = r"(?i:\+[0-9]{3,}|(PNI:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|" + _USERNAME
_DBUS = frozenset({"--dbus", "--dbus-system", "--system", "--bus-name"})
"""signal-cli's options for D-Bus."""
_CAMEL_HUMP = r"(?<=[a-z0-9])([A-Z])"


@dataclass(frozen=True, slots=True)
class OptionShape:
    """What the grammar needs to know about one option of a command."""

    takes_value: bool
    greedy: bool
    value_if_bare: str | None = None
    """The value of an option that is given without one."""
    takes_files: bool = False
    once: bool = False
    """Whether a second value would silently replace the first."""


@dataclass(frozen=True, slots=True)
class CommandShape:
    """What the grammar needs to know about a command: its options by spelling, and whether it takes recipients."""

    options: dict[str, OptionShape]
    takes_recipients: bool


@dataclass(slots=True)
class Arranged:
    """The words of a command as its parser takes them."""

    options: GlobalOptions
    words: list[str] = field(default_factory=list)
    taken_for_files: list[str] = field(default_factory=list)
    """Words that an option took as files although no such file exists."""
    may_be_people: bool = False
    """Whether one of them follows a file that does exist."""


@dataclass(frozen=True, slots=True)
class Words:
    """A command line taken apart: global options, the command's name as typed, the words after it."""

    options: GlobalOptions
    command: str | None
    rest: tuple[str, ...]


def split_at_command(words: list[str]) -> Words:
    """Read the global options in front of the command; raises UsageError."""
    options, words = GlobalOptions(), list(words)
    position = 0
    while position < len(words):
        word = words[position]
        if not word.startswith("-") or word == "-":
            return Words(options, word, tuple(words[position + 1 :]))
        words[position] = word = _spelling(word, CommandShape({}, takes_recipients=False))
        taken = _global_option(options, words, position, own={})
        if taken is None:
            if word.partition("=")[0] in _DBUS:
                raise no_dbus(word)
            raise UsageError(f"there is no option {word} in front of a command")
        options, position = taken
    return Words(options, None, ())


def arrange(
    words: Words, shape: CommandShape, is_person: Callable[[str], bool] | None = None
) -> Arranged:
    """Take the global options out of a command's words and repeat its greedy options; raises UsageError.

    ``is_person`` tells whether an alias or a contact has a name; without it, none has.
    """
    arranged = Arranged(words.options)
    rest = list(words.rest)
    given: set[int] = set()
    position = 0
    while position < len(rest):
        word = _spelling(rest[position], shape)
        if word == "--":
            arranged.words += rest[position:]
            break
        name, separator, _ = word.partition("=")
        own = shape.options.get(name if word.startswith("--") else word[:2])
        if own is None and word.startswith("-") and word != "-":
            taken = _global_option(
                arranged.options,
                [*rest[:position], word, *rest[position + 1 :]],
                position,
                shape.options,
            )
            if taken is not None:
                arranged.options, position = taken
                continue
            if name in _DBUS:
                raise no_dbus(name)
        position += 1
        if own is not None and own.once:
            if id(own) in given:
                raise UsageError(
                    f"{name if word.startswith('--') else word[:2]} is given twice",
                    hint="give it once: a second value would replace the first",
                )
            given.add(id(own))
        attached = bool(separator) if word.startswith("--") else len(word) > 2
        if own is None or not own.takes_value or (attached and not own.greedy):
            arranged.words.append(word)
            continue
        if not own.greedy:
            arranged.words.append(word)
            following = rest[position : position + 1]
            if own.value_if_bare is not None and (not following or following[0].startswith("-")):
                arranged.words.append(own.value_if_bare)
                continue
            arranged.words += following
            position += 1
            continue
        position = _take_greedy(word, attached, rest, position, shape, arranged, is_person)
    return arranged


def no_dbus(option: str) -> UsageError:
    """The error for a request that needs signal-cli's D-Bus interface."""
    return UsageError(
        f"there is no D-Bus interface ({option.partition('=')[0]})",
        hint=(
            "leave the option out: commands work without it, and programs talk JSON-RPC, over the socket or HTTP"
            " of sigcli daemon"
        ),
    )


def looks_like_recipient(word: str) -> bool:
    """Whether a word has the shape of a number, a service id or a username."""
    return re.fullmatch(_RECIPIENT, word) is not None


def _take_greedy(
    word: str,
    attached: bool,
    rest: list[str],
    position: int,
    shape: CommandShape,
    arranged: Arranged,
    is_person: Callable[[str], bool] | None,
) -> int:
    """Take the values of an option; returns the position after them."""
    option = word.partition("=")[0] if word.startswith("--") else word[:2]
    takes_files = shape.takes_recipients and shape.options[option].takes_files
    follows_file = False
    if attached:
        arranged.words.append(word)
        follows_file = takes_files and _is_file(word[len(option) :].removeprefix("="))
    elif position < len(rest):
        # The first value is taken whatever it looks like.
        arranged.words += [option, rest[position]]
        follows_file = takes_files and _is_file(rest[position])
        if takes_files and not follows_file:
            arranged.taken_for_files.append(rest[position])
        position += 1
    else:
        arranged.words.append(option)  # the parser reports the missing value
    while position < len(rest):
        value = rest[position]
        if value.startswith("-") and value != "-":
            break
        if shape.takes_recipients and looks_like_recipient(value) and not os.path.exists(value):
            of_username = option in _USERNAME_OPTIONS and re.fullmatch(_USERNAME, value)
            if not of_username:
                break
        if takes_files:
            if _is_file(value):
                follows_file = True
            else:
                if follows_file and is_person is not None and is_person(value):
                    break
                arranged.taken_for_files.append(value)
                arranged.may_be_people |= follows_file
        arranged.words += [option, value]
        position += 1
    return position


def _is_file(value: str) -> bool:
    return value == "-" or value[:5].lower() == "data:" or os.path.exists(value)


def _global_option(
    options: GlobalOptions, words: list[str], position: int, own: dict[str, OptionShape]
) -> tuple[GlobalOptions, int] | None:
    """Take the global option at ``position``: the options with it and the position after it; None for other words."""
    word = words[position]
    if not word.startswith("--"):
        return _short_global(options, words, position)
    name, separator, value = _camel_to_hyphens(word).partition("=")
    if name not in LONG or name in own:
        return None
    if not LONG[name].takes_value:
        if separator:
            raise UsageError(f"{name} takes no value")
        return with_option(options, name, None), position + 1
    if separator:
        return with_option(options, name, value), position + 1
    if position + 1 >= len(words):
        raise UsageError(f"{name} needs a value")
    return with_option(options, name, words[position + 1]), position + 2


def _short_global(
    options: GlobalOptions, words: list[str], position: int
) -> tuple[GlobalOptions, int] | None:
    word = words[position]
    name = SHORT.get(word[:2])
    if name is None:
        return None
    if LONG[name].takes_value:
        if len(word) > 2:
            return with_option(options, name, word[2:]), position + 1
        if position + 1 >= len(words):
            raise UsageError(f"{word} needs a value")
        return with_option(options, name, words[position + 1]), position + 2
    if set(word[1:]) != {word[1]}:
        return None
    for _ in word[1:]:
        options = with_option(options, name, None)
    return options, position + 1


def _spelling(word: str, shape: CommandShape) -> str:
    """A long option as the command, or else the global options, spell it; raises UsageError.

    Like signal-cli, this accepts an abbreviation that only one option begins with; hyphens and capitals do not count.
    """
    if not word.startswith("--") or word == "--":
        return word
    name, separator, value = word.partition("=")
    if name in shape.options or _camel_to_hyphens(name) in LONG:
        return word
    own = {one: id(it) for one, it in shape.options.items() if one[:2] == "--"}
    plain = _plain(name)
    for meanings in (own, {one: id(row) for one, row in LONG.items()}):
        found = [one for one in meanings if _plain(one) == plain]
        found = found or [one for one in meanings if _plain(one).startswith(plain)]
        if found and len({meanings[one] for one in found}) > 1:
            raise UsageError(f"{name} may be {', '.join(found)}", hint="write the option in full")
        if found:
            return found[0] + separator + value
    return word


def _plain(option: str) -> str:
    return option.replace("-", "").lower()


def _camel_to_hyphens(word: str) -> str:
    name, separator, value = word.partition("=")
    return re.sub(_CAMEL_HUMP, lambda match: "-" + match[1].lower(), name) + separator + value
