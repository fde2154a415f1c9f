"""What a method is called with, and how it is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sigcli.daemon.jsonrpc.messages import INVALID_PARAMS, RpcError
from sigcli.errors import NoLocalAccount, SeveralLocalAccounts, UnknownLocalAccount
from sigcli.lazy_dataclass import dataclass
from sigcli.operations.declaring import Declaration
from sigcli.operations.table import ANY

if TYPE_CHECKING:
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core

NO_SUCH_ACCOUNT = "Specified account does not exist"
WHICH_ACCOUNT = "Method requires valid account parameter"
NAME_AN_ACCOUNT = "Method requires account parameter"


class Subscriber(Protocol):
    """The connection of a request, if notifications can be sent over it."""

    @property
    def has_gone(self) -> bool:
        """Whether the client no longer waits for answers."""

    def subscribe(
        self,
        live: LiveAccount | None,
        consumer: str | None,
        after: int | None,
        since_ms: int | None,
    ) -> int:
        """Start notifications; returns the number of the subscription."""

    def unsubscribe(self, number: int) -> None:
        """End it; raises UnknownSubscription."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the caller, its connection, and the account that its ``account`` names."""

    core: Core
    caller: Caller
    account: Any = None
    """As given; None if it was not given or does not matter."""
    subscriber: Subscriber | None = None

    def live(self) -> LiveAccount:
        """The account of the request; raises RpcError."""
        name = self.account
        if name is None and self.caller.accounts is not None and len(self.caller.accounts) == 1:
            (name,) = self.caller.accounts
        if name is not None and not isinstance(name, str):
            raise RpcError(INVALID_PARAMS, NO_SUCH_ACCOUNT)
        try:
            return self.core.account(name)
        except UnknownLocalAccount:
            raise RpcError(INVALID_PARAMS, NO_SUCH_ACCOUNT) from None
        except (NoLocalAccount, SeveralLocalAccounts):
            raise RpcError(INVALID_PARAMS, WHICH_ACCOUNT) from None

    def live_or_all(self) -> LiveAccount | None:
        """The account that is named; None for all of them."""
        if self.core.is_single or self.account is not None or self.caller.accounts is not None:
            return self.live()
        return None

    def required_account(self) -> str:
        """The account by name, which may not exist here yet; raises RpcError."""
        if not isinstance(self.account, str) or not self.account:
            raise RpcError(INVALID_PARAMS, NAME_AN_ACCOUNT)
        return self.account


class Method(Declaration):
    """A method that is not an operation: of the connection, of consumers, of the daemon itself."""

    __slots__ = ()
    name: ClassVar[str] = ""
    scope: ClassVar[str] = ANY
    several_only: ClassVar[bool] = False
    """Whether it exists only where the daemon serves all accounts."""
    over_http: ClassVar[bool] = True

    def call(self, context: Context) -> Any:
        """Call it and return the result; raises RpcError and SigcliError."""
        raise NotImplementedError
