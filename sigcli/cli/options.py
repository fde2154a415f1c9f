"""The options that hold for every command, as values."""

from __future__ import annotations

import os
from dataclasses import field, replace
from typing import TYPE_CHECKING

from sigcli.errors import UsageError
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings

    Serve = Callable[[Settings, Mapping[str, object], Callable[[str], None]], int]
    """Serves until told to stop, with the options of ``sigcli daemon`` and a way to tell how it goes; gives the exit
    code."""

TEXT = "plain-text"
JSON = "json"
TRUST_POLICIES = ("on-first-use", "unless-verified", "always", "never")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was given on the command line or in the environment; None where neither said anything."""

    account: str | None = None
    output: str | None = None
    data_dir: str | None = None
    service_environment: str | None = None
    trust_new_identities: str | None = None
    disable_send_log: bool = False
    lock_timeout_s: float | None = None
    verbose: int = 0
    log_file: str | None = None
    scrub_log: bool = False
    help: bool = False
    version: bool = False
    serve: Serve | None = field(default=None, repr=False)
    """What starts the daemon: it stands beside the command line, which may not know it."""

    @property
    def json(self) -> bool:
        return self.output == JSON


# spelling -> (field, takes a value)
LONG: dict[str, tuple[str, bool]] = {
    "--account": ("account", True),
    "--username": ("account", True),
    "--output": ("output", True),
    "--json": ("json", False),
    "--data-dir": ("data_dir", True),
    "--config": ("data_dir", True),
    "--service-environment": ("service_environment", True),
    "--trust-new-identities": ("trust_new_identities", True),
    "--disable-send-log": ("disable_send_log", False),
    "--lock-timeout": ("lock_timeout_s", True),
    "--verbose": ("verbose", False),
    "--log-file": ("log_file", True),
    "--scrub-log": ("scrub_log", False),
    "--help": ("help", False),
    "--version": ("version", False),
}
SHORT: dict[str, str] = {
    "-a": "--account",
    "-u": "--username",
    "-o": "--output",
    "-d": "--data-dir",
    "-c": "--config",
    "-v": "--verbose",
    "-h": "--help",
}


def with_option(options: GlobalOptions, name: str, value: str | None) -> GlobalOptions:
    """The options with one more given by its long name; raises UsageError for a value that does not fit."""
    field, _ = LONG[name]
    if field == "json":
        return replace(options, output=JSON)
    if field == "verbose":
        return replace(options, verbose=options.verbose + 1)
    if value is None:
        return replace(options, **{field: True})  # type: ignore[arg-type]
    if field == "output":
        return replace(options, output=_output(value))
    if field == "trust_new_identities" and value not in TRUST_POLICIES:
        raise UsageError(f"--trust-new-identities is one of {', '.join(TRUST_POLICIES)}")
    if field == "lock_timeout_s":
        return replace(options, lock_timeout_s=_seconds(value))
    return replace(options, **{field: value})  # type: ignore[arg-type]


def with_environment(
    options: GlobalOptions, environ: Mapping[str, str] = os.environ
) -> GlobalOptions:
    """The options with what the environment says where the command line said nothing."""
    output = options.output
    if output is None and environ.get("SIGCLI_OUTPUT"):
        output = _output(environ["SIGCLI_OUTPUT"])
    return replace(
        options,
        output=output,
        account=options.account or environ.get("SIGCLI_ACCOUNT") or None,
        data_dir=options.data_dir or environ.get("SIGCLI_DATA_DIR") or None,
        service_environment=options.service_environment
        or environ.get("SIGCLI_SERVICE_ENVIRONMENT")
        or None,
    )


def with_config(options: GlobalOptions, environ: Mapping[str, str] = os.environ) -> GlobalOptions:
    """The options of the command line itself with what config.toml says where nothing else did.

    What is not of the command line (account, data directory, …) is settled with the account's settings. Raises
    ConfigFileInvalid.
    """
    from sigcli.store.config import config_path, read_config

    config = read_config(config_path(environ))
    return replace(
        options,
        output=options.output or config.output,
        verbose=options.verbose or config.verbose or 0,
        log_file=options.log_file or config.log_file,
        scrub_log=options.scrub_log or bool(config.scrub_log),
    )


def _output(value: str) -> str:
    if value == "text":
        return TEXT
    if value not in (TEXT, JSON):
        raise UsageError(f"the output is {TEXT} or {JSON}")
    return value


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise UsageError("--lock-timeout takes a number of seconds") from None
    if not 0 <= seconds < float("inf"):
        raise UsageError("--lock-timeout takes a number of seconds from 0")
    return seconds
