"""What comes in: messages, and everything else that happens, as typed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sigcli import operations
from sigcli.library.conversations import Answerable
from sigcli.library.quoting import quote_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, Unpack

    from sigcli.client.base import events as client
    from sigcli.library.conversations import Conversation
    from sigcli.library.files import Attachable
    from sigcli.library.groups import Group
    from sigcli.library.people import Person
    from sigcli.library.sent import SendOptions, SentMessage
    from sigcli.library.session import Session

    Withdrawn = Literal["deleted", "expired", "opened", "deleted for me"]


class Event:
    """Something that a subscription hands out."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CaughtUp(Event):
    """Everything that waited at the service has been handed out; comes again after a connection was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Event):
    """What has come in one envelope."""

    _session: Session = field(repr=False, compare=False)
    _envelope: client.ReceivedEvent = field(repr=False, compare=False)
    id: int
    """Grows with every envelope of the account."""
    sender: Person | None
    """None where an envelope does not tell."""
    sender_device: int | None
    timestamp_ms: int
    """When it was written, by its sender's clock; with the sender it names a message."""
    received_ms: int
    """When the service received it."""
    server_guid: str | None
    """Names the envelope: the same in what is handed out again."""

    @property
    def sent_at(self) -> datetime:
        """``timestamp_ms`` as a time in UTC; 1970 for a number that cannot be one."""
        try:
            return datetime.fromtimestamp(self.timestamp_ms / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            return datetime.fromtimestamp(0, UTC)

    def to_json(self) -> dict[str, Any]:
        """All of it, as ``sigcli --json receive`` prints it (sigcli-json(5))."""
        from sigcli.client.groups.people_directory import PeopleDirectory
        from sigcli.operations.shapes.envelope import receive_object

        with self._session.opened() as opened:
            return receive_object(self._envelope, PeopleDirectory.of(opened))


# --- messages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. Nothing about it is to be trusted; ``file_name`` is never a path to write to."""

    _session: Session = field(repr=False, compare=False)
    id: str | None
    content_type: str
    file_name: str | None = field(repr=False)
    size: int | None
    caption: str | None = field(default=None, repr=False)
    width: int | None = None
    height: int | None = None
    is_voice_note: bool = False

    def path(self) -> Path:
        """Where its file is; downloaded first if it is not here. Raises NoSuchFile, ServiceError."""
        from pathlib import Path

        from sigcli.client.applying.stored_attachments import attachment_path
        from sigcli.errors import NoSuchFile

        if self.id is None:
            raise NoSuchFile("the message does not say where its attachment is")
        with self._session.opened() as opened:
            return Path(attachment_path(opened, self.id, opened.stop)).absolute()

    def read(self) -> bytes:
        """Its bytes; raises NoSuchFile, ServiceError."""
        from sigcli.errors import NoSuchFile

        try:
            return self.path().read_bytes()
        except OSError as error:
            raise NoSuchFile("the attachment has been removed in the meantime") from error


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in a text; ``start`` and ``length`` in UTF-16 code units."""

    start: int
    length: int
    person: Person


@dataclass(frozen=True, slots=True)
class Style:
    """How a part of a text is shown: BOLD, ITALIC, SPOILER, STRIKETHROUGH or MONOSPACE; in UTF-16 code units."""

    start: int
    length: int
    name: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers, with what its sender says that it said."""

    author: Person | None
    timestamp_ms: int
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji for a message, or its removal."""

    emoji: str
    author: Person | None
    """Who wrote the message that this is about."""
    timestamp_ms: int
    """The timestamp of that message."""
    is_removed: bool


@dataclass(frozen=True, slots=True)
class Sticker:
    """A sticker; ``PACK_ID:NUMBER`` is what ``sticker=`` takes when one is sent."""

    pack_id: str
    number: int
    emoji: str | None
    picture: Attachment | None


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with the answers to choose from."""

    question: str = field(repr=False)
    options: tuple[str, ...] = field(repr=False)
    allows_several: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Received, Answerable):
    """A message of a conversation: text, attachments, a reaction or another thing that people say.

    What is done with it goes to its conversation: to the group, where it came in one. That raises SendFailed and its
    kinds if it reached nobody, and ServiceError.
    """

    sender: Person
    conversation: Conversation = field(repr=False)
    """Where it was written: the group, else the person on the other side."""
    group: Group | None = None
    text: str | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    mentions: tuple[Mention, ...] = field(default=(), repr=False)
    styles: tuple[Style, ...] = field(default=(), repr=False)
    quote: Quote | None = field(default=None, repr=False)
    reaction: Reaction | None = field(default=None, repr=False)
    sticker: Sticker | None = field(default=None, repr=False)
    poll: Poll | None = field(default=None, repr=False)
    edits_ms: int | None = None
    """The timestamp of the message that it is a new version of."""
    expires_in_s: int = 0
    is_view_once: bool = False
    is_own: bool = False
    """Whether the user has written it on another device."""
    is_request: bool = False
    """Whether its sender is a stranger who was not accepted yet: nothing of theirs is downloaded unasked."""
    withdrawn: Withdrawn | None = None
    """Why there is nothing of it any more."""

    @property
    def _author(self) -> str:
        return self.sender.address

    def _quote(self) -> dict[str, Any]:
        return quote_of(self, self._author)

    def send(
        self,
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """Send another message to its conversation, without quoting it."""
        return self._session.send(self.conversation, text, options, attachments=attachments)

    def delete(self) -> SentMessage:
        """Delete it for everybody: your own message, or as an administrator any message of the group."""
        if self.is_own:
            return self._session.sent(
                operations.RemoteDelete(
                    target_timestamp=self.timestamp_ms, **self.conversation.parameters
                ),
                self.conversation,
            )
        return self._session.sent(
            operations.SendAdminDelete(
                target_author=self.sender.address,
                target_timestamp=self.timestamp_ms,
                group_ids=self.conversation.group_ids,
            ),
            self.conversation,
        )

    def mark_read(self) -> None:
        """Tell the sender, where read receipts are on, and the linked devices that it was read."""
        self._mark("read")

    def mark_viewed(self) -> None:
        """The same for a voice note that was heard, or for what is to be viewed once."""
        self._mark("viewed")

    def show_typing(self, *, stop: bool = False) -> None:
        """Show in its conversation that you type, for 15 seconds or until ``stop``."""
        self._session.run(operations.SendTyping(stop=stop, **self.conversation.parameters))

    def _mark(self, type: str) -> None:
        self._session.run(
            operations.SendReceipt(
                recipient=self.sender.address,
                target_timestamps=(self.timestamp_ms,),
                type=type,
            )
        )


# --- everything else ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion(Received):
    """A message was deleted for everybody, by its author or by an administrator of the group."""

    author: Person | None
    """Who wrote the message that this is about."""
    target_ms: int
    """The timestamp of that message."""
    group: Group | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange(Received):
    """A group was made or changed; ``to_json`` says who did what, ``group.details()`` how it is now."""

    group: Group
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Received):
    """Messages of the account were delivered, read or viewed."""

    kind: Literal["delivered", "read", "viewed"]
    timestamps_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Received):
    """Somebody types, or no longer does."""

    has_stopped: bool
    group: Group | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Received):
    """Something came that cannot be read; ``kind`` is signal-cli's name of the reason.

    With ``is_held`` it is decrypted as soon as the sender's new identity key is trusted.
    """

    kind: str
    reason: str
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Received):
    """Anything else (calls, stories, votes, what the linked devices tell one another): see ``to_json``."""
