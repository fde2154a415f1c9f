"""An account as a program has it: one object that sends, receives, and does whatever sigcli can be told to do."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sigcli import operations
from sigcli.client.live.handing_out import HandingOut
from sigcli.errors import AccountClosed
from sigcli.library.conversations import Conversation
from sigcli.library.events import Event, Message
from sigcli.library.groups import Group, group_of
from sigcli.library.people import Person, person_of
from sigcli.library.streams import Stream
from sigcli.store.consumers import DEFAULT

if TYPE_CHECKING:
    from typing import Self, Unpack

    from sigcli.library.files import Attachable
    from sigcli.library.sent import SendOptions, SentMessage
    from sigcli.library.session import Runnable, Session

T = TypeVar("T")
Recipient = str | Person | Group
"""Somebody as on the command line (number, ACI, ``u:username``, alias, contact name), a person or a group."""


class Account:
    """An account kept open, with one connection of each kind, until ``close``; a context manager.

    Safe from several threads, and beside other processes that use the same account. Every failure is a
    ``sigcli.errors.SigcliError`` with a ``hint``, and ``retry_after_s`` where the service says when to try again.
    """

    def __init__(self, session: Session) -> None:
        """Made by ``sigcli.open_account``."""
        self._session = session
        self._handing_out = HandingOut(session.settings.warn)
        self._streams: weakref.WeakSet[Stream[Event]] = weakref.WeakSet()

    # --- who this is -------------------------------------------------------------------------

    @property
    def aci(self) -> str:
        """The account's id, as text; it never changes."""
        return self._session.aci

    @property
    def number(self) -> str | None:
        """The phone number; None for an account without one."""
        with self._session.opened() as opened:
            return opened.number

    @property
    def own(self) -> Person:
        """The account as a person: what is sent there is a note to self."""
        from sigcli.client.groups.people_directory import PeopleDirectory

        with self._session.opened() as opened:
            return person_of(self._session, PeopleDirectory.of(opened).own())

    def person(self, who: str) -> Person:
        """Somebody by number, ACI, ``u:username``, alias, or the name that the user gave them.

        Asks the service where they are not known. Raises UnknownRecipient, AmbiguousRecipient, PersonNotRegistered,
        AddressMoved, ServiceError.
        """
        from sigcli.client.groups.people_directory import person_of as looked_up
        from sigcli.client.people.recipients import resolve

        with self._session.opened() as opened:
            return person_of(self._session, looked_up(resolve(opened, who)))

    def contacts(self) -> list[Person]:
        """The contacts, from what is stored here."""
        from sigcli.client.groups.people_directory import person_of as looked_up
        from sigcli.client.people.contacts import list_contacts

        with self._session.opened() as opened:
            return [person_of(self._session, looked_up(one)) for one in list_contacts(opened)]

    def group(self, id: str) -> Group:
        """A group by its id in base64; raises InvalidGroupId, UnknownGroup."""
        from sigcli.client.groups.listing import listed_group

        with self._session.opened() as opened:
            return group_of(self._session, listed_group(opened, id))

    def groups(self) -> list[Group]:
        """The groups that are known here, also those that were left."""
        from sigcli.client.groups.listing import listed_groups

        with self._session.opened() as opened:
            return [group_of(self._session, one) for one in listed_groups(opened)]

    def create_group(
        self, name: str, members: Sequence[str | Person] = (), **parameters: Any
    ) -> Group:
        """Make a group; ``parameters`` as ``sigcli.operations.UpdateGroup`` takes them."""
        words = tuple(one.address if isinstance(one, Person) else one for one in members)
        done = self.run(operations.UpdateGroup(name=name, members=words, **parameters))
        return self.group(done.group_id_base64)

    # --- sending -----------------------------------------------------------------------------

    def send(
        self,
        to: Recipient | Sequence[Recipient],
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """Send a message to people and groups, one or several; ``options`` as those of ``sigcli send``.

        The value has a result for each recipient. Raises SendFailed, SendUntrusted, SendRateLimited,
        SendNetworkFailed or SendUnregistered if it reached nobody (the value is then the error's ``result``),
        UnknownRecipient, AttachmentUnreadable, ServiceError.
        """
        return self._session.send(_conversation_with(to), text, options, attachments=attachments)

    def find_message(self, author: str | Person, timestamp_ms: int) -> Message | None:
        """A received message, in its newest version, among those that are kept here; None if it is not.

        Kept is what a consumer has not taken yet, and what ``keep_messages`` in config.toml says.
        """
        from sigcli.client.applying.received_events import EventBuilder
        from sigcli.client.groups.people_directory import PeopleDirectory
        from sigcli.client.people.recipients import resolve_known
        from sigcli.library.reading import EventReader
        from sigcli.store.withdrawals import find_versions

        word = author.address if isinstance(author, Person) else author
        with self._session.opened() as opened:
            source = resolve_known(opened, word).service_id
            versions = (
                [] if source is None else find_versions(opened.database, source, timestamp_ms)
            )
            events, directory = EventBuilder(opened), PeopleDirectory.of(opened)
            for row in reversed(versions):
                found = EventReader(self._session, events.event(row), directory).read()
                if isinstance(found, Message):
                    return found
        return None

    # --- receiving ---------------------------------------------------------------------------

    def messages(
        self,
        timeout_s: float | None = None,
        *,
        consumer: str = DEFAULT,
        until_empty: bool = False,
        own: bool = False,
    ) -> Stream[Message]:
        """What people write, in order; each message is taken when the loop asks for the next one.

        A message that was not taken, because the loop or the process has ended before, comes again. ``timeout_s``:
        end when none has come for so long (None: never). ``until_empty``: end when nothing waits any more, and raise
        what keeps messages from coming. ``own``: also what the user writes on other devices. ``consumer``: programs
        under different names each get everything; see ``docs/library.md``. Raises InvalidConsumerName.
        """

        def wanted(event: Event) -> Message | None:
            if not isinstance(event, Message) or event.withdrawn is not None:
                return None
            return event if own or not event.is_own else None

        return self._stream(consumer, timeout_s, wanted, until_empty=until_empty)

    def events(
        self,
        timeout_s: float | None = None,
        *,
        consumer: str = DEFAULT,
        until_empty: bool = False,
    ) -> Stream[Event]:
        """Everything that comes (``sigcli.events``): messages as well, and ``CaughtUp``. Otherwise as ``messages``."""
        return self._stream(consumer, timeout_s, lambda event: event, until_empty=until_empty)

    # --- everything else ---------------------------------------------------------------------

    def run(self, operation: Runnable[T]) -> T:
        """Do anything that sigcli can be told to do (``sigcli.operations``) and give its result.

        Raises what the operation raises; where it failed as a whole although there is a result, that is the error's
        ``result``.
        """
        return self._session.run(operation)

    @property
    def is_closed(self) -> bool:
        return self._session.is_closed

    def close(self) -> None:
        """End all loops and close the connections, within a second; what was taken is stored first."""
        if not self._session.begin_to_close():
            return
        self._handing_out.close()
        for stream in list(self._streams):
            stream.close()
        self._session.live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- within ------------------------------------------------------------------------------

    def _stream(
        self, consumer: str, timeout_s: float | None, wanted: Any, *, until_empty: bool
    ) -> Stream[Any]:
        if self._session.is_closed:
            raise AccountClosed
        stream: Stream[Any] = Stream(
            self._session,
            self._handing_out,
            consumer,
            timeout_s,
            wanted,
            until_empty=until_empty,
        )
        self._streams.add(stream)
        return stream


def _conversation_with(to: Recipient | Sequence[Recipient]) -> Conversation:
    """The one with everybody who is named."""
    several = [to] if isinstance(to, str | Person | Group) else to
    people = (one for one in several if not isinstance(one, Group))
    return Conversation(
        tuple(one.address if isinstance(one, Person) else one for one in people),
        tuple(one.id for one in several if isinstance(one, Group)),
    )
