"""signal-cli's own configuration files, read when the command stands in for it.

JSON objects with the names of its global options: ``/etc/signal-cli/config.json``, then ``$SIGNAL_CLI_CONFIG`` or, if
that is not set, ``$XDG_CONFIG_HOME/signal-cli/config.json``; the later file wins.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sigcli.errors import ConfigFileInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_FILE = "/etc/signal-cli/config.json"
_TEXTS = {
    "account": "account",
    "dataDir": "data_dir",
    "logFile": "log_file",
}
_CHOICES = {
    "output": ("output", ("plain-text", "json")),
    "serviceEnvironment": ("service_environment", ("live", "staging", "sandbox")),
    "trustNewIdentities": ("trust_new_identities", ("on-first-use", "always", "never")),
}
_FLAGS = {"scrubLog": "scrub_log", "disableSendLog": "disable_send_log"}
_COUNTS = {"verbose": "verbose"}
_BUSES = ("dbus", "dbusSystem")
_HINT = "fix it with an editor, or name another file in SIGNAL_CLI_CONFIG"


def read_signal_cli_config(
    environ: Mapping[str, str], system_file: str = SYSTEM_FILE
) -> dict[str, Any]:
    """The values in the files, by the fields of the table of settings.

    Names without a meaning for sigcli are ignored. Raises ConfigFileInvalid, and UsageError if a file asks for D-Bus.
    """
    values: dict[str, Any] = {}
    for path in (system_file, _users_file(environ)):
        values |= _values(path)
    return values


def default_place(environ: Mapping[str, str]) -> str:
    """The data directory if none is named: signal-cli's own if it has accounts and sigcli's has none."""
    from sigcli.store.accounts_file import ACCOUNTS_FILE
    from sigcli.store.signal_cli.place import default_signal_cli_dir, holds_signal_cli_accounts
    from sigcli.store.standard_places import default_data_dir

    own, theirs = default_data_dir(environ), default_signal_cli_dir(environ)
    if not os.path.exists(os.path.join(own, ACCOUNTS_FILE)) and holds_signal_cli_accounts(theirs):
        return theirs
    return own


def _users_file(environ: Mapping[str, str]) -> str:
    named = environ.get("SIGNAL_CLI_CONFIG")
    if named:
        return named
    base = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    return os.path.join(base, "signal-cli", "config.json")


def _values(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise _invalid(path, f"cannot be read: {error.strerror}") from error
    import json

    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise _invalid(path, "is not JSON") from None
    if not isinstance(document, dict):
        raise _invalid(path, "is not a JSON object")
    if any(document.get(name) for name in _BUSES):
        from sigcli.cli.arguments import no_dbus

        raise no_dbus("dbus")
    return {
        field: value
        for name, given in document.items()
        if given is not None
        for field, value in _value(path, name, given)
    }


def _value(path: str, name: str, given: Any) -> list[tuple[str, Any]]:
    if name in _TEXTS:
        if not isinstance(given, str) or not given:
            raise _invalid(path, f"{name} is not text")
        return [(_TEXTS[name], given)]
    if name in _CHOICES:
        field, choices = _CHOICES[name]
        word = str(given).lower().replace("_", "-")
        if word not in choices:
            raise _invalid(path, f"{name} is not one of {', '.join(choices)}")
        return [(field, word)]
    if name in _FLAGS:
        if not isinstance(given, bool):
            raise _invalid(path, f"{name} is neither true nor false")
        return [(_FLAGS[name], given)]
    if name in _COUNTS:
        if not isinstance(given, int) or given < 0:
            raise _invalid(path, f"{name} is not a number")
        return [(_COUNTS[name], int(given))]
    return []


def _invalid(path: str, what: str) -> ConfigFileInvalid:
    return ConfigFileInvalid(f"{path} {what}", hint=_HINT)
