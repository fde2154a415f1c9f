"""A thin asynchronous face: every call runs on a thread, so that the event loop goes on meanwhile.

The values are those of the synchronous library. Their methods block: ``Account.call`` awaits any of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

from sigcli.library import opening
from sigcli.library.events import Event, Message
from sigcli.store.consumers import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from sigcli.library import streams
    from sigcli.library.account import Account as BlockingAccount
    from sigcli.library.account import Recipient
    from sigcli.library.files import Attachable
    from sigcli.library.groups import Group
    from sigcli.library.people import Person
    from sigcli.library.sent import SendOptions, SentMessage
    from sigcli.library.session import Runnable

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=Event)
_THREADS = 8
"""How many calls of one account are under way at once; further ones wait for their turn."""


class Account:
    """``sigcli.Account`` with calls to be awaited; an asynchronous context manager."""

    def __init__(self, opened: Callable[[], BlockingAccount]) -> None:
        """Made by ``open_account``; ``opened`` opens the account, on another thread."""
        self._opened = opened
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sigcli-aio")
        self._account: BlockingAccount | None = None

    async def __aenter__(self) -> Self:
        try:
            self._account = await self.call(self._opened)
        except BaseException:
            self._threads.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def blocking(self) -> BlockingAccount:
        """The account as it is without asyncio; for ``call``."""
        assert self._account is not None, "the account is opened by async with"
        return self._account

    @property
    def aci(self) -> str:
        """The account's id, as text."""
        return self.blocking.aci

    async def close(self) -> None:
        """As ``sigcli.Account.close``."""
        await self.call(self.blocking.close)
        self._threads.shutdown(wait=False)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await anything that blocks: ``await me.call(message.attachments[0].read)``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(function, *args, **kwargs))

    async def send(
        self,
        to: Recipient | Sequence[Recipient],
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """As ``sigcli.Account.send``."""
        return await self.call(self.blocking.send, to, text, attachments=attachments, **options)

    async def reply(
        self,
        message: Message | SentMessage,
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """As ``message.reply``."""
        return await self.call(message.reply, text, attachments=attachments, **options)

    async def react(
        self, message: Message | SentMessage, emoji: str, *, remove: bool = False
    ) -> SentMessage:
        """As ``message.react``."""
        return await self.call(message.react, emoji, remove=remove)

    async def edit(
        self, message: SentMessage, text: str, **options: Unpack[SendOptions]
    ) -> SentMessage:
        """As ``message.edit``."""
        return await self.call(message.edit, text, **options)

    async def delete(self, message: Message | SentMessage) -> SentMessage:
        """As ``message.delete``."""
        return await self.call(message.delete)

    async def run(self, operation: Runnable[T]) -> T:
        """As ``sigcli.Account.run``."""
        return await self.call(self.blocking.run, operation)

    async def find_message(self, author: str | Person, timestamp_ms: int) -> Message | None:
        """As ``sigcli.Account.find_message``."""
        return await self.call(self.blocking.find_message, author, timestamp_ms)

    async def person(self, who: str) -> Person:
        """As ``sigcli.Account.person``."""
        return await self.call(self.blocking.person, who)

    async def contacts(self) -> list[Person]:
        """As ``sigcli.Account.contacts``."""
        return await self.call(self.blocking.contacts)

    async def group(self, id: str) -> Group:
        """As ``sigcli.Account.group``."""
        return await self.call(self.blocking.group, id)

    async def groups(self) -> list[Group]:
        """As ``sigcli.Account.groups``."""
        return await self.call(self.blocking.groups)

    def messages(
        self,
        timeout_s: float | None = None,
        *,
        consumer: str = DEFAULT,
        until_empty: bool = False,
        own: bool = False,
    ) -> Stream[Message]:
        """As ``sigcli.Account.messages``, for ``async for``."""
        return Stream(
            partial(
                self.blocking.messages,
                timeout_s,
                consumer=consumer,
                until_empty=until_empty,
                own=own,
            )
        )

    def events(
        self,
        timeout_s: float | None = None,
        *,
        consumer: str = DEFAULT,
        until_empty: bool = False,
    ) -> Stream[Event]:
        """As ``sigcli.Account.events``, for ``async for``."""
        return Stream(
            partial(self.blocking.events, timeout_s, consumer=consumer, until_empty=until_empty)
        )


class Stream(Generic[E]):
    """An asynchronous iterator for one task, with a thread of its own that waits.

    Cancelling the task ends it; what was not taken comes again to the next one.
    """

    def __init__(self, begin: Callable[[], streams.Stream[E]]) -> None:
        self._begin = begin
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sigcli-aio-stream")
        self._blocking: streams.Stream[E] | None = None
        self._is_over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        if self._is_over:
            raise StopAsyncIteration
        try:
            event = await asyncio.get_running_loop().run_in_executor(self._thread, self._next)
        except BaseException:
            self.close()
            raise
        if event is None:
            self.close()
            raise StopAsyncIteration
        return event

    def close(self) -> None:
        """End it; may be called twice."""
        self._is_over = True
        if self._blocking is not None:
            self._blocking.close()
        self._thread.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def _next(self) -> E | None:
        # StopIteration cannot leave a thread.
        if self._blocking is None:
            self._blocking = self._begin()
        if self._is_over:
            self._blocking.close()
            return None
        return next(self._blocking, None)


def _opener(function: Callable[P, BlockingAccount]) -> Callable[P, Account]:
    def open_account(*args: P.args, **kwargs: P.kwargs) -> Account:
        """An account to be opened by ``async with``; parameters and errors as ``sigcli.open_account``."""
        return Account(partial(function, *args, **kwargs))

    return open_account


open_account = _opener(opening.open_account)
