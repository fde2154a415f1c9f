"""What the operations on people and groups share: their parameters, and the way from those to what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.errors import NoRecipients
from sigcli.operations.declaring import (
    GROUPS,
    RECIPIENTS,
    Many,
    Operation,
    argument,
    operation,
    option,
)

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.sending.audience import Audience
    from sigcli.operations.shapes.sent import Sent
    from sigcli.wire.content import DataMessage


def groups_option(help: str = "groups: by id, alias or exact name") -> Any:
    """The parameter that takes groups."""
    return option("-g", "--group-id", "--group", default=(), completes=GROUPS, help=help)


def group_option(help: str) -> Any:
    """The parameter that takes one group, or None."""
    return option("-g", "--group-id", "--group", default=None, completes=GROUPS, help=help)


def notify_self_option() -> Any:
    """The parameter by which the account, as a recipient, gets the message itself."""
    return option(
        "--notify-self",
        default=False,
        help="if you are a recipient, get the message itself, not a transcript",
    )


@operation
class OfPeopleAndGroups(Operation):
    """An operation for people and groups, or about them."""

    recipients: Many[str] = argument(
        default=(),
        json="recipient",
        completes=RECIPIENTS,
        help="numbers, ACIs, PNI:…, u:usernames, aliases or contact names",
    )
    group_ids: Many[str] = groups_option()

    def check(self) -> None:
        if not (self.recipients or self.group_ids):
            raise NoRecipients


@operation
class ToAudience(OfPeopleAndGroups):
    """An operation for people, groups and the account itself."""

    usernames: Many[str] = option(
        "-u",
        "--username",
        "--usernames",
        default=(),
        help="people, by username or username link",
    )
    note_to_self: bool = option("--note-to-self", default=False, help="send to your own devices")

    @property
    def people(self) -> list[str]:
        """The names of people."""
        if not self.usernames:
            return list(self.recipients)
        from sigcli.client.people.recipient_words import as_username

        return [*self.recipients, *map(as_username, self.usernames)]

    @property
    def notifies_self(self) -> bool:
        """Whether the account, if it is among the recipients, gets the message itself."""
        return False

    def check(self) -> None:
        if not (self.recipients or self.usernames or self.group_ids or self.note_to_self):
            raise NoRecipients

    def audience(self, account: Account) -> Audience:
        """The people and groups; raises UnknownRecipient, AmbiguousRecipient, UnknownGroup, ServiceError."""
        return resolved(
            account,
            self.people,
            self.group_ids,
            note_to_self=self.note_to_self,
            notify_self=self.notifies_self,
        )


@operation
class ToAudienceOrSelf(ToAudience):
    """The same, where the account may get the message itself."""

    notify_self: bool = notify_self_option()

    @property
    def notifies_self(self) -> bool:
        return self.notify_self


def resolved(
    account: Account,
    people: list[str],
    group_ids: Many[str] = (),
    *,
    note_to_self: bool = False,
    notify_self: bool = False,
) -> Audience:
    """Looks people and groups up; raises UnknownRecipient, AmbiguousRecipient, UnknownGroup, ServiceError."""
    connect_ahead(account, to_others=bool(people or group_ids))
    from sigcli.client.sending.audience import resolve_audience

    return resolve_audience(
        account,
        people,
        note_to_self=note_to_self,
        groups=list(group_ids),
        notify_self=notify_self,
    )


def connect_ahead(account: Account, *, to_others: bool) -> None:
    """Begin the connections of a send before its code is imported: an anonymous one, and one for the other devices."""
    if account.owns_connections:
        account.connect_ahead(identified=account.has_other_devices, unidentified=to_others)


def sent_to(
    account: Account,
    audience: Audience,
    message: DataMessage,
) -> Sent:
    """Send a message to everybody in an audience."""
    from sigcli.client.sending.sending import send_composed
    from sigcli.operations.shapes.sent import Sent

    return Sent(send_composed(account, audience, message))


@operation
class AboutMessage(ToAudienceOrSelf):
    """An operation on a message of a conversation."""

    target_author: str = option(
        "-a", "--target-author", completes=RECIPIENTS, help="who wrote that message"
    )
    target_timestamp: int = option("-t", "--target-timestamp", minimum=0, help="its timestamp")
