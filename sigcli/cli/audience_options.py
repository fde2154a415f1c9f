"""What the commands that send something share: their options for whom, and the way from those to the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome
from sigcli.errors import NoRecipients
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience
    from sigcli.wire.content import DataMessage

Recipients = Annotated[
    list[str] | None,
    typer.Argument(help="numbers, ACIs, PNI:…, u:usernames, aliases or contact names"),
]
Usernames = Annotated[
    list[str] | None,
    typer.Option("-u", "--username", "--usernames", help="people, by username or username link"),
]
GroupIds = Annotated[
    list[str] | None, typer.Option("-g", "--group-id", "--group", help="groups, by their ids")
]
NoteToSelf = Annotated[bool, typer.Option("--note-to-self", help="send to the own devices")]
NotifySelf = Annotated[
    bool,
    typer.Option(
        "--notify-self", help="if among the recipients, get the message itself, not a transcript"
    ),
]
TargetAuthor = Annotated[
    str, typer.Option("-a", "--target-author", help="who wrote the message that is meant")
]
TargetTimestamp = Annotated[
    int, typer.Option("-t", "--target-timestamp", min=0, help="its timestamp")
]
Story = Annotated[bool, typer.Option("--story", help="it is a story")]


@dataclass(frozen=True, slots=True)
class ToWhom:
    """The words for an audience as they were typed."""

    recipients: list[str] | None = None
    group_ids: list[str] | None = None
    note_to_self: bool = False
    notify_self: bool = False
    usernames: list[str] | None = None

    @property
    def people(self) -> list[str]:
        """The words for people."""
        if not self.usernames:
            return self.recipients or []
        from sigcli.client.people.recipients import as_username

        return [*(self.recipients or ()), *map(as_username, self.usernames)]

    def require_any(self) -> None:
        """Raises NoRecipients if nobody is named."""
        if not (self.recipients or self.usernames or self.group_ids or self.note_to_self):
            raise NoRecipients

    def resolve(self, account: Account, *, asks_later: bool = False) -> Audience:
        """Who is meant; as ``audience.resolve_audience``."""
        from sigcli.client.sending.audience import resolve_audience

        return resolve_audience(
            account,
            self.people,
            note_to_self=self.note_to_self,
            groups=self.group_ids or [],
            notify_self=self.notify_self,
            asks_later=asks_later,
        )


def send_composed_message(
    options: GlobalOptions,
    to_whom: ToWhom,
    compose: Callable[[Account], DataMessage],
    *,
    prepare: Callable[[Account, Audience], None] | None = None,
) -> int:
    """Send a message to everybody named and print what became of it; gives the exit code."""
    to_whom.require_any()
    from sigcli.client.sending.sending import send_composed

    with opened(options) as account:
        audience = to_whom.resolve(account, asks_later=True)
        message = compose(account)
        if prepare is not None:
            prepare(account, audience)
        outcome = send_composed(account, audience, message)
    return report_outcome(outcome, as_json=options.json, strict=False)
