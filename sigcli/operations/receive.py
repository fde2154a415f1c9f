"""``receive``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.errors import UsageError
from sigcli.operations.audience import groups_option
from sigcli.operations.declaring import RECIPIENTS, Many, Operation, operation, option
from sigcli.operations.shapes.received import Received

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.events import ReceivedEvent


@operation
class Receive(Operation):
    """Print what has arrived, one message at a time.

    With --from, --group or --contains only what matches is printed, beside whatever else receives; the
    rest stays for the next receive. Ends with 1 if nothing came that matches, with 130 if it was stopped
    before. --max-messages 1 -t 600 waits ten minutes for one answer.

    A message is acknowledged to the service when it is stored here, and counts as printed when its
    line has been taken by the reader: what was not is printed first the next time. What its sender
    has deleted by then, what has expired and what was viewed once is printed without its content.
    """

    refuses_unknown = True

    timeout: float | None = option(
        "-t",
        "--timeout",
        default=None,
        metavar="SECONDS",
        help="how long to wait for new messages, negative: forever (default: end when the queue is empty)",
    )
    max_messages: int = option(
        "--max-messages", default=-1, help="stop after this many (default, and 0: no limit)"
    )
    sources: Many[str] = option(
        "--from",
        default=(),
        metavar="WHO",
        completes=RECIPIENTS,
        help="wait for what these people write from now on, and print nothing else",
    )
    group_ids: Many[str] = groups_option("the same for what is written in these groups")
    contains: str | None = option(
        "--contains", default=None, metavar="TEXT", help="the same for messages with this text"
    )
    brief: bool = option(
        "--brief",
        default=False,
        cli_only=True,
        help="one line a message, for people: time, who, where, text",
    )
    ignore_attachments: bool = option(
        "--ignore-attachments",
        default=False,
        help="do not download attachments (getAttachment fetches them)",
    )
    ignore_stories: bool = option("--ignore-stories", default=False, help="do not print stories")
    ignore_avatars: bool = option(
        "--ignore-avatars", default=False, help="do not store pictures of contacts"
    )
    ignore_stickers: bool = option(
        "--ignore-stickers", default=False, help="do not fetch sticker packs"
    )
    send_read_receipts: bool = option(
        "--send-read-receipts",
        default=False,
        help="tell senders that their messages were read (and your other devices what was viewed once)",
    )
    replay: str | None = option(
        "--replay",
        default=None,
        metavar="SINCE",
        value_if_bare="0",
        help="print kept messages again, all or since a time (ms since 1970, or 90m, 24h, 7d, 8w ago)",
    )

    def run(self, account: Account) -> Received:
        """Give what has arrived all at once; with that it counts as delivered."""
        from sigcli.client.groups.people_directory import PeopleDirectory
        from sigcli.operations.shapes.envelope import receive_object

        directory = PeopleDirectory.of(account)
        events: list[dict[str, Any]] = []

        def keep(event: ReceivedEvent) -> bool:
            events.append(receive_object(event, directory))
            return True

        self.deliver(account, keep)
        return Received(events)

    def deliver(self, account: Account, take: Callable[[ReceivedEvent], bool | None]) -> None:
        """Hand out one event after the other; ``take`` says whether it has been delivered for good.

        None from it means that there is nothing of this event to deliver.
        """
        if self.replay is None:
            account.connect_ahead()
        from sigcli.client.receiving.receiving import (
            ReceiveOptions,
            receive_messages,
            replay_messages,
        )

        if self.replay is not None:
            replay_messages(account, self.replay, take, account.stop)
            return
        options = ReceiveOptions(
            timeout_s=self.timeout,
            max_messages=self.max_messages if self.max_messages > 0 else None,
            ignore_attachments=self.ignore_attachments,
            ignore_stories=self.ignore_stories,
            ignore_avatars=self.ignore_avatars,
            ignore_stickers=self.ignore_stickers,
            send_read_receipts=self.send_read_receipts,
        )
        if self.is_choosy:
            from sigcli.client.receiving.watching import wanted_by_words, watch_messages

            wanted = wanted_by_words(account, self.sources, self.group_ids, self.contains)
            watch_messages(account, options, wanted, take, account.stop)
            return
        receive_messages(account, options, take, account.stop)

    @property
    def is_choosy(self) -> bool:
        """Whether only some messages are wanted."""
        return bool(self.sources or self.group_ids or self.contains is not None)

    def check(self) -> None:
        if self.is_choosy and self.replay is not None:
            raise UsageError(
                "--from, --group and --contains wait for what comes: --replay does not"
            )
