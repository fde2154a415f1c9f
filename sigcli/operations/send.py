"""``send``."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sigcli.errors import NothingToSend, UsageError
from sigcli.operations.audience import ToAudience, ToAudienceOrSelf, connect_ahead
from sigcli.operations.declaring import FILES, RECIPIENTS, Many, operation, option
from sigcli.operations.results import Nothing
from sigcli.operations.shapes.sent import Sent

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.sending.send_retrying import Retrying


@operation
class Send(ToAudienceOrSelf):
    """Send a message.

    Prints the message's timestamp, which is its name for later edits, receipts and quotes.
    """

    message: str | None = option("-m", "--message", default=None, first=True, help="the text")
    message_from_stdin: bool = option(
        "--message-from-stdin",
        default=False,
        cli_only=True,
        first=True,
        help="read the text from stdin",
    )
    attachments: Many[str] = option(
        "-a",
        "--attachment",
        "--attachments",
        default=(),
        completes=FILES,
        reads_path=True,
        first=True,
        help="files or data: URIs",
    )
    strict: bool = option("--strict", default=False, help="exit 1 unless every recipient got it")
    retry: str | None = option(
        "--retry", default=None, help="keep trying for this long (90s, 30m, 12h)"
    )
    no_urgent: bool = option("--no-urgent", default=False, help="do not wake phones for it")
    markdown: bool = option(
        "--markdown", default=False, help="**bold** *italic* ~~struck~~ ||spoiler|| `code`"
    )
    find_mentions: bool = option(
        "--mentions",
        default=False,
        json="findMentions",
        help="@number, @uuid and @name mention people",
    )
    mentions: Many[str] = option(
        "--mention", default=(), help="START:LENGTH:RECIPIENT, in UTF-16 units"
    )
    text_styles: Many[str] = option(
        "--text-style",
        default=(),
        help="START:LENGTH:BOLD|ITALIC|SPOILER|STRIKETHROUGH|MONOSPACE, in UTF-16 units",
    )
    view_once: bool = option(
        "--view-once", default=False, help="the attachment can be viewed only once"
    )
    voice_note: bool = option(
        "--voice-note", default=False, help="the attachment is a voice message"
    )
    edit_timestamp: int | None = option(
        "--edit-timestamp", default=None, minimum=0, help="replace this message of yours"
    )
    quote_timestamp: int | None = option(
        "--quote-timestamp", default=None, minimum=0, help="answer this message"
    )
    quote_author: str | None = option(
        "--quote-author", default=None, completes=RECIPIENTS, help="who wrote it"
    )
    quote_message: str | None = option("--quote-message", default=None, help="what it says")
    quote_mentions: Many[str] = option(
        "--quote-mention", default=(), help="like --mention, in the quoted text"
    )
    quote_text_styles: Many[str] = option(
        "--quote-text-style", default=(), help="like --text-style, in the quoted text"
    )
    quote_attachments: Many[str] = option(
        "--quote-attachment",
        default=(),
        reads_path=True,
        path_at=2,
        help="TYPE[:NAME[:PREVIEW FILE]] attached to it",
    )
    preview_url: str | None = option(
        "--preview-url", default=None, help="show a preview of this link"
    )
    preview_title: str | None = option("--preview-title", default=None, help="its title")
    preview_description: str | None = option(
        "--preview-description", default=None, help="its description"
    )
    preview_image: str | None = option(
        "--preview-image",
        default=None,
        completes=FILES,
        reads_path=True,
        help="its picture, a file or data: URI",
    )
    story_timestamp: int | None = option(
        "--story-timestamp", default=None, minimum=0, help="answer this story"
    )
    story_author: str | None = option(
        "--story-author", default=None, completes=RECIPIENTS, help="whose story it is"
    )
    sticker: str | None = option(
        "--sticker",
        default=None,
        metavar="PACK_ID:NUMBER",
        help="send a sticker from a known pack",
    )
    end_session: bool = option(
        "-e", "--end-session", default=False, help="send no message, but reset the sessions"
    )

    def check(self) -> None:
        ToAudience.check(self)
        if self.end_session:
            if self.group_ids or self.note_to_self:
                raise UsageError("--end-session takes people, not groups or your own account")
        elif self.message_from_stdin:
            if self.message is not None:
                raise UsageError("--message and --message-from-stdin cannot be used together")
        elif not (self.message or self.attachments or self._has_a_part_of_its_own()):
            raise NothingToSend

    def run(self, account: Account) -> Sent | Nothing:
        if self.end_session:
            from sigcli.client.sending.sessions import end_sessions

            end_sessions(account, self.audience(account))
            return Nothing()
        connect_ahead(account, to_others=bool(self.people or self.group_ids))
        from sigcli.client.sending.sending import send_message

        text, extras = self.message, None
        if self._has_parts():
            from sigcli.operations.message_parts import read_parts

            text, extras = read_parts(self)
        outcome = send_message(
            account,
            recipients=self.people,
            text=text,
            attachments=self.attachments,
            note_to_self=self.note_to_self,
            groups=self.group_ids,
            notify_self=self.notify_self,
            extras=extras,
            edit_of_ms=self.edit_timestamp,
            urgent=not self.no_urgent,
            retrying=None if self.retry is None else _retrying(self.retry, account),
        )
        return Sent(outcome, strict=self.strict)

    def _has_a_part_of_its_own(self) -> bool:
        return self.quote_timestamp is not None or self.sticker is not None

    def _has_parts(self) -> bool:
        return not _ABSENT.issuperset(_parts_of(self))


_PARTS = (
    *("mentions", "text_styles", "markdown", "find_mentions", "view_once", "voice_note"),
    *("quote_timestamp", "quote_author", "quote_message"),
    *("quote_mentions", "quote_text_styles", "quote_attachments"),
    *("preview_url", "preview_title", "preview_description", "preview_image"),
    *("story_timestamp", "story_author", "sticker"),
)
"""What few messages have: reading it costs imports."""
_parts_of = attrgetter(*_PARTS)
_ABSENT = frozenset({None, False, ()})


def _retrying(duration: str, account: Account) -> Retrying:
    from sigcli.client.sending.send_retrying import Retrying
    from sigcli.durations import parse_duration_ms

    duration_ms = parse_duration_ms(duration)
    if duration_ms is None:
        raise UsageError("--retry takes a duration such as 90s, 30m or 12h")
    return Retrying(duration_ms / 1000, account.warn)
