"""``block``, ``unblock`` and ``sendMessageRequestResponse``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NoRecipients
from sigcli.operations.audience import OfPeopleAndGroups
from sigcli.operations.declaring import Many, operation, option
from sigcli.operations.editing import editing
from sigcli.operations.results import Nothing

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_HINT = "name somebody (+number, ACI, PNI:…) or a group with -g"


@operation
class Deciding(OfPeopleAndGroups):
    """Something that is decided about people and groups."""

    def check(self) -> None:
        if not (self.recipients or self.group_ids):
            raise NoRecipients(hint=_HINT)

    def _set_blocked(self, account: Account, blocked: bool) -> Nothing:
        from sigcli.client.account.people.blocking import set_blocked

        with editing(account):
            set_blocked(account, self.recipients, self.group_ids, blocked=blocked)
        return Nothing()


@operation
class Block(Deciding):
    """Block people and groups: nothing of theirs is printed any more.

    Your other devices block them as well. On the primary device somebody who has the profile key
    loses it: the account gets a new one, which the next receive tells to everybody else.
    """

    def run(self, account: Account) -> Nothing:
        return self._set_blocked(account, True)


@operation
class Unblock(Deciding):
    """Unblock people and groups, here and on your other devices; people are accepted again."""

    def run(self, account: Account) -> Nothing:
        return self._set_blocked(account, False)


@operation
class SendMessageRequestResponse(Deciding):
    """Accept the message requests of strangers, or delete them.

    Who is accepted learns the profile, and from then on that messages were delivered. Your other
    devices do the same.
    """

    usernames: Many[str] = option("-u", "--username", default=(), help="people by their usernames")
    type: str = option("--type", choices=("accept", "delete"), help="what to answer")

    def check(self) -> None:
        if not (self.recipients or self.usernames or self.group_ids):
            raise NoRecipients(hint=_HINT)

    def run(self, account: Account) -> Nothing:
        from sigcli.client.account.people.request_responses import respond_to_requests
        from sigcli.client.people.recipient_words import as_username

        people = [*self.recipients, *map(as_username, self.usernames)]
        with editing(account):
            respond_to_requests(account, people, self.group_ids, accept=self.type == "accept")
        return Nothing()
