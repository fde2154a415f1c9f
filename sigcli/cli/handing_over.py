"""Which commands a daemon may be asked to run. Imports next to nothing: every command checks this first."""

from __future__ import annotations

import os
import sys

from sigcli.cli.command_names import canonical_command
from sigcli.operations.table import OPERATIONS
from sigcli.store.setting_table import SETTINGS
from sigcli.store.standard_places import config_path, default_data_dir

TYPE_CHECKING = False  # a command that is handed over does not wait for typing to be imported
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.store.setting_table import SettingRow

_ALONE = frozenset({"--no-daemon", "-h", "--help"})


def data_dir_for(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The data directory whose daemon may be asked; None for commands that run here.

    Options in front of the command are read if they are written in full; those after it are not read: the daemon, which
    reads all of them, declines a command that is not for its directory. In a locale that is not UTF-8 words mean other
    characters than they do to the daemon, or other files.
    """
    if not _ALONE.isdisjoint(words) or sys.getfilesystemencoding() != "utf-8":
        return None
    rows = {name: row for row in SETTINGS for name in (*row.spellings, *row.aliases)}
    data_dir = environ.get("SIGCLI_DATA_DIR")
    position = 0
    while position < len(words):
        word = words[position]
        if not word.startswith("-") or word == "-":
            name = canonical_command(word, OPERATIONS)
            if name is None or not OPERATIONS[name].hand_over:
                return None
            return data_dir or _configured_data_dir(environ)
        row, value = _option(rows, word)
        if row is None:
            return None
        if row.takes_value and value is None:
            position += 1
            value = words[position] if position < len(words) else None
        if row.field == "data_dir" and value:
            data_dir = value
        position += 1
    return None


def _option(rows: Mapping[str, SettingRow], word: str) -> tuple[SettingRow | None, str | None]:
    """The global option that a word is, and the value attached to it."""
    if word.startswith("--"):
        name, separator, value = word.partition("=")
        return rows.get(name), value if separator else None
    row = rows.get(word[:2])
    return row, word[2:] or None if row is not None and row.takes_value else None


def _configured_data_dir(environ: Mapping[str, str]) -> str | None:
    if os.path.exists(path := config_path(environ)):
        from sigcli.errors import SigcliError
        from sigcli.store.config import read_config

        try:
            configured = read_config(path).get("data_dir")
        except SigcliError:
            return None  # the process that runs the command reports the error
        if configured:
            return str(configured)
    return default_data_dir(environ)
