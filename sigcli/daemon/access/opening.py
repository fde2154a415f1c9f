"""From the daemon's options to its access."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli.daemon.access.access import Access, AccessOptions
from sigcli.daemon.access.caller import ALL_SCOPES
from sigcli.daemon.access.rates import Rates
from sigcli.errors import UsageError
from sigcli.store.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings


_OVER_TCP = ("tcp", "http", "rest", "rest_python")


def open_access(settings: Settings, options: Mapping[str, Any]) -> Access:
    """The access that the options of ``sigcli daemon`` ask for; raises UsageError, SameUserUnavailable."""
    root = options.get("attachment_root")
    if root is not None and not Path(root).is_dir():
        raise UsageError("--attachment-root does not name a folder")
    return Access(
        AccessOptions(
            no_auth=bool(options.get("no_auth")),
            same_user=bool(options.get("same_user")),
            attachment_root=None if root is None else Path(root).absolute(),
            host_names=tuple(name.lower() for name in options.get("host_names") or ()),
        ),
        Tokens(settings.data_dir),
        Rates(time.monotonic),
    )


def tell_of_open_doors(options: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    """Say it if no program needs a token."""
    if options.get("no_auth") and any(options.get(name) is not None for name in _OVER_TCP):
        tell("--no-auth: every program on this machine may use the accounts")


def make_first_token(settings: Settings, access: Access, tell: Callable[[str], None]) -> None:
    """Create a token if programs need one and none exists; raises DiskFull, StorageUnwritable."""
    if not access.needs_token:
        return
    tokens = Tokens(settings.data_dir)
    path = tokens.create_first(secrets.token_bytes, time.time_ns() // 1_000_000, ALL_SCOPES)
    if path is not None:
        tell(f"a token for your programs is in {path}; sigcli token creates others")
