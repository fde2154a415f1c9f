"""Which callers are admitted over TCP: those with a token or, if asked for, any local program or the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.daemon.access.caller import ALL_SCOPES, Caller
from sigcli.daemon.access.same_user import connection_owner, require_same_user_possible
from sigcli.errors import DoorOpen, NotAdmitted, TooManyRequests
from sigcli.lazy_dataclass import dataclass
from sigcli.system import user_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sigcli.daemon.access.rates import Rates
    from sigcli.daemon.access.same_user import Endpoint
    from sigcli.daemon.http.address import Address
    from sigcli.store.tokens import Token, Tokens

_WRONG_PER_MINUTE = 60
_FORWARDED = "x-forwarded-"


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """The access options that the daemon was started with."""

    no_auth: bool = False
    """Every program on this machine may call; only on loopback addresses."""
    same_user: bool = False
    """Programs of the daemon's own user may call without a token; only on loopback addresses."""
    attachment_root: Path | None = None
    """The folder whose files callers over TCP may name."""
    host_names: tuple[str, ...] = ()
    """Other names of the daemon, for instance behind a proxy."""


class Access:
    """Admits callers by token or by user. Safe from several threads."""

    def __init__(self, options: AccessOptions, tokens: Tokens, rates: Rates) -> None:
        """Raises SameUserUnavailable."""
        if options.same_user:
            require_same_user_possible()
        self.options = options
        self._tokens = tokens
        self._rates = rates

    @property
    def needs_token(self) -> bool:
        """Whether programs need a token at all."""
        return not self.options.no_auth

    def check_address(self, address: Address) -> None:
        """Raises DoorOpen for an address beyond this machine that anyone could call."""
        if address.is_loopback:
            return
        if self.options.no_auth:
            raise DoorOpen(
                f"--no-auth is for this machine only, and {address} can be reached from others"
            )

    def check_tcp(self, address: Address) -> None:
        """The same for a protocol that cannot carry a token; raises DoorOpen."""
        if not (self.options.no_auth or self.options.same_user) or not address.is_loopback:
            raise DoorOpen(
                "JSON-RPC over plain TCP has no place for a token",
                hint="use --socket, which needs none, or --http; or open --tcp on a loopback address to your own"
                " programs with --same-user, to all programs on this machine with --no-auth",
            )

    def admit(self, given: Sequence[str], client: str, *, is_same_user: bool) -> Caller:
        """The caller behind a request or connection; ``given`` holds its possible tokens, ``client`` is its host.

        Raises NotAdmitted, TooManyRequests, TokensDamaged.
        """
        for secret in given:
            token = self._tokens.find(secret)
            if token is not None:
                return self._with_token(token, is_same_user=is_same_user)
        if self.options.no_auth:
            return self._anyone(is_same_user=is_same_user)
        if given:
            wait_s = self._rates.spend(f"wrong {client}", _WRONG_PER_MINUTE)
            if wait_s is not None:
                raise TooManyRequests(wait_s)
        elif is_same_user:
            return self._anyone(is_same_user=True)
        raise NotAdmitted

    def is_same_user(
        self, client: Endpoint, server: Endpoint, headers: Mapping[str, str] | None = None
    ) -> bool:
        """Whether the other end is a program of the daemon's own user, where that counts; reads /proc."""
        if not self.options.same_user or is_forwarded(headers or {}):
            return False
        return connection_owner(client, server) == user_id()

    def _with_token(self, token: Token, *, is_same_user: bool) -> Caller:
        if token.per_minute is not None:
            wait_s = self._rates.spend(f"token {token.name}", token.per_minute)
            if wait_s is not None:
                raise TooManyRequests(wait_s)
        return Caller(
            token.name,
            token.scopes,
            token.accounts,
            may_read_paths=is_same_user,
            attachment_root=self.options.attachment_root,
            is_local=is_same_user,
        )

    def _anyone(self, *, is_same_user: bool) -> Caller:
        return Caller(
            None,
            ALL_SCOPES,
            may_read_paths=is_same_user,
            attachment_root=self.options.attachment_root,
            is_local=is_same_user,
        )


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a proxy forwards a request: a proxy of the same user would let in everything it forwards."""
    return any(name == "forwarded" or name.startswith(_FORWARDED) for name in headers)
