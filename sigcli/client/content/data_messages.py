"""The data message inside a content: as it is, in an edit, or in the transcript of what another device has sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.wire.content import Content, DataMessage, EditMessage
    from sigcli.wire.content.sync_sent import SyncSent


def said_in(content: Content) -> DataMessage | None:
    """The data message of a content, or of the edit that it is."""
    return _data(content.data_message, content.edit_message)


def sent_in(sent: SyncSent) -> DataMessage | None:
    """The data message of a transcript, or of the edit that it shows."""
    return _data(sent.message, sent.edit_message)


def data_of(content: Content) -> DataMessage | None:
    """The data message of a content, of an edit, or of a transcript."""
    data, sync = said_in(content), content.sync_message
    return sent_in(sync.sent) if data is None and sync and sync.sent else data


def _data(message: DataMessage | None, edit: EditMessage | None) -> DataMessage | None:
    return message if message is not None or edit is None else edit.data_message


def with_data(content: Content, change: Callable[[DataMessage], DataMessage]) -> Content:
    """The content with its data message changed, that of an edit or a transcript too."""
    if content.data_message is not None:
        return replace(content, data_message=change(content.data_message))
    if content.edit_message is not None:
        return replace(content, edit_message=_with_edited(content.edit_message, change))
    sync = content.sync_message
    if sync is None or sync.sent is None:
        return content
    sent = sync.sent
    if sent.message is not None:
        sent = replace(sent, message=change(sent.message))
    if sent.edit_message is not None:
        sent = replace(sent, edit_message=_with_edited(sent.edit_message, change))
    return replace(content, sync_message=replace(sync, sent=sent))


def _with_edited(edit: EditMessage, change: Callable[[DataMessage], DataMessage]) -> EditMessage:
    message = edit.data_message
    return edit if message is None else replace(edit, data_message=change(message))
