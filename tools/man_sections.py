"""The sections of sigcli(1) on options and commands, as roff out of the command tree."""

from __future__ import annotations

import argparse
import textwrap

from sigcli.operations.table import families
from tools.command_tree import actions_of, commands_of

_BREAK = "|\\:"
LONGEST_LINE = 80


def option_sections(tree: argparse.ArgumentParser) -> str:
    """``.SH OPTIONS`` and ``.SH COMMANDS``, the latter by families."""
    lines = [".SH OPTIONS"]
    for action in actions_of(tree):
        lines += _described(action)
    lines.append(".SH COMMANDS")
    commands = commands_of(tree)
    for family, entries in families().items():
        lines.append(f".SS {roff(family)}")
        for name in entries:
            lines += _command(name, commands[name])
    return "\n".join(lines) + "\n"


def roff(text: str) -> str:
    """Text as roff shows it: no escape, no hyphen taken for a minus, ASCII only."""
    shown = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    )
    return "".join(letter if letter.isascii() else f"\\[u{ord(letter):04X}]" for letter in shown)


def tidy(page: str) -> str:
    """A page as every formatter takes it without complaint: ASCII alone, in lines of 80 bytes at most."""
    ascii_page = "".join(one if one.isascii() else f"\\[u{ord(one):04X}]" for one in page)
    lines: list[str] = []
    filled, before = True, ""
    for line in ascii_page.splitlines():
        if line in (".nf", ".fi"):
            filled = line == ".fi"
        if filled and not line.startswith("."):
            # The tag of a list is one line for roff: it goes on behind a backslash.
            lines += _broken(line, " \\" if before == ".TP" else "")
        else:
            lines.append(line)
        before = line
    return "\n".join(lines) + "\n"


def _broken(line: str, end: str) -> list[str]:
    """A text line at its spaces; one that is short enough stays as it is."""
    if len(line) <= LONGEST_LINE:
        return [line]
    pieces = [""]
    for word in line.split(" "):
        if pieces[-1] and len(pieces[-1]) + 1 + len(word) + len(end) > LONGEST_LINE:
            pieces[-1] += end or ("\\&" if pieces[-1].endswith("...") else "")  # ends no sentence
            pieces.append(f"\\&{word}" if word.startswith((".", "'")) and not end else word)
        else:
            pieces[-1] += f" {word}" if pieces[-1] else word
    return pieces


def _command(name: str, parser: argparse.ArgumentParser) -> list[str]:
    actions = actions_of(parser)
    required = [action for action in actions if action.option_strings and action.required]
    optional = [action for action in actions if action.option_strings and not action.required]
    placed = [action for action in actions if not action.option_strings]
    words = [f"\\fB{roff(name)}\\fR"]
    words += [f"{_bold(action.option_strings[0])} {_value(action)}" for action in required]
    words += ["[\\fIOPTIONS\\fR]"] if optional else []
    words += [_place(action) for action in placed]
    lines = [".TP", " ".join(words), *_filled(parser.description)]
    told = [action for action in (*placed, *required, *optional) if action.help]
    if told:
        lines.append(".RS")
        for action in told:
            lines += _described(action)
        lines.append(".RE")
    return lines


def _described(action: argparse.Action) -> list[str]:
    if not action.option_strings:
        return [".TP", _value(action), *_filled(action.help)]
    names = ", ".join(_bold(spelling) for spelling in action.option_strings)
    tag = names if action.nargs == 0 else f"{names} {_value(action)}"
    return [".TP", tag, *_filled(action.help)]


def _place(action: argparse.Action) -> str:
    value = _value(action)
    return value if action.nargs is None else f"[{value}]"


def _value(action: argparse.Action) -> str:
    several = "..." if action.nargs in ("+", "*") else ""
    # Long lists of choices may be broken at the bars.
    return f"\\fI{roff(str(action.metavar)).replace('|', _BREAK)}\\fR{several}"


def _bold(text: str) -> str:
    return f"\\fB{roff(text)}\\fR"


def _filled(text: str | None) -> list[str]:
    """A sentence a line at most, none that roff could take for a request."""
    plain = (text or "").replace("%%", "%")
    lines = textwrap.wrap(plain, 110, break_on_hyphens=False, break_long_words=False)
    return [f"\\&{roff(line)}" if line[0] in ".'" else roff(line) for line in lines]
