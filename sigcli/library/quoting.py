"""What an answer says of the message that it quotes: nothing in it keeps the answer from being sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from sigcli.client.content.long_text import body_of
from sigcli.client.sending.message_extras import words_for_quoted_file

if TYPE_CHECKING:
    from sigcli.library.events import Message


class _Range(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def length(self) -> int: ...


def quote_of(message: Message, author: str) -> dict[str, Any]:
    """The parameters of ``operations.Send`` that quote a received message.

    The beginning of its text is enough. Its sender chose everything in it: ranges that lie outside of the text are left
    out.
    """
    text = body_of(message.text or "")
    end = len(text.encode("utf-16-le")) // 2
    return {
        "quote_timestamp": message.timestamp_ms,
        "quote_author": author,
        "quote_message": text,
        "quote_mentions": _words(((one, one.person.address) for one in message.mentions), end),
        "quote_text_styles": _words(((one, one.name) for one in message.styles), end),
        "quote_attachments": tuple(
            words_for_quoted_file(one.content_type) for one in message.attachments
        ),
    }


def _words(ranges: Iterable[tuple[_Range, str]], end: int) -> tuple[str, ...]:
    return tuple(
        f"{one.start}:{one.length}:{what}"
        for one, what in ranges
        if one.start >= 0 and one.length > 0 and one.start + one.length <= end
    )
