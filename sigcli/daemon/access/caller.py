"""The caller as every channel knows it: what it may do, and which files it may name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.client.base.data_uris import is_data_uri
from sigcli.client.base.user_files import is_stream_name
from sigcli.errors import AccessDenied, PathNotAllowed
from sigcli.lazy_dataclass import dataclass
from sigcli.operations.table import ADMIN, ANY, RECEIVE, SEND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.operations.declaring import Declaration
    from sigcli.operations.table import Entry
    from sigcli.store.accounts_file import LocalAccount

ALL_SCOPES = frozenset({SEND, RECEIVE, ADMIN})


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller; created by the channel once it is known, and the same for all its requests."""

    name: str | None
    """The token's name; None for callers without one."""
    scopes: frozenset[str]
    accounts: frozenset[str] | None = None
    """ACIs of the accounts that it is limited to; None for all."""
    may_read_paths: bool = False
    """Whether it may name any file that the daemon can read."""
    attachment_root: Path | None = None
    """The folder whose files it may name in any case."""
    is_local: bool = False
    """Whether it is a program of the daemon's own user on this machine."""

    @property
    def consumer(self) -> str | None:
        """Its consumer: the token's name. None leaves it to the request, and then to ``default``."""
        return self.name

    def consumer_for(self, named: str | None) -> str | None:
        """The consumer of a request that may name one: the token's own. Raises AccessDenied for any other."""
        if self.name is None:
            return named or None
        if named not in (None, "", self.name):
            raise AccessDenied(
                f"the token is the consumer {self.name}",
                hint="leave the consumer out, or use a token with that name",
            )
        return self.name

    def has(self, scope: str) -> bool:
        """Whether it has a scope: "send", "receive", "admin"; every caller has "any"."""
        return scope == ANY or scope in self.scopes

    def sees(self, account: LocalAccount) -> bool:
        """Whether it may see an account: lists and events are limited to these."""
        return self.accounts is None or str(account.aci) in self.accounts

    def may(self, entry: Entry, account: LocalAccount | None = None) -> None:
        """Raises AccessDenied unless it may run this operation on this account (``live.entry``).

        Without an account (``register``, ``listAccounts`` …) a caller that is limited to certain accounts may do only
        what every caller may.
        """
        self.require(entry.scope, account)

    def require(self, scope: str, account: LocalAccount | None = None) -> None:
        """The same by scope, for what is not an operation (subscriptions, consumers)."""
        if scope == ANY:
            return
        self.require_scope(scope)
        if self.accounts is None:
            return
        if account is None:
            raise AccessDenied(
                "the token is limited to certain accounts, and this concerns all accounts"
            )
        if not self.sees(account):
            raise AccessDenied("the token is not for this account")

    def require_scope(self, scope: str) -> None:
        """Raises AccessDenied unless it has a scope, for whatever accounts: for what is limited to those it sees."""
        if not self.has(scope):
            raise AccessDenied(f"the token lacks the scope {scope}")

    def check_paths(self, operation: Declaration) -> None:
        """Raises PathNotAllowed if a parameter names a file that this caller may not read.

        Data URIs are not files. No caller may name standard input or other streams of the daemon.
        """
        for path in _paths(operation):
            if is_data_uri(path):
                continue
            if is_stream_name(path):
                raise PathNotAllowed("the daemon's own streams cannot be sent")
            if not self.may_read_paths and not self._is_below_root(path):
                raise PathNotAllowed

    def _is_below_root(self, path: str) -> bool:
        if self.attachment_root is None or "\0" in path:
            return False
        root = os.path.join(os.path.realpath(self.attachment_root), "")
        return os.path.realpath(path).startswith(root)


LOCAL = Caller(name=None, scopes=ALL_SCOPES, may_read_paths=True, is_local=True)
"""A program of the same user, over a Unix socket or standard input."""


def _paths(operation: Declaration) -> Iterator[str]:
    for parameter in operation.parameters:
        if not parameter.reads_path:
            continue
        value = getattr(operation, parameter.name)
        words = (value or ()) if parameter.many else (() if value is None else (value,))
        yield from (path for path in map(parameter.path_in, words) if path)
