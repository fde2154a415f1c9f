"""Messages that the account has sent: what became of them, and what can still be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from sigcli import operations
from sigcli.client.content.long_text import body_of
from sigcli.library.conversations import Answerable

if TYPE_CHECKING:
    from typing import Unpack

    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.errors import SigcliError
    from sigcli.library.conversations import Conversation
    from sigcli.library.people import Person
    from sigcli.library.session import Session


class SendOptions(TypedDict, total=False):
    """What a message may have besides; as the options of ``sigcli send`` (``sigcli.operations.Send``)."""

    markdown: bool
    """The text holds ``**bold** *italic* ~~struck~~ ||spoiler|| `code```."""
    find_mentions: bool
    """``@number``, ``@uuid`` and ``@name`` in the text mention people."""
    mentions: Sequence[str]
    text_styles: Sequence[str]
    view_once: bool
    voice_note: bool
    preview_url: str
    preview_title: str
    preview_description: str
    preview_image: str
    sticker: str
    no_urgent: bool
    notify_self: bool
    retry: str
    """Try for so long (``"90s"``, ``"30m"``) to get it through."""
    strict: bool
    """Raise unless everybody got it."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What became of a message for one recipient; ``error`` is None where they got it."""

    person: Person
    error: SigcliError | None
    group_id: str | None = None
    is_sealed: bool = False
    """Whether the service did not learn who sent it."""
    retry_after_s: int | None = None

    @property
    def succeeded(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class SentMessage(Answerable):
    """A message that was sent; its timestamp is its name in the network.

    What is done with it goes to everybody who was to get it; raises SendFailed and its kinds if it reached nobody.
    """

    _session: Session = field(repr=False, compare=False)
    conversation: Conversation = field(repr=False)
    timestamp_ms: int
    results: tuple[RecipientResult, ...]
    text: str | None = field(default=None, repr=False)

    def edit(self, text: str, **options: Unpack[SendOptions]) -> SentMessage:
        """Replace its text; the value that is returned is the new version."""
        return self._session.send(
            self.conversation, text, options, edit_timestamp=self.timestamp_ms
        )

    @property
    def _author(self) -> str:
        return self._session.aci

    def _quote(self) -> dict[str, Any]:
        return {
            "quote_timestamp": self.timestamp_ms,
            "quote_author": self._author,
            "quote_message": body_of(self.text or ""),
        }

    def delete(self) -> SentMessage:
        """Delete it for everybody."""
        return self._session.sent(
            operations.RemoteDelete(
                target_timestamp=self.timestamp_ms, **self.conversation.parameters
            ),
            self.conversation,
        )


def results_of(session: Session, outcome: SendOutcome) -> tuple[RecipientResult, ...]:
    """What became of a message, recipient by recipient."""
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.library.people import person_of
    from sigcli.operations.shapes.scalars import base64_text

    return tuple(
        RecipientResult(
            person_of(session, one.recipient),
            # The result alone may say why: it then fails as a message to this recipient alone would.
            one.error or SendOutcome(outcome.timestamp_ms, (one,)).failure(),
            None if one.group_id is None else base64_text(one.group_id),
            one.sealed,
            one.retry_after_s,
        )
        for one in outcome.results
    )
