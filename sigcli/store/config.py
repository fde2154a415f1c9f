"""What is set for a run: command line over environment over ``config.toml``, as the table of settings has it.

The file is looked for at ``$XDG_CONFIG_HOME/sigcli/config.toml``, and parsed only if it exists.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from sigcli.durations import parse_duration_ms
from sigcli.errors import ConfigFileInvalid, UsageError
from sigcli.store.setting_table import (
    CHOICE,
    COUNT,
    DURATION,
    FLAG,
    SECONDS,
    SECTION,
    SETTINGS,
    SIZE,
    TABLE,
    TEXT,
)
from sigcli.store.standard_places import config_path
from sigcli.system import user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.store.setting_table import SettingRow

_SIZE_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_WRITABLE_BY_ALL = 0o002
_SIZE = r"(\d{1,12})\s*([kmg]?)(?:i?b)?"


def settled(
    given: Mapping[str, Any],
    environ: Mapping[str, str] = os.environ,
    configured: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Every value that something was said about, by its field: ``given`` over the environment over config.toml.

    ``configured`` is what other files say, by field; it holds over config.toml.
    Raises ConfigFileInvalid, and UsageError for a variable that makes no sense.
    """
    values = {**read_config(config_path(environ)), **(configured or {})}
    for row in SETTINGS:
        if row.environment and environ.get(row.environment):
            values[row.field] = read_word(row, row.environment, environ[row.environment])
    values |= {name: value for name, value in given.items() if value not in (None, "")}
    return values


def read_config(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the file's values by their fields; none if there is no file. Raises ConfigFileInvalid, naming the key."""
    try:
        with open(path, "rb") as file:
            _require_unshared(file.fileno(), path)
            data = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _invalid(f"config.toml cannot be read: {error.strerror}") from error
    import tomllib

    try:
        document = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise _invalid(f"config.toml is not valid: {error}") from error
    rows = {row.key: row for row in SETTINGS if row.key is not None}
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key not in rows:
            raise _invalid(f"config.toml: there is no key {key!r}")
        row = rows[key]
        values[row.field] = _READERS[row.kind](row, key, value)
    return values


def read_word(row: SettingRow, name: str, word: str) -> Any:
    """The value that a word stands for, which was given for the option or variable ``name``; raises UsageError."""
    if row.kind == CHOICE:
        value = row.synonyms.get(word, word)
        if value not in row.choices:
            raise UsageError(f"{name} must be one of {', '.join(row.choices)}")
        return value
    if row.kind == SECONDS:
        return _seconds_of(name, word)
    return word


def _seconds_of(name: str, word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        raise UsageError(f"{name} takes a number of seconds") from None
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"{name} takes a number of seconds from 0")
    return seconds


# --- values in the file -------------------------------------------------------------------------


def _text(_: SettingRow, key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _invalid(f"config.toml: {key} must be a string")
    return value


def _flag(_: SettingRow, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _invalid(f"config.toml: {key} must be true or false")
    return value


def _count(_: SettingRow, key: str, value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise _invalid(f"config.toml: {key} must be a number")
    return int(value)


def _seconds(row: SettingRow, key: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    return _duration_ms(row, key, value) / 1000


def _duration_ms(_: SettingRow, key: str, value: object) -> int:
    duration_ms = parse_duration_ms(value) if isinstance(value, str) else None
    if duration_ms is None:
        raise _invalid(f'config.toml: {key} must be a duration such as "12h" or "30d"')
    return duration_ms


def _bytes(_: SettingRow, key: str, value: object) -> int:
    if isinstance(value, str) and (match := re.fullmatch(_SIZE, value.strip().lower())):
        return int(match[1]) * _SIZE_UNITS[match[2]]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _invalid(f'config.toml: {key} must be a size such as "500K" or "25M"')


def _choice(row: SettingRow, key: str, value: object) -> str:
    if value not in row.choices:
        raise _invalid(f"config.toml: {key} must be one of {', '.join(row.choices)}")
    return str(value)


def _table(row: SettingRow, key: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise _invalid(f"config.toml: [{key}] must be a table of names and recipients")
    return {name: _text(row, f"{key}.{name}", recipient) for name, recipient in value.items()}


def _section(_: SettingRow, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(f"config.toml: [{key}] must be a table")
    return value


_READERS: dict[str, Callable[[SettingRow, str, object], Any]] = {
    TEXT: _text,
    FLAG: _flag,
    COUNT: _count,
    SECONDS: _seconds,
    DURATION: _duration_ms,
    SIZE: _bytes,
    CHOICE: _choice,
    TABLE: _table,
    SECTION: _section,
}


def _require_unshared(descriptor: int, path: str | os.PathLike[str]) -> None:
    """Refuse a file in which anybody may write to whom messages go, and to which service."""
    if user_id() is not None and os.fstat(descriptor).st_mode & _WRITABLE_BY_ALL:
        raise ConfigFileInvalid("others can write to config.toml", hint=f"chmod go-w '{path}'")


def _invalid(message: str) -> ConfigFileInvalid:
    return ConfigFileInvalid(message, hint="fix it with an editor; sigcli(1) lists the keys")
