"""``sigcli send``."""

# No annotations as strings here: Typer would compile each of them at every start, and there are many.
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.audience_options import (
    GroupIds,
    NoteToSelf,
    NotifySelf,
    Recipients,
    ToWhom,
    Usernames,
)
from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome
from sigcli.errors import NothingToSend, UsageError

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions
    from sigcli.client.sending.send_retrying import Retrying


Strings = list[str] | None


def send(
    ctx: typer.Context,
    recipients: Recipients = None,
    message: Annotated[str | None, typer.Option("-m", "--message", help="the text")] = None,
    message_from_stdin: Annotated[
        bool, typer.Option("--message-from-stdin", help="read the text from stdin")
    ] = False,
    attachments: Annotated[
        Strings, typer.Option("-a", "--attachment", "--attachments", help="files or data: URIs")
    ] = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit 1 unless every recipient got it")
    ] = False,
    retry: Annotated[
        str | None,
        typer.Option("--retry", help="try for so long (90s, 30m, 12h) to get it through"),
    ] = None,
    no_urgent: Annotated[
        bool, typer.Option("--no-urgent", help="wake nobody's phone for it")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="**bold** *italic* ~~struck~~ ||spoiler|| `code`")
    ] = False,
    find_mentions: Annotated[
        bool, typer.Option("--mentions", help="@number, @uuid and @name mention people")
    ] = False,
    mention: Annotated[
        Strings, typer.Option("--mention", help="START:LENGTH:RECIPIENT, in UTF-16 units")
    ] = None,
    text_style: Annotated[
        Strings,
        typer.Option(
            "--text-style",
            help="START:LENGTH:BOLD|ITALIC|SPOILER|STRIKETHROUGH|MONOSPACE, in UTF-16 units",
        ),
    ] = None,
    view_once: Annotated[
        bool, typer.Option("--view-once", help="the attachment can be seen once")
    ] = False,
    voice_note: Annotated[
        bool, typer.Option("--voice-note", help="the attachment is a voice message")
    ] = False,
    edit_timestamp: Annotated[
        int | None, typer.Option("--edit-timestamp", min=0, help="replace this own message")
    ] = None,
    quote_timestamp: Annotated[
        int | None, typer.Option("--quote-timestamp", min=0, help="answer this message")
    ] = None,
    quote_author: Annotated[str | None, typer.Option("--quote-author", help="who wrote it")] = None,
    quote_message: Annotated[
        str | None, typer.Option("--quote-message", help="what it says")
    ] = None,
    quote_mention: Annotated[
        Strings, typer.Option("--quote-mention", help="as --mention, in the quoted text")
    ] = None,
    quote_text_style: Annotated[
        Strings, typer.Option("--quote-text-style", help="as --text-style, in the quoted text")
    ] = None,
    quote_attachment: Annotated[
        Strings,
        typer.Option("--quote-attachment", help="TYPE[:NAME[:PREVIEW FILE]] attached to it"),
    ] = None,
    preview_url: Annotated[
        str | None, typer.Option("--preview-url", help="show a preview of this link")
    ] = None,
    preview_title: Annotated[str | None, typer.Option("--preview-title", help="its title")] = None,
    preview_description: Annotated[
        str | None, typer.Option("--preview-description", help="its description")
    ] = None,
    preview_image: Annotated[
        str | None, typer.Option("--preview-image", help="its picture, a file or data: URI")
    ] = None,
    story_timestamp: Annotated[
        int | None, typer.Option("--story-timestamp", min=0, help="answer this story")
    ] = None,
    story_author: Annotated[
        str | None, typer.Option("--story-author", help="whose story it is")
    ] = None,
    sticker: Annotated[
        str | None,
        typer.Option("--sticker", metavar="PACK_ID:NUMBER", help="send a sticker of a known pack"),
    ] = None,
    end_session: Annotated[
        bool, typer.Option("-e", "--end-session", help="send nothing; start sessions anew")
    ] = False,
) -> int:
    """Send a message.

    Prints the message's timestamp, which is its name for later edits, receipts and quotes.
    """
    to_whom = ToWhom(recipients, group_ids, note_to_self, notify_self, usernames)
    to_whom.require_any()
    if end_session:
        return _end_sessions(ctx.obj, to_whom)
    if message_from_stdin and {"-", "/dev/stdin"} & set(attachments or ()):
        raise UsageError("standard input is either the text or an attachment")
    text = _text(message, message_from_stdin)
    if not text and not attachments and quote_timestamp is None and sticker is None:
        raise NothingToSend
    extra = (
        *(mention, text_style, markdown, find_mentions),
        *(quote_timestamp, quote_author, quote_message),
        *(quote_mention, quote_text_style, quote_attachment),
        *(preview_url, preview_title, preview_description, preview_image),
        *(story_timestamp, story_author, sticker, view_once, voice_note),
    )
    extras = None
    if any(one not in (None, False) for one in extra):
        from sigcli.cli.message_options import MessageOptions

        options = MessageOptions(*extra)
        text, extras = options.read(text, has_attachments=bool(attachments))
    retrying = None if retry is None else _retrying(retry)
    from sigcli.client.sending.sending import send_message

    with opened(ctx.obj) as account:
        outcome = send_message(
            account,
            recipients=to_whom.people,
            text=text,
            attachments=attachments or [],
            note_to_self=note_to_self,
            groups=group_ids or [],
            notify_self=notify_self,
            extras=extras,
            edit_of_ms=edit_timestamp,
            urgent=not no_urgent,
            retrying=retrying,
        )
    return report_outcome(outcome, as_json=ctx.obj.json, strict=strict)


def _end_sessions(options: "GlobalOptions", to_whom: ToWhom) -> int:
    if to_whom.group_ids or to_whom.note_to_self:
        raise UsageError("--end-session takes people, not groups or the own account")
    from sigcli.client.sending.session_ending import end_sessions

    with opened(options) as account:
        end_sessions(account, to_whom.resolve(account))
    return 0


def _retrying(duration: str) -> "Retrying":
    from sigcli.client.sending.send_retrying import Retrying
    from sigcli.store.config import parse_duration_ms

    duration_ms = parse_duration_ms(duration)
    if duration_ms is None:
        raise UsageError("--retry takes a duration such as 90s, 30m or 12h")
    return Retrying(duration_ms / 1000, terminal.warn)


def _text(message: str | None, from_stdin: bool) -> str | None:
    if not from_stdin:
        return message
    if message is not None:
        raise UsageError("--message and --message-from-stdin exclude each other")
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError("the text on stdin is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


COMMANDS = {"send": send}
