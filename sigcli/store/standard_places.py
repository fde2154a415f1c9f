"""Where things are unless somebody says otherwise. Imports next to nothing: every command looks here."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # a command handed over waits for no import of typing
if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = "config.toml"


def config_path(environ: Mapping[str, str]) -> str:
    """Where config.toml is looked for."""
    return os.path.join(_base(environ, "XDG_CONFIG_HOME", ".config"), "sigcli", CONFIG_FILE)


def default_data_dir(environ: Mapping[str, str]) -> str:
    """The data directory unless another one is named."""
    return os.path.join(_base(environ, "XDG_DATA_HOME", ".local/share"), "sigcli")


def _base(environ: Mapping[str, str], name: str, default: str) -> str:
    # The specification of these directories ignores relative ones.
    configured = environ.get(name, "")
    if os.path.isabs(configured):
        return configured
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), default)
