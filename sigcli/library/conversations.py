"""Where something is said: the people and groups that get it, and what can be said to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigcli import operations

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from sigcli.library.files import Attachable
    from sigcli.library.sent import SendOptions, SentMessage
    from sigcli.library.session import Session

    class AudienceParameters(TypedDict):
        """The parameters of operations that name the recipients."""

        recipients: Sequence[str]
        group_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """People, by what operations take for them, and groups by their ids."""

    recipients: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()

    @property
    def parameters(self) -> AudienceParameters:
        """As operations take them."""
        return {"recipients": self.recipients, "group_ids": self.group_ids}


class Answerable:
    """A message of a conversation, which can be answered and reacted to."""

    __slots__ = ()
    _session: Session
    conversation: Conversation
    timestamp_ms: int

    @property
    def _author(self) -> str:
        """Who wrote it, as operations take it."""
        raise NotImplementedError

    def _quote(self) -> dict[str, Any]:
        """The parameters of ``operations.Send`` that quote it."""
        raise NotImplementedError

    def reply(
        self,
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """Send a message to its conversation that quotes it."""
        return self._session.send(
            self.conversation, text, options, attachments=attachments, **self._quote()
        )

    def react(self, emoji: str, *, remove: bool = False) -> SentMessage:
        """React to it with one emoji, or take that back."""
        return self._session.react(
            self.conversation, self._author, self.timestamp_ms, emoji, remove=remove
        )


class Correspondent:
    """A person or a group: somebody to talk to."""

    __slots__ = ()
    _session: Session

    @property
    def conversation(self) -> Conversation:
        """The one with them alone."""
        raise NotImplementedError

    def send(
        self,
        text: str | None = None,
        *,
        attachments: Sequence[Attachable] = (),
        **options: Unpack[SendOptions],
    ) -> SentMessage:
        """Send them a message; as ``Account.send``."""
        return self._session.send(self.conversation, text, options, attachments=attachments)

    def show_typing(self, *, stop: bool = False) -> None:
        """Show them that you type, for 15 seconds or until ``stop``."""
        self._session.run(operations.SendTyping(stop=stop, **self.conversation.parameters))

    def block(self) -> None:
        """Take nothing from them any more."""
        self._session.run(operations.Block(**self.conversation.parameters))

    def unblock(self) -> None:
        """Take messages from them again."""
        self._session.run(operations.Unblock(**self.conversation.parameters))
