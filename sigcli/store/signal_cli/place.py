"""Where signal-cli keeps its accounts, and whether a folder is such a place. Looks, and changes nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNTS_FILE = os.path.join("data", "accounts.json")


def holds_signal_cli_accounts(path: str) -> bool:
    """Whether a folder is a data directory of signal-cli, of today or of before it had a list of accounts."""
    if os.path.isfile(os.path.join(path, ACCOUNTS_FILE)):
        return True
    try:
        names = os.listdir(os.path.join(path, "data"))
    except OSError:
        return False
    return any(name[:1] == "+" and name[1:].isdecimal() for name in names)


def default_signal_cli_dir(environ: Mapping[str, str]) -> str:
    """Where signal-cli keeps its accounts unless another place is named."""
    base = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(base):
        home = environ.get("HOME") or os.path.expanduser("~")
        base = os.path.join(home, ".local", "share")
    return os.path.join(base, "signal-cli")
