"""``sigcli token create|list|remove``: how programs get access to the daemon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sigcli.cli import terminal
from sigcli.cli.declared_commands import Command
from sigcli.cli.opening import settings
from sigcli.errors import UsageError
from sigcli.operations.declaring import Many, argument, operation, option
from sigcli.operations.table import ADMIN, RECEIVE, SEND

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.settings import Settings
    from sigcli.store.tokens import Token as StoredToken
    from sigcli.store.tokens import Tokens

CREATE, LIST, REMOVE = "create", "list", "remove"


@operation
class Token(Command):
    """Create, list and remove the tokens that let programs use the daemon over HTTP.

    create prints the token once: only its hash is stored. The token's name is also the name of its consumer: a program
    that reads messages needs its own token. A running daemon notices changes at once.
    """

    verb: str = argument(choices=(CREATE, LIST, REMOVE), help="create NAME, list, or remove NAME")
    name: str | None = argument(default=None, help="the token's name")
    scopes: Many[str] = option(
        "--scope",
        default=(),
        choices=(SEND, RECEIVE, ADMIN),
        help="create: what it allows (default: send and receive)",
    )
    accounts: Many[str] = option(
        "--account",
        default=(),
        metavar="ACCOUNT",
        help="create: only for these accounts, by number or ACI",
    )
    per_minute: int | None = option(
        "--per-minute",
        default=None,
        minimum=1,
        metavar="COUNT",
        help="create: at most this many requests a minute",
    )

    def check(self) -> None:
        if self.verb == LIST:
            if self.name is not None:
                raise UsageError("token list takes no name")
        elif self.name is None:
            raise UsageError(f"token {self.verb} needs a name")
        if self.verb != CREATE and (self.scopes or self.accounts or self.per_minute):
            raise UsageError("--scope, --account and --per-minute only work with token create")

    def run(self, options: GlobalOptions) -> int:
        from sigcli.store.tokens import Tokens

        own = settings(options)
        tokens = Tokens(own.data_dir)
        if self.verb == LIST:
            _show(tokens.all(), own, as_json=options.json)
        elif self.verb == CREATE:
            self._create(tokens, own, as_json=options.json)
        else:
            tokens.remove(self._given_name)
        return 0

    @property
    def _given_name(self) -> str:
        assert self.name is not None, "checked"
        return self.name

    def _create(self, tokens: Tokens, own: Settings, *, as_json: bool) -> None:
        import secrets

        directory = own.data_directory
        chosen = [directory.choose(name, own.stored_environment) for name in self.accounts]
        secret = tokens.create(
            self._given_name,
            secrets.token_bytes,
            time.time_ns() // 1_000_000,
            scopes=frozenset(self.scopes or (SEND, RECEIVE)),
            accounts=frozenset(str(one.aci) for one in chosen) or None,
            per_minute=self.per_minute,
        )
        if as_json:
            terminal.print_json({"name": self.name, "token": secret})
        else:
            terminal.print_line(secret)


def _show(tokens: tuple[StoredToken, ...], own: Settings, *, as_json: bool) -> None:
    labels = {str(one.aci): one.label for one in own.data_directory.accounts()}
    shown = [_json(token) for token in tokens]
    if as_json:
        terminal.print_json(shown)
        return
    for token in shown:
        accounts = token["accounts"]
        named = "all" if accounts is None else ",".join(labels.get(aci, aci) for aci in accounts)
        line = f"{token['name']}: scopes {','.join(token['scopes'])}; accounts {named}"
        if token["perMinute"] is not None:
            line += f"; {token['perMinute']} requests a minute"
        terminal.print_line(line)


def _json(token: StoredToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": sorted(token.scopes),
        "accounts": None if token.accounts is None else sorted(token.accounts),
        "perMinute": token.per_minute,
        "createdTimestamp": token.created_ms,
    }
