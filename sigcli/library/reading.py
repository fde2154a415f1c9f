"""From what was received to the values that a program gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.library import events
from sigcli.library.conversations import Conversation
from sigcli.library.groups import Group
from sigcli.library.people import Person, person_of
from sigcli.operations.shapes.data_message import LONG_TEXT, message_text
from sigcli.operations.shapes.scalars import base64_text
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire.content.ranges import TextStyle
from sigcli.wire.content.receipts import ReceiptType, TypingAction

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.library.session import Session
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import AttachmentPointer, Content, DataMessage
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.key_types import GroupIdentifier

_WITHDRAWN: dict[Withdrawal, events.Withdrawn] = {
    Withdrawal.DELETED: "deleted",
    Withdrawal.EXPIRED: "expired",
    Withdrawal.OPENED: "opened",
    Withdrawal.DELETED_FOR_ME: "deleted for me",
}
_SAID = (
    *("body", "attachments", "quote", "contacts", "previews", "sticker", "reaction"),
    *("poll_create", "payment", "gift_badge"),
)
"""The parts of a data message that people say."""
_TOLD = (
    *("flags", "group_call_update", "story_context", "poll_terminate", "poll_vote"),
    *("pin_message", "unpin_message"),
)
"""Those that tell of something; what has none of either is about the group itself."""


class EventReader:
    """Makes the value of an envelope; ``directory`` looks people and files up."""

    def __init__(self, session: Session, event: ReceivedEvent, directory: Directory) -> None:
        self._session = session
        self._event = event
        self._directory = directory

    def read(self) -> events.Received:
        """The value of an envelope."""
        event = self._event
        if event.failure is not None:
            return events.Failure(
                **self._envelope(),
                kind=event.failure.type,
                reason=event.failure.message,
                is_held=event.failure.untrusted_identity,
            )
        if event.is_delivery_receipt:
            timestamps_ms = (event.timestamp_ms,)
            return events.Receipt(**self._envelope(), kind="delivered", timestamps_ms=timestamps_ms)
        content = event.content
        found = None if content is None or event.source is None else self._read(content)
        return found or events.Other(**self._envelope())

    def _read(self, content: Content) -> events.Received | None:
        sent = None if content.sync_message is None else content.sync_message.sent
        data, edits_ms = _said(content if sent is None else sent)
        if data is not None:
            return self._data(data, edits_ms, sent)
        receipt, typing = content.receipt_message, content.typing_message
        if receipt is not None:
            return self._receipt(receipt.type, receipt.timestamps_ms)
        if typing is not None:
            return events.Typing(
                **self._envelope(),
                has_stopped=typing.action == TypingAction.STOPPED,
                group=self._group(typing.group_id),
            )
        return None

    def _receipt(self, type: int, timestamps_ms: tuple[int, ...]) -> events.Receipt | None:
        fields = self._envelope()
        match type:
            case ReceiptType.DELIVERY:
                return events.Receipt(**fields, kind="delivered", timestamps_ms=timestamps_ms)
            case ReceiptType.READ:
                return events.Receipt(**fields, kind="read", timestamps_ms=timestamps_ms)
            case ReceiptType.VIEWED:
                return events.Receipt(**fields, kind="viewed", timestamps_ms=timestamps_ms)
        return None

    def _data(
        self, data: DataMessage, edits_ms: int | None, sent: SyncSent | None
    ) -> events.Received | None:
        group = None
        if data.group is not None:
            from sigcli.client.groups.identifiers import group_identifier

            group = self._group(group_identifier(data.group))
        fields = self._envelope() | {"timestamp_ms": data.timestamp_ms}
        if data.delete is not None:
            return events.Deletion(
                **fields,
                author=fields["sender"],
                target_ms=data.delete.target_timestamp_ms,
                group=group,
            )
        if data.admin_delete is not None:
            return events.Deletion(
                **fields,
                author=self._person(data.admin_delete.target_author),
                target_ms=data.admin_delete.target_timestamp_ms,
                group=group,
            )
        withdrawn = self._event.withdrawn
        if withdrawn is None and not any(getattr(data, name) for name in _SAID):
            is_told = any(getattr(data, name) for name in _TOLD)
            if group is not None and data.group is not None and not is_told:
                return events.GroupChange(**fields, group=group, revision=data.group.revision)
            return None
        text, _ = message_text(data, self._directory)
        return events.Message(
            **fields,
            conversation=self._conversation(group, sent),
            group=group,
            text=text,
            attachments=tuple(
                self._attachment(one) for one in data.attachments if one.content_type != LONG_TEXT
            ),
            **self._ranges(data),
            **self._parts(data),
            edits_ms=edits_ms,
            expires_in_s=data.expire_timer_s,
            is_view_once=data.is_view_once,
            is_own=sent is not None,
            is_request=self._event.message_request,
            withdrawn=None if withdrawn is None else _WITHDRAWN[withdrawn],
        )

    # --- parts -------------------------------------------------------------------------------

    def _envelope(self) -> dict[str, Any]:
        event = self._event
        return {
            "_session": self._session,
            "_envelope": event,
            "id": event.row_id,
            "sender": None if event.source is None else person_of(self._session, event.source),
            "sender_device": event.source_device,
            "timestamp_ms": event.timestamp_ms,
            "received_ms": event.server_received_ms,
            "server_guid": event.server_guid,
        }

    def _conversation(self, group: Group | None, sent: SyncSent | None) -> Conversation:
        if group is not None:
            return Conversation(group_ids=(group.id,))
        if sent is not None:
            if sent.destination is not None:
                return Conversation((str(sent.destination),))
            return Conversation((sent.destination_number,) if sent.destination_number else ())
        assert self._event.source is not None
        return Conversation((person_of(self._session, self._event.source).address,))

    def _person(self, service_id: ServiceId | None) -> Person | None:
        if service_id is None:
            return None
        return person_of(self._session, self._directory.person(service_id))

    def _group(self, group_id: GroupIdentifier | None) -> Group | None:
        if not group_id:
            return None
        return Group(self._session, base64_text(group_id), self._directory.group_name(group_id))

    def _attachment(self, pointer: AttachmentPointer) -> events.Attachment:
        from sigcli.operations.shapes.attachments import UNKNOWN_CONTENT_TYPE

        id, _ = self._directory.attachment(pointer)
        return events.Attachment(
            self._session,
            id,
            pointer.content_type or UNKNOWN_CONTENT_TYPE,
            pointer.file_name,
            pointer.size,
            pointer.caption or None,
            pointer.width or None,
            pointer.height or None,
            pointer.is_voice_message,
        )

    def _ranges(self, data: DataMessage) -> dict[str, Any]:
        mentions, styles = [], []
        for one in data.body_ranges:
            person = self._person(one.mention)
            if person is not None:
                mentions.append(events.Mention(one.start, one.length, person))
            elif isinstance(one.style, TextStyle) and one.style is not TextStyle.NONE:
                styles.append(events.Style(one.start, one.length, one.style.name))
        return {"mentions": tuple(mentions), "styles": tuple(styles)}

    def _parts(self, data: DataMessage) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        if data.quote is not None:
            author = self._person(data.quote.author)
            parts["quote"] = events.Quote(author, data.quote.timestamp_ms, data.quote.text)
        if data.reaction is not None:
            reaction = data.reaction
            parts["reaction"] = events.Reaction(
                reaction.emoji,
                self._person(reaction.target_author),
                reaction.target_timestamp_ms,
                reaction.is_remove,
            )
        if data.sticker is not None:
            sticker = data.sticker
            parts["sticker"] = events.Sticker(
                sticker.pack_id.hex(),
                sticker.sticker_id,
                sticker.emoji,
                None if sticker.data is None else self._attachment(sticker.data),
            )
        if data.poll_create is not None:
            poll = data.poll_create
            parts["poll"] = events.Poll(poll.question, poll.options, poll.allow_multiple)
        return parts


def _said(content: Content | SyncSent) -> tuple[DataMessage | None, int | None]:
    """The data message, and of which message it is a new version."""
    edit = content.edit_message
    if edit is not None:
        return edit.data_message, edit.target_timestamp_ms
    # A transcript calls it otherwise.
    data: DataMessage | None = getattr(content, "data_message", None)
    return (getattr(content, "message", None) if data is None else data), None
