"""What all objects of one account share: the account kept open, and how operations are run on it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sigcli import operations
from sigcli.client.live.live_account import LiveAccount
from sigcli.errors import AccountClosed
from sigcli.library.files import words_for
from sigcli.operations.table import OPERATIONS, SETTINGS, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.base.account import Account
    from sigcli.client.base.settings import Settings
    from sigcli.client.live.live_options import LiveOptions
    from sigcli.library.conversations import Conversation
    from sigcli.library.files import Attachable
    from sigcli.library.sent import SendOptions, SentMessage
    from sigcli.operations.shapes.sent import Sent
    from sigcli.store.accounts_file import LocalAccount

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Runnable(Protocol[T_co]):
    """An operation with its result (``sigcli.operations``)."""

    def run(self, on: Any, /) -> T_co:
        """Do it."""


class Session:
    """Safe from several threads; raises AccountClosed once it is closed."""

    def __init__(self, settings: Settings, entry: LocalAccount, options: LiveOptions) -> None:
        """Open the account; raises StoreError, InvalidEnvironment."""
        self.settings = settings
        self.live = LiveAccount(settings, entry, options)
        self.aci = str(entry.aci)
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        return self._closed

    def begin_to_close(self) -> bool:
        """Take no more requests; whether this was the first call."""
        with self._lock:
            was_closed, self._closed = self._closed, True
        return not was_closed

    @contextmanager
    def opened(self) -> Iterator[Account]:
        """The account for the calling thread."""
        if self._closed:
            raise AccountClosed
        with self.live.opened() as opened:
            yield opened

    def run(self, operation: Runnable[T]) -> T:
        """Do an operation on the account or the settings, as it needs; raises SigcliError, its result's failure too."""
        entry = entry_of(operation)
        if entry is not None and entry.needs == SETTINGS:
            result = operation.run(self.settings)
        else:
            with self.opened() as opened:
                result = operation.run(opened)
        raise_failure(result, result)
        return result

    def send(
        self,
        conversation: Conversation,
        text: str | None,
        options: SendOptions,
        *,
        attachments: Sequence[Attachable] = (),
        **parameters: Any,
    ) -> SentMessage:
        """Send a message to a conversation; ``parameters`` are further ones of ``operations.Send``."""
        send = operations.Send(
            message=text,
            attachments=words_for(attachments),
            **conversation.parameters,
            **options,
            **parameters,
        )
        return self.sent(send, conversation, text)

    def react(
        self,
        conversation: Conversation,
        author: str,
        timestamp_ms: int,
        emoji: str,
        *,
        remove: bool,
    ) -> SentMessage:
        """React to a message of a conversation."""
        reaction = operations.SendReaction(
            emoji=emoji,
            target_author=author,
            target_timestamp=timestamp_ms,
            remove=remove,
            **conversation.parameters,
        )
        return self.sent(reaction, conversation)

    def sent(
        self, operation: Runnable[Any], conversation: Conversation, text: str | None = None
    ) -> SentMessage:
        """Do an operation that sends something, and give it as a value."""
        from sigcli.library.sent import SentMessage, results_of

        with self.opened() as opened:
            result: Sent = operation.run(opened)
        outcome = result.outcome
        message = SentMessage(
            self, conversation, outcome.timestamp_ms, results_of(self, outcome), text
        )
        raise_failure(result, message)
        return message


def entry_of(operation: object) -> Entry | None:
    """Where an operation stands in the table; None for one of a program's own."""
    name = type(operation).__name__
    return OPERATIONS.get(name[:1].lower() + name[1:])


def raise_failure(result: object, partial: object) -> None:
    """Raise why an operation has failed as a whole, if it has; ``partial`` becomes the error's ``result``."""
    failure = getattr(result, "failure", None)
    if failure is not None:
        failure.result = partial
        raise failure
