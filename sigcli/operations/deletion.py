"""``remoteDelete``, ``sendAdminDelete``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NoRecipients, UsageError
from sigcli.operations.audience import ToAudience, groups_option, notify_self_option, resolved
from sigcli.operations.declaring import RECIPIENTS, Many, Operation, operation, option
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


@operation
class RemoteDelete(ToAudience):
    """Delete your own message for everybody."""

    target_timestamp: int = option(
        "-t", "--target-timestamp", minimum=0, help="the timestamp of your message"
    )
    story: bool = option(
        "--story",
        default=False,
        help="it is your story: for its viewers, or in one group with -g",
    )

    def check(self) -> None:
        if not self.story:
            ToAudience.check(self)
        elif self.recipients or self.usernames or self.note_to_self or len(self.group_ids) > 1:
            raise UsageError("--story goes to everybody who sees your stories, or to one group")

    def run(self, account: Account) -> Sent:
        if self.story:
            from sigcli.client.account.stories import delete_story

            group_id = self.group_ids[0] if self.group_ids else None
            return Sent(delete_story(account, self.target_timestamp, group_id=group_id))
        from sigcli.client.account.deleting import send_deletion
        from sigcli.client.sending.message_kinds import deletion, forget_deleted

        audience = self.audience(account)
        message = deletion(self.target_timestamp)
        forget_deleted(account, audience, self.target_timestamp)
        return Sent(send_deletion(account, audience, message))


@operation
class SendAdminDelete(Operation):
    """Delete somebody's message in a group for everybody, as an administrator."""

    target_author: str = option(
        "-a", "--target-author", completes=RECIPIENTS, help="who wrote that message"
    )
    target_timestamp: int = option("-t", "--target-timestamp", minimum=0, help="its timestamp")
    group_ids: Many[str] = groups_option()
    notify_self: bool = notify_self_option()
    story: bool = option("--story", default=False, help="it is a story")

    def check(self) -> None:
        if not self.group_ids:
            raise NoRecipients

    def run(self, account: Account) -> Sent:
        from sigcli.client.account.deleting import send_deletion
        from sigcli.client.sending.message_kinds import admin_deletion

        audience = resolved(account, [], self.group_ids, notify_self=self.notify_self)
        message = admin_deletion(
            account, self.target_author, self.target_timestamp, story=self.story
        )
        return Sent(send_deletion(account, audience, message))
