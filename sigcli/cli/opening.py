"""From the global options to an open account: command line over environment over config.toml."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.details import details_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings


def settings(options: GlobalOptions) -> Settings:
    """What holds for this run; raises UserError for a configuration that cannot be read."""
    from sigcli.client.base.settings import resolve_settings

    return resolve_settings(
        data_dir=options.data_dir,
        account=options.account,
        service_environment=options.service_environment,
        trust_new_identities=options.trust_new_identities,
        disable_send_log=options.disable_send_log,
        lock_timeout_s=options.lock_timeout_s,
        warn=terminal.warn,
        trace=details_writer(options),
    )


def opened(options: GlobalOptions) -> Account:
    """The account that the options name, for a ``with`` block; raises UserError if there is not exactly one."""
    from sigcli.client.base.account import open_account

    return open_account(settings(options))


@contextmanager
def editing(options: GlobalOptions) -> Iterator[Account]:
    """As ``opened``, for a command that changes what the other own devices share: at its end they can read it."""
    with opened(options) as account:
        yield account
        from sigcli.client.storage.after_edits import hand_in_edits

        hand_in_edits(account)
