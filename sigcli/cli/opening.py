"""From the global options to settings and an open account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.details import details_writer
from sigcli.cli.surroundings import here

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.client.base.progress import Report
    from sigcli.client.base.settings import Settings


def settings(options: GlobalOptions) -> Settings:
    """The settings of this run."""
    from sigcli.client.base.settings import settings_of

    return settings_of(
        options.settled,
        warn=terminal.warner(),
        trace=details_writer(options),
        progress=_progress(),
        environ=here().environ,
    )


def opened(options: GlobalOptions) -> AbstractContextManager[Account]:
    """The account that the options name, for a ``with`` block; raises UserError unless there is exactly one."""
    return here().opened(settings(options))


def _progress() -> Report | None:
    """What shows progress, if stderr is a terminal."""
    if not here().stderr.isatty():
        return None
    from sigcli.cli.progress import progress_line

    return progress_line()
