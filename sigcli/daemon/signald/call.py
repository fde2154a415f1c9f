"""One request while it is served: its fields, its account, and operations run on that account."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sigcli.daemon.access.caller import LOCAL
from sigcli.errors import UnknownLocalAccount, UsageError
from sigcli.lazy_dataclass import replace
from sigcli.operations.declaring import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.core import Core
    from sigcli.daemon.signald.checking import Address
    from sigcli.daemon.signald.linking import LinkSessions

    class Client(Protocol):
        """The connection that a request came over."""

        def subscribe(self, live: LiveAccount, name: str, version: str) -> None:
            """Start to send an account's events, after the answer."""

        def unsubscribe(self, live: LiveAccount) -> None:
            """Stop sending them."""

        def is_subscribed(self, live: LiveAccount) -> bool:
            """Whether it gets the events of an account."""

        def answer_early(self, type: str, data: Any) -> None:
            """Send another answer before the final one."""


class Call:
    """For one thread. ``fields``: the declared ones, checked; people are ``checking.Address``."""

    def __init__(
        self,
        core: Core,
        client: Client,
        links: LinkSessions,
        version: str,
        fields: Mapping[str, Any],
    ) -> None:
        self.core = core
        self.client = client
        self.links = links
        self.version = version
        self.fields = fields

    # --- fields ------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """A field's value, or the default if it is absent."""
        return self.fields.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def word(self, name: str) -> str:
        """A person, in the form that operations take."""
        address: Address = self.fields[name]
        return address.word

    def words(self, name: str) -> list[str]:
        """The same for a list of people."""
        return [one.word for one in self.fields.get(name, ())]

    # --- the account -------------------------------------------------------------------------

    @property
    def account_name(self) -> str:
        """The account, as the request names it."""
        name = self.get("account") or self.get("username")
        return str(name)

    @property
    def live(self) -> LiveAccount:
        """The account; raises UnknownLocalAccount."""
        live = self.core.account(self.account_name)
        if not live.entry.is_called(self.account_name):
            # A daemon of one account uses that one whatever the name.
            raise UnknownLocalAccount
        return live

    @contextmanager
    def opened(self) -> Iterator[Account]:
        """The open account, for this thread."""
        with self.live.opened() as account:
            yield account

    def run(self, name: str, /, **parameters: Any) -> Any:
        """The result of an operation on this account; parameters that are None are left out. Raises its failure."""
        result = self._perform(name, parameters)
        if result.failure is not None:
            raise result.failure
        return result

    def send(self, name: str, /, **parameters: Any) -> SendOutcome:
        """The outcome for each recipient; raises NobodyInGroup if the group has no other member."""
        outcome: SendOutcome = self._perform(name, parameters).outcome
        if not outcome.results and (failure := outcome.failure()) is not None:
            raise failure
        return outcome

    def _perform(self, name: str, parameters: Mapping[str, Any]) -> Any:
        return self.core.perform(LOCAL, name, load(name)(**_given(parameters)), self.live)

    def run_on_settings(self, name: str, /, **parameters: Any) -> Any:
        """The same for an operation that needs no account."""
        settings = replace(self.core.settings, account=self.account_name)
        return self.core.perform(LOCAL, name, load(name)(**_given(parameters)), settings)

    def refuse_unless_known(self, value: str, known: tuple[str, ...], name: str) -> None:
        """Raises UsageError for any other word."""
        if value not in known:
            raise UsageError(f"{name} must be one of {', '.join(known)}")


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}
