"""What holds for one run: command line over environment over config.toml over default."""

from __future__ import annotations

import os
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass, fields
from sigcli.store.accounts import DataDirectory
from sigcli.store.config import settled
from sigcli.store.database import DEFAULT_LOCK_TIMEOUT_S
from sigcli.store.standard_places import default_data_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.progress import Report

DEFAULT_ENVIRONMENT = "live"
DEFAULT_TRUST_POLICY = "on-first-use"
_PACKAGED_ENVIRONMENTS = ("live", "staging", "sandbox")
_LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def account_option_hint(option: str, meaning: str) -> str:
    """What to say to somebody who names the account behind the command, where the option means something else."""
    return (
        "the account is named in front of the command (sigcli -a NUMBER …) or anywhere with --account:"
        f" behind this command {option} is {meaning}"
    )


@dataclass(frozen=True)
class Settings:
    """The outcome; ``account`` and ``service_environment`` are None if nothing named one."""

    data_dir: Path
    warn: Callable[[str], None] = field(repr=False)
    account: str | None = None
    service_environment: str | None = None
    trust_new_identities: str = DEFAULT_TRUST_POLICY
    send_log: bool = True
    lock_timeout_s: float = DEFAULT_LOCK_TIMEOUT_S
    keep_messages_ms: int | None = None
    keep_attachments_ms: int | None = None
    max_attachment_bytes: int | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    daemon: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What config.toml says in ``[daemon]``, as it stands there; it may hold secrets."""
    language: str | None = None
    """The user's, for texts that the service sends."""
    trace: Callable[[str], None] | None = field(default=None, repr=False)
    progress: Report | None = field(default=None, repr=False)
    """Gets how far uploads and downloads have come."""
    shares_attachments: bool = False
    """Whether attachments are also in one folder of the data directory, as signal-cli has them."""
    served_version: str | None = None
    """What programs are told as the version where this stands in for another program."""

    @cached_property
    def data_directory(self) -> DataDirectory:
        return DataDirectory(self.data_dir, lock_timeout_s=self.lock_timeout_s)

    @property
    def stored_environment(self) -> str | None:
        """The named service environment as accounts.toml knows it: a name, or a file's absolute path."""
        name = self.service_environment
        if name is None or name in _PACKAGED_ENVIRONMENTS:
            return name
        return os.path.abspath(name)


def settings_of(
    values: Mapping[str, Any],
    *,
    warn: Callable[[str], None],
    trace: Callable[[str], None] | None = None,
    progress: Report | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """The settings out of the values that something was said about, as ``config.settled`` gives them."""
    names = {one.name for one in fields(Settings)}
    said = {name: value for name, value in values.items() if name in names}
    said["data_dir"] = Path(values.get("data_dir") or default_data_dir(environ))
    said["send_log"] = not values.get("disable_send_log")
    return Settings(**said, warn=warn, trace=trace, progress=progress, language=_language(environ))


def resolve_settings(
    *,
    warn: Callable[[str], None],
    trace: Callable[[str], None] | None = None,
    environ: Mapping[str, str] = os.environ,
    **given: Any,
) -> Settings:
    """The settings out of what is given, by fields of the table of settings; raises ConfigFileInvalid, UsageError."""
    return settings_of(settled(given, environ), warn=warn, trace=trace, environ=environ)


def _language(environ: Mapping[str, str]) -> str | None:
    """The user's, for the message with a code: ``de-AT`` out of ``de_AT.UTF-8``; None if none is set."""
    for name in _LANGUAGE_VARIABLES:
        value = environ.get(name, "").partition(".")[0].partition("@")[0].replace("_", "-")
        if value and value not in ("C", "POSIX"):
            return value if value.isascii() and value.replace("-", "").isalnum() else None
    return None
