"""What holds for one run: command line over environment over config.toml over default."""

from __future__ import annotations

import os
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.store.accounts import DataDirectory
from sigcli.store.config import config_path, default_data_dir, read_config
from sigcli.store.database import DEFAULT_LOCK_TIMEOUT_S
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_ENVIRONMENT = "live"
DEFAULT_TRUST_POLICY = "on-first-use"
_PACKAGED_ENVIRONMENTS = ("live", "staging", "sandbox")


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
    trace: Callable[[str], None] | None = field(default=None, repr=False)

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


def resolve_settings(
    *,
    warn: Callable[[str], None],
    data_dir: str | None = None,
    account: str | None = None,
    service_environment: str | None = None,
    trust_new_identities: str | None = None,
    disable_send_log: bool = False,
    lock_timeout_s: float | None = None,
    trace: Callable[[str], None] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Fill in what was not given; raises ConfigFileInvalid."""
    config = read_config(config_path(environ))
    if lock_timeout_s is None:
        lock_timeout_s = config.lock_timeout_s
    return Settings(
        data_dir=Path(data_dir or config.data_dir or default_data_dir(environ)),
        warn=warn,
        account=account or config.account,
        service_environment=service_environment or config.service_environment,
        trust_new_identities=trust_new_identities
        or config.trust_new_identities
        or DEFAULT_TRUST_POLICY,
        send_log=not (disable_send_log or config.disable_send_log),
        lock_timeout_s=DEFAULT_LOCK_TIMEOUT_S if lock_timeout_s is None else lock_timeout_s,
        keep_messages_ms=config.keep_messages_ms,
        keep_attachments_ms=config.keep_attachments_ms,
        max_attachment_bytes=config.max_attachment_bytes,
        aliases=config.aliases,
        trace=trace,
    )
