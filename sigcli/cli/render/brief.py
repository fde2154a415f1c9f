"""One line a message, for people: ``17:11 Alice → Ops: text``.

Events of no interest to a reader (receipts, typing, most sync messages) have no line. What other people have chosen is
neutralised, and a name that could be mistaken for more than a name is quoted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sigcli.cli.render.colours import BOLD, CYAN, FAINT, plain, style_of
from sigcli.cli.terminal import neutral_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.cli.render.colours import Paint
    from sigcli.client.base.events import Directory, Person, ReceivedEvent
    from sigcli.wire.content import AttachmentPointer, Content, DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.stories import StoryMessage
    from sigcli.wire.content.sync_sent import SyncSent

ARROW, PLAIN_ARROW = "→", "->"
_NO_NAME = ("→", "->", ":", "“", "”")
"""The characters that lines are made of; a name that contains one is quoted."""
_WITHDRAWN = "[withdrawn]"
_STEP = 1000


class BriefLines:
    """Makes the lines of one run; ``zone`` is the name of a time zone, None for the system's."""

    def __init__(
        self,
        directory: Directory,
        *,
        paint: Paint = plain,
        zone: str | None = None,
        arrow: str = ARROW,
    ) -> None:
        self._directory = directory
        self._paint = paint
        self._zone = zone
        self._arrow = arrow

    def line(self, event: ReceivedEvent, now_ms: int) -> str | None:
        """The line of an event; None if it has none."""
        told = self._told(event)
        if told is None:
            return None
        where, what = told
        parts = [self._paint(self._time(event.timestamp_ms, now_ms), FAINT), self._who(event)]
        if where:
            parts += [self._arrow, where]
        mark = " (message request)" if event.message_request else ""
        return f"{' '.join(parts)}{mark}: {what}"

    # --- when, who, where --------------------------------------------------------------------

    def _time(self, timestamp_ms: int, now_ms: int) -> str:
        try:
            moment, today = self._local(timestamp_ms), self._local(now_ms)
        except (ValueError, OverflowError, OSError):
            return str(timestamp_ms)
        if moment.date() == today.date():
            return f"{moment:%H:%M}"
        return f"{moment:%Y-%m-%d %H:%M}"

    def _local(self, timestamp_ms: int) -> datetime:
        moment = datetime.fromtimestamp(timestamp_ms // 1000, tz=UTC)
        if self._zone:
            from zoneinfo import ZoneInfo

            try:
                return moment.astimezone(ZoneInfo(self._zone.removeprefix(":")))
            except (KeyError, ValueError, OSError):
                return moment.astimezone()
        return moment.astimezone()

    def _who(self, event: ReceivedEvent) -> str:
        source = event.source
        if source is None:
            return "someone"
        if source.aci is not None and source.aci == event.account.aci:
            return self._paint("You", BOLD)
        return self._paint(_named(source), style_of(source.identifier or ""))

    def _group(self, group: GroupContext | None) -> str:
        if group is None:
            return ""
        from sigcli.client.groups.identifiers import group_identifier

        identifier = group_identifier(group)
        name = None if identifier is None else self._directory.group_name(identifier)
        return self._paint(_quoted(name or "an unknown group"), CYAN)

    # --- what --------------------------------------------------------------------------------

    def _told(self, event: ReceivedEvent) -> tuple[str, str] | None:
        if event.failure is not None:
            if event.failure.untrusted_identity:
                return "", "[held back: their identity key has changed; sigcli trust decides]"
            return "", f"[could not be read: {neutral_line(event.failure.message)}]"
        content = event.content
        if event.withdrawn is not None:
            data = None if content is None else content.data_message
            return self._group(None if data is None else data.group), _WITHDRAWN
        return None if content is None else self._of_content(content)

    def _of_content(self, content: Content) -> tuple[str, str] | None:
        if content.data_message is not None:
            return self._said(content.data_message)
        if content.edit_message is not None:
            return self._edited(content.edit_message.data_message)
        if content.story_message is not None:
            return self._story(content.story_message)
        call = content.call_message
        if call is not None:
            return ("", "[call]") if call.offer is not None else None
        sync = content.sync_message
        if sync is not None and sync.sent is not None:
            return self._sent(sync.sent)
        return None

    def _sent(self, sent: SyncSent) -> tuple[str, str] | None:
        if sent.message is not None:
            told = self._said(sent.message)
        elif sent.edit_message is not None:
            told = self._edited(sent.edit_message.data_message)
        elif sent.story_message is not None:
            return self._story(sent.story_message)
        else:
            told = None
        if told is None:
            return None
        where, what = told
        if not where:
            from sigcli.operations.shapes.people import look_up

            person = look_up(sent.destination, self._directory, sent.destination_number)
            if person is not None:
                where = self._paint(_named(person), style_of(person.identifier or ""))
        return where, what

    def _edited(self, data: DataMessage | None) -> tuple[str, str] | None:
        told = None if data is None else self._said(data)
        return None if told is None else (told[0], f"[edited] {told[1]}")

    def _story(self, story: StoryMessage) -> tuple[str, str]:
        said = ["[story]"]
        if story.text_attachment is not None and story.text_attachment.text:
            said.append(neutral_line(story.text_attachment.text))
        if story.file_attachment is not None:
            said.append(_attached(story.file_attachment))
        return self._group(story.group), " ".join(said)

    def _said(self, data: DataMessage) -> tuple[str, str] | None:
        parts = [*_parts(data, self._directory), *self._changes(data)]
        return (self._group(data.group), " ".join(parts)) if parts else None

    def _changes(self, data: DataMessage) -> Iterator[str]:
        """What a message in a group says about changes of the group."""
        if data.group is None or not data.group.group_change:
            return
        change = self._directory.group_change(data.group)
        if change is None:
            return
        from sigcli.cli.render.groups import sentences

        for sentence in sentences(change, self._directory):
            yield f"[{neutral_line(sentence)}]"


def _parts(data: DataMessage, directory: Directory) -> Iterator[str]:
    """What a message says, part by part."""
    from sigcli.operations.shapes.data_message import LONG_TEXT, message_text

    if data.is_view_once:
        yield "[to be viewed once]"
    body, is_cut = message_text(data, directory)
    if body:
        yield neutral_line(body) + (" […]" if is_cut else "")
    for pointer in data.attachments:
        if pointer.content_type != LONG_TEXT:
            yield _attached(pointer)
    if data.reaction is not None:
        verb = "takes back" if data.reaction.is_remove else "reacts"
        yield f"[{verb} {neutral_line(data.reaction.emoji)}]"
    if data.sticker is not None:
        yield f"[sticker {neutral_line(data.sticker.emoji or '')}]".replace(" ]", "]")
    if data.poll_create is not None:
        yield f"[poll] {neutral_line(data.poll_create.question)}"
    for part, told in (
        (data.contacts, "[contact]"),
        (data.poll_vote, "[votes]"),
        (data.poll_terminate, "[ends a poll]"),
        (data.pin_message, "[pins a message]"),
        (data.unpin_message, "[unpins a message]"),
        (data.delete or data.admin_delete, "[deletes a message]"),
        (data.group_call_update, "[group call]"),
        (data.payment, "[payment]"),
        (data.gift_badge, "[badge]"),
    ):
        if part:
            yield told
    if data.is_end_session:
        yield "[resets the session]"
    if data.is_expiration_update:
        timer = data.expire_timer_s
        yield f"[messages vanish after {timer} seconds]" if timer else "[messages stay]"


def _attached(pointer: AttachmentPointer) -> str:
    """A file in brackets: its name, or else its kind, and its size."""
    name = pointer.file_name or pointer.content_type or "file"
    size = "" if pointer.size is None else f", {size_text(pointer.size)}"
    return f"[{neutral_line(name)}{size}]"


def size_text(size: int) -> str:
    """A number of bytes for people: ``1.2 MB``."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB"):
        if value < _STEP:
            break
        value, unit = value / _STEP, larger
    return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def _named(person: Person) -> str:
    return _quoted(person.name) if person.name else neutral_line(person.identifier or "someone")


def _quoted(name: str) -> str:
    """A name that cannot be mistaken for the rest of a line."""
    safe = neutral_line(name)
    if not any(sign in safe for sign in _NO_NAME):
        return safe
    return f"“{safe.replace('“', chr(34)).replace('”', chr(34))}”"
