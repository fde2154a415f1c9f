"""``sendStory``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.operations.audience import group_option
from sigcli.operations.declaring import FILES, Operation, operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class SendStory(Operation):
    """Show a picture or a video for a day, as a story.

    Without a group it goes to My Story: to the people whom this account talks to, as the phone has
    it set. Prints the story's timestamp; sigcli remoteDelete --story -t TIMESTAMP deletes it.
    """

    attachment: str = option(
        "-a",
        "--attachment",
        completes=FILES,
        reads_path=True,
        help="a picture or a video: a file or data: URI",
    )
    group_id: str | None = group_option("show it to the members of this group")
    no_replies: bool = option(
        "--no-replies", default=False, help="do not allow replies and reactions"
    )

    def run(self, account: Account) -> Sent:
        from sigcli.client.account.stories import send_story

        outcome = send_story(
            account,
            self.attachment,
            group_id=self.group_id,
            allows_replies=not self.no_replies,
        )
        return Sent(outcome)
