"""Which message a content is: its name, its conversation and its timer, and what may remain of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import data_of, with_data
from sigcli.lazy_dataclass import replace
from sigcli.store.inbox_values import InboxMessage
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.envelopes import MAX_TIMESTAMP_MS

if TYPE_CHECKING:
    from sigcli.store.inbox_values import EnvelopeMetadata
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.stories import StoryMessage


def message_of(content: Content, metadata: EnvelopeMetadata) -> InboxMessage | None:
    """The message that the content is; None for a receipt, a typing indicator and the like."""
    if content.data_message is not None or content.story_message is not None:
        return InboxMessage(metadata.timestamp_ms)
    if content.edit_message is not None:
        return InboxMessage(
            metadata.timestamp_ms, stored_time(content.edit_message.target_timestamp_ms)
        )
    sent = None if content.sync_message is None else content.sync_message.sent
    if sent is None:
        return None
    edits_ms = None
    if sent.edit_message is not None:
        edits_ms = stored_time(sent.edit_message.target_timestamp_ms)
    timer_ms, started_ms = timer_ms_of(content), sent.expiration_start_timestamp_ms
    expires_ms = min(started_ms + timer_ms, MAX_TIMESTAMP_MS) if timer_ms and started_ms else None
    return InboxMessage(min(sent.timestamp_ms, MAX_TIMESTAMP_MS), edits_ms, expires_ms)


def stored_time(timestamp_ms: int) -> int | None:
    """A time that a message can be named by; None for one that no message has."""
    return timestamp_ms if timestamp_ms <= MAX_TIMESTAMP_MS else None


def timer_ms_of(content: Content) -> int:
    """How long the message may be read, 0 for ever."""
    data = data_of(content)
    if data is None or data.is_expiration_update:
        return 0
    return data.expire_timer_s * 1000


def is_view_once(content: Content) -> bool:
    """Whether the message is to be viewed once."""
    data = data_of(content)
    return data is not None and data.is_view_once


def conversation_of(content: Content, source: ServiceId) -> bytes:
    """The master key of the group, or the service id of the other side; empty if that is not known."""
    data = data_of(content)
    group = None if data is None else data.group
    sent = None if content.sync_message is None else content.sync_message.sent
    story = content.story_message if sent is None else sent.story_message
    if story is not None:
        group = story.group
    if group is not None:
        return group.master_key
    peer = source if sent is None else sent.destination
    return b"" if peer is None else peer.to_fixed_width()


def remains_of(content: Content) -> Content:
    """What may stay of a withdrawn message: when and for which conversation it was written."""
    bare = with_data(content, _remains_of_data)
    sync = bare.sync_message
    if sync is not None and sync.sent is not None:
        sent = replace(sync.sent, story_message=_remains_of_story(sync.sent.story_message))
        return Content(sync_message=type(sync)(sent=sent))
    return Content(
        data_message=bare.data_message,
        edit_message=bare.edit_message,
        story_message=_remains_of_story(content.story_message),
    )


def _remains_of_data(data: DataMessage) -> DataMessage:
    return DataMessage(
        timestamp_ms=data.timestamp_ms,
        group=_remains_of_group(data.group),
        expire_timer_s=data.expire_timer_s,
        is_view_once=data.is_view_once,
    )


def _remains_of_story(story: StoryMessage | None) -> StoryMessage | None:
    if story is None:
        return None
    return type(story)(group=_remains_of_group(story.group), allows_replies=story.allows_replies)


def _remains_of_group(group: GroupContext | None) -> GroupContext | None:
    return None if group is None else replace(group, group_change=None)
