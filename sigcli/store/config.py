"""``config.toml``: what the user wants unless the command line or the environment says otherwise.

Looked for at ``$XDG_CONFIG_HOME/sigcli/config.toml``. It is parsed only if it exists.
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sigcli.errors import ConfigFileInvalid
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIG_FILE = "config.toml"
_UNITS_MS = {
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 24 * 3_600_000,
    "w": 7 * 24 * 3_600_000,
}
_SIZE_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SIZE = re.compile(r"(\d{1,12})\s*([kmg]?)(?:i?b)?")
_DURATION = re.compile(r"(\d{1,9})\s*([smhdw])")


@dataclass(frozen=True, slots=True)
class Config:
    """The file's values; None where it says nothing."""

    account: str | None = None
    output: str | None = None
    data_dir: str | None = None
    service_environment: str | None = None
    trust_new_identities: str | None = None
    verbose: int | None = None
    log_file: str | None = None
    scrub_log: bool | None = None
    disable_send_log: bool | None = None
    lock_timeout_s: float | None = None
    keep_messages_ms: int | None = None
    """How long delivered messages are kept; None: not at all."""
    keep_attachments_ms: int | None = None
    """How long downloaded attachments are kept; None: until they are removed."""
    max_attachment_bytes: int | None = None
    """Larger attachments are not downloaded before they are asked for; None: as large as the service takes."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names of the user's own for recipients."""


def config_path(environ: Mapping[str, str]) -> str:
    """Where the file is looked for."""
    return os.path.join(_base(environ, "XDG_CONFIG_HOME", ".config"), "sigcli", CONFIG_FILE)


def default_data_dir(environ: Mapping[str, str]) -> str:
    """The data directory unless another one is named."""
    return os.path.join(_base(environ, "XDG_DATA_HOME", ".local/share"), "sigcli")


def read_config(path: str | os.PathLike[str]) -> Config:
    """Read the file; an empty Config if there is none. Raises ConfigFileInvalid, naming the key."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise _invalid(f"config.toml cannot be read: {error.strerror}") from error
    import tomllib

    try:
        document = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise _invalid(f"config.toml is not valid: {error}") from error
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key not in _KEYS:
            raise _invalid(f"config.toml: there is no key {key!r}")
        name, read = _KEYS[key]
        values[name] = read(key, value)
    return Config(**values)


def parse_duration_ms(text: str) -> int | None:
    """``90s``, ``30m``, ``12h``, ``30d`` or ``8w`` in milliseconds; None for anything else."""
    match = _DURATION.fullmatch(text.strip().lower())
    return None if match is None else int(match[1]) * _UNITS_MS[match[2]]


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _invalid(f"config.toml: {key} is a text")
    return value


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _invalid(f"config.toml: {key} is true or false")
    return value


def _count(key: str, value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise _invalid(f"config.toml: {key} is a number")
    return int(value)


def _seconds(key: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    return _duration_ms(key, value) / 1000


def _duration_ms(key: str, value: object) -> int:
    duration_ms = parse_duration_ms(value) if isinstance(value, str) else None
    if duration_ms is None:
        raise _invalid(f'config.toml: {key} is a duration such as "12h" or "30d"')
    return duration_ms


def _bytes(key: str, value: object) -> int:
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip().lower())):
        return int(match[1]) * _SIZE_UNITS[match[2]]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _invalid(f'config.toml: {key} is a size such as "500K" or "25M"')


def _one_of(*choices: str) -> Callable[[str, object], str]:
    def read(key: str, value: object) -> str:
        if value not in choices:
            raise _invalid(f"config.toml: {key} is one of {', '.join(choices)}")
        return str(value)

    return read


def _aliases(key: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise _invalid(f"config.toml: [{key}] is a table of names and recipients")
    return {name: _text(f"{key}.{name}", recipient) for name, recipient in value.items()}


# key in the file -> (field, how it is read)
_KEYS: dict[str, tuple[str, Callable[[str, object], Any]]] = {
    "account": ("account", _text),
    "output": ("output", _one_of("plain-text", "json")),
    "data_dir": ("data_dir", _text),
    "service_environment": ("service_environment", _text),
    "trust_new_identities": (
        "trust_new_identities",
        _one_of("on-first-use", "unless-verified", "always", "never"),
    ),
    "verbose": ("verbose", _count),
    "log_file": ("log_file", _text),
    "scrub_log": ("scrub_log", _flag),
    "disable_send_log": ("disable_send_log", _flag),
    "lock_timeout": ("lock_timeout_s", _seconds),
    "keep_messages": ("keep_messages_ms", _duration_ms),
    "keep_attachments": ("keep_attachments_ms", _duration_ms),
    "max_attachment_size": ("max_attachment_bytes", _bytes),
    "aliases": ("aliases", _aliases),
}


def _base(environ: Mapping[str, str], name: str, default: str) -> str:
    # The specification of these directories ignores relative ones.
    configured = environ.get(name, "")
    if os.path.isabs(configured):
        return configured
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), default)


def _invalid(message: str) -> ConfigFileInvalid:
    return ConfigFileInvalid(message, hint="mend it with an editor; sigcli(1) lists the keys")
