"""The text of ``sigcli --help``. Imports the two tables and nothing else, so that help costs nothing."""

from __future__ import annotations

from sigcli.operations.table import OPERATIONS, families
from sigcli.store.setting_table import SETTINGS

_COMMAND_WIDTH = 2 + max(map(len, OPERATIONS))
_OPTION_WIDTH = 34


def top_level_help() -> str:
    """The text."""
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
        lines += [f"  {name:<{_COMMAND_WIDTH}}{entry.summary}" for name, entry in entries.items()]
        lines.append("")
    lines.append("Options:")
    for row in SETTINGS:
        if row.spellings:
            spelled = " ".join(filter(None, (", ".join(row.spellings), row.metavar)))
            lines.append(f"  {spelled:<{_OPTION_WIDTH}}{row.shown_help}")
    return "\n".join(lines)
