"""From the global options to settings and an open account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.details import details_writer

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings


def settings(options: GlobalOptions) -> Settings:
    """What holds for this run."""
    from sigcli.client.base.settings import settings_of

    return settings_of(options.settled, warn=terminal.warn, trace=details_writer(options))


def opened(options: GlobalOptions) -> Account:
    """The account that the options name, for a ``with`` block; raises UserError if there is not exactly one."""
    from sigcli.client.base.account import open_account

    return open_account(settings(options))
