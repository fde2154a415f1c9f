"""``sendPollCreate``, ``sendPollVote``, ``sendPollTerminate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import ToAudienceOrSelf, sent_to
from sigcli.operations.declaring import RECIPIENTS, Many, operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.content import DataMessage


@operation
class SendPollCreate(ToAudienceOrSelf):
    """Start a poll."""

    question: str = option("-q", "--question", help="the question")
    options: Many[str] = option("-o", "--option", help="the answers to choose from, 2 to 10")
    no_multi: bool = option(
        "--no-multi", default=False, help="let everybody choose only one answer"
    )

    def check(self) -> None:
        self._message()
        ToAudienceOrSelf.check(self)

    def run(self, account: Account) -> Sent:
        return sent_to(account, self.audience(account), self._message())

    def _message(self) -> DataMessage:
        from sigcli.client.sending.message_kinds import poll

        return poll(self.question, self.options, allow_multiple=not self.no_multi)


@operation
class SendPollVote(ToAudienceOrSelf):
    """Vote in a poll; each vote replaces the one before."""

    poll_timestamp: int = option(
        "--poll-timestamp", minimum=0, help="the timestamp of the poll's message"
    )
    vote_count: int = option(
        "--vote-count", minimum=1, help="how often you have voted, this vote included"
    )
    poll_author: str | None = option(
        "--poll-author",
        default=None,
        completes=RECIPIENTS,
        help="who started the poll (default: looked up here, else you)",
    )
    options: Many[int] = option(
        "-o",
        "--option",
        default=(),
        minimum=0,
        help="the answers chosen, counted from 0; none: take the vote back",
    )

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import poll_vote

        audience = self.audience(account)
        message = poll_vote(
            account, self.poll_author, self.poll_timestamp, self.options, self.vote_count
        )
        return sent_to(account, audience, message)


@operation
class SendPollTerminate(ToAudienceOrSelf):
    """End your own poll."""

    poll_timestamp: int = option(
        "--poll-timestamp", minimum=0, help="the timestamp of the poll's message"
    )

    def run(self, account: Account) -> Sent:
        from sigcli.client.sending.message_kinds import poll_end

        audience = self.audience(account)
        return sent_to(account, audience, poll_end(self.poll_timestamp))
