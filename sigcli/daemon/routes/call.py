"""One request as its handler sees it: the caller, the input, and access to operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.errors import AccessDenied, UnknownLocalAccount
from sigcli.lazy_dataclass import dataclass
from sigcli.operations.declaring import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core
    from sigcli.operations.results import Result


@dataclass(frozen=True, slots=True)
class Call:
    """``path``, ``query`` and ``body`` hold what the route declares, already checked."""

    core: Core
    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    is_json: bool = True
    """Whether the content type of the body was JSON."""

    def account(self, name: str | None = None) -> LiveAccount:
        """The account of the path, or the one that is named; raises UnknownLocalAccount or AccessDenied."""
        number = name if name is not None else self.path.get("number")
        live = self.core.account(None if number is None else as_number(number))
        if not self.caller.sees(live.entry):
            raise AccessDenied("the token is not for this account")
        return live

    def accounts(self) -> list[LiveAccount]:
        """The accounts that the caller may see."""
        return [live for live in self.core.all_accounts() if self.caller.sees(live.entry)]

    def any_account(self) -> LiveAccount:
        """An account with which to ask the service; raises UnknownLocalAccount if this daemon has no account."""
        for live in self.accounts():
            return live
        raise UnknownLocalAccount(
            "there is no account here", hint="sigcli link, or sigcli register"
        )

    def run(self, name: str, live: LiveAccount | None = None, /, **params: Any) -> Any:
        """Run an operation on an account (by default that of the path) and return its JSON.

        Raises AccessDenied, PathNotAllowed, UsageError, and the result's ``failure``.
        """
        result = self.result_of(name, live, **params)
        if result.failure is not None:
            raise result.failure
        return result.to_json()

    def result_of(self, name: str, live: LiveAccount | None = None, /, **params: Any) -> Result:
        """The same, returning the result itself, even if it is a failure."""
        operation = load(name).from_json(params)
        return self.core.perform(self.caller, name, operation, live or self.account())

    def run_without_account(self, name: str, number: str | None = None, /, **params: Any) -> Any:
        """Run an operation that needs no open account, for the number that ``--account`` would name."""
        from sigcli.lazy_dataclass import replace

        operation = load(name).from_json(params)
        settings = self.core.settings
        if number is not None:
            settings = replace(settings, account=as_number(number))
        return self.core.perform(self.caller, name, operation, settings).to_json()


def as_number(word: str) -> str:
    """A number as accounts have it: one of digits alone gets a plus."""
    text = word.strip()
    return f"+{text}" if text.isascii() and text.isdigit() else text
