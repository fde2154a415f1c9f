"""The text of ``sigcli --help``. Imports only the two tables, so that help costs nothing."""

from __future__ import annotations

from sigcli.operations.table import OPERATIONS, families
from sigcli.store.setting_table import SETTINGS

_COMMAND_WIDTH = 2 + max(map(len, OPERATIONS))
_OPTION_WIDTH = 34
_LEAST = 24
"""The fewest columns that a description gets, however narrow the terminal is."""


def top_level_help(width: int) -> str:
    """The text for a terminal of this many columns."""
    lines = [
        "Usage: sigcli [OPTIONS] COMMAND [ARGS]",
        "",
        "A Signal messenger client for the command line.",
        "",
        "Examples:",
        "  sigcli link -n server               link to the account of a phone",
        '  sigcli send -m "disk full" +15550100',
        "  df -h | sigcli send --message-from-stdin +15550100",
        "  sigcli receive --json | jq .envelope.dataMessage.message",
        "",
    ]
    for family, entries in families().items():
        lines.append(f"{family}:")
        for name, entry in entries.items():
            lines += _described(name, _COMMAND_WIDTH, entry.summary, width)
        lines.append("")
    lines.append("Options:")
    for row in SETTINGS:
        if row.spellings:
            spelled = " ".join(filter(None, (", ".join(row.spellings), row.metavar)))
            lines += _described(spelled, _OPTION_WIDTH, row.shown_help, width)
    lines += ["", "sigcli help COMMAND shows the options of a command."]
    return "\n".join(lines)


def _described(name: str, name_width: int, text: str, width: int) -> list[str]:
    """A name with its description beside it, wrapped below itself. Not textwrap: help does not wait for an import."""
    room = max(_LEAST, width - 2 - name_width)
    rows, row = [], ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > room:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}" if row else word
    first, *others = [*rows, row]
    head = [f"  {name:<{name_width}}{first}"]
    if len(name) >= name_width:
        head = [f"  {name}", f"  {'':<{name_width}}{first}"]
    return [*head, *(f"  {'':<{name_width}}{one}" for one in others)]
