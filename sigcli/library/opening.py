"""From a number to an open account, and operations that need none."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, TypeVar

from sigcli.client.base.settings import resolve_settings
from sigcli.client.live.live_options import LiveOptions
from sigcli.errors import UsageError
from sigcli.library.account import Account
from sigcli.library.session import Session, entry_of, raise_failure
from sigcli.operations.table import SETTINGS
from sigcli.store.config import read_word
from sigcli.store.setting_table import SETTINGS as SETTINGS_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.settings import Settings
    from sigcli.library.session import Runnable

T = TypeVar("T")
_LOGGER = logging.getLogger("sigcli")


def open_account(
    number: str | None = None,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    environment: str | os.PathLike[str] | None = None,
    trust_new_identities: str | None = None,
    ignore_attachments: bool = False,
    ignore_stories: bool = False,
    ignore_avatars: bool = False,
    ignore_stickers: bool = False,
    send_read_receipts: bool = False,
    warn: Callable[[str], None] | None = None,
) -> Account:
    """Open an account that is registered or linked on this machine; to be closed, best by ``with``.

    Parameters
    ----------
    number
        The account, by number or ACI; not needed where there is only one.
    data_dir, environment, trust_new_identities
        As ``--data-dir``, ``--service-environment`` and ``--trust-new-identities``: what is left out comes from the
        environment's variables and config.toml.
    ignore_attachments, ignore_stories, ignore_avatars, ignore_stickers, send_read_receipts
        As the options of ``sigcli receive``.
    warn
        Is told what the user should know and is no error; without it the logger ``sigcli`` is.

    Raises UnknownLocalAccount, NoLocalAccount, SeveralLocalAccounts, StoreError, InvalidEnvironment.
    """
    settings = _settings(number, data_dir, environment, warn, trust_new_identities)
    entry = settings.data_directory.choose(settings.account, settings.stored_environment)
    options = LiveOptions(
        ignore_attachments=ignore_attachments,
        ignore_stories=ignore_stories,
        ignore_avatars=ignore_avatars,
        ignore_stickers=ignore_stickers,
        send_read_receipts=send_read_receipts,
    )
    return Account(Session(settings, entry, options))


def run(
    operation: Runnable[T],
    *,
    number: str | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    environment: str | os.PathLike[str] | None = None,
    warn: Callable[[str], None] | None = None,
) -> T:
    """Do an operation that needs no open account, such as ``Register``, ``Verify`` and ``ListAccounts``.

    Parameters as for ``open_account``. Raises what the operation raises.
    """
    entry = entry_of(operation)
    if entry is None or entry.needs != SETTINGS:
        raise UsageError(
            f"{type(operation).__name__} needs an open account",
            hint="run it with sigcli.open_account(…).run(…)",
        )
    result = operation.run(_settings(number, data_dir, environment, warn, None))
    raise_failure(result, result)
    return result


def _settings(
    number: str | None,
    data_dir: str | os.PathLike[str] | None,
    environment: str | os.PathLike[str] | None,
    warn: Callable[[str], None] | None,
    trust_new_identities: str | None,
) -> Settings:
    if trust_new_identities is not None:
        (row,) = (row for row in SETTINGS_TABLE if row.field == "trust_new_identities")
        trust_new_identities = read_word(row, row.field, trust_new_identities)
    return resolve_settings(
        warn=warn or _log,
        account=number,
        data_dir=None if data_dir is None else os.fspath(data_dir),
        service_environment=None if environment is None else os.fspath(environment),
        trust_new_identities=trust_new_identities,
    )


def _log(text: str) -> None:
    # Names and titles that strangers chose may be in it.
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    _LOGGER.warning("%s", shown)
