"""What a decrypted content must be like to be taken as a message: what the official apps refuse is a failure here.

Source: Android's ``EnvelopeContentValidator``, and what it leaves to its readers. Timestamps are compared elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import said_in, sent_in
from sigcli.wire.content import CURRENT_PROTOCOL_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.wire.content import Content, DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.content.stories import StoryMessage
    from sigcli.wire.content.sync_sent import SyncSent

_MASTER_KEY_LENGTH = 32
_EMPTY_EDIT = "the edit holds no message"


def senseless_part(content: Content) -> str | None:
    """What is wrong with a content, as a sentence; None if nothing is."""
    if (data := said_in(content)) is not None:
        return _problem_of_data(data)
    if content.edit_message is not None:
        return _EMPTY_EDIT
    if content.story_message is not None:
        return _problem_of_story(content.story_message)
    sync = content.sync_message
    return None if sync is None or sync.sent is None else _problem_of_sent(sync.sent)


def _problem_of_data(data: DataMessage) -> str | None:
    version = data.required_protocol_version
    if version is not None and version > CURRENT_PROTOCOL_VERSION:
        return "the message needs a newer program to be understood"
    if data.group is not None and (problem := _problem_of_group(data.group)) is not None:
        return problem
    return next((sentence for is_broken, sentence in _DATA_RULES if is_broken(data)), None)


def _problem_of_group(group: GroupContext) -> str | None:
    if len(group.master_key) != _MASTER_KEY_LENGTH:
        return "the master key of the message's group is damaged"
    return None


def _problem_of_story(story: StoryMessage) -> str | None:
    if story.group is not None and (problem := _problem_of_group(story.group)) is not None:
        return problem
    if story.file_attachment is None and story.text_attachment is None:
        return "the story shows nothing"
    return None


def _problem_of_sent(sent: SyncSent) -> str | None:
    if (data := sent_in(sent)) is not None:
        return _problem_of_data(data)
    if sent.edit_message is not None:
        return _EMPTY_EDIT
    if sent.story_message is not None:
        return _problem_of_story(sent.story_message)
    if not sent.story_recipients:
        return "the transcript holds no message"
    return None if sent.is_recipient_update else "the transcript of a story holds no story"


def _gift_is_broken(data: DataMessage) -> bool:
    if data.gift_badge is None:
        return False
    from sigcli.zkgroup.receipts import is_receipt_presentation

    return not is_receipt_presentation(data.gift_badge.receipt_credential_presentation or b"")


_DATA_RULES: tuple[tuple[Callable[[DataMessage], bool], str], ...] = (
    (
        lambda data: data.quote is not None and data.quote.author is None,
        "the quoted message has no author",
    ),
    (
        lambda data: data.reaction is not None and data.reaction.target_author is None,
        "the reaction does not say to whose message",
    ),
    (
        lambda data: data.story_context is not None and data.story_context.author is None,
        "the answer does not say to whose story",
    ),
    (
        lambda data: data.poll_vote is not None and data.poll_vote.target_author is None,
        "the vote does not say in whose poll",
    ),
    (
        lambda data: data.pin_message is not None and data.pin_message.target_author is None,
        "it is not said whose message is pinned",
    ),
    (
        lambda data: data.unpin_message is not None and data.unpin_message.target_author is None,
        "it is not said whose message is pinned no longer",
    ),
    (
        lambda data: data.admin_delete is not None and data.admin_delete.target_author is None,
        "it is not said whose message is deleted",
    ),
    (_gift_is_broken, "the gift badge is damaged"),
)
