"""What a decrypted content must be like to be taken as a message: what the official apps refuse is a failure here.

Source: Android's ``EnvelopeContentValidator``, and what it leaves to its readers. Timestamps are compared elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.content.data_messages import said_in, sent_in
from sigcli.wire.content import CURRENT_PROTOCOL_VERSION

if TYPE_CHECKING:
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
    if data.group is not None and (damage := _problem_of_group(data.group)) is not None:
        return damage
    for part_name, author, problem in _AUTHORS:
        part = getattr(data, part_name)
        if part is not None and getattr(part, author) is None:
            return problem
    return "the gift badge is damaged" if _gift_is_broken(data) else None


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


_AUTHORS = (
    ("quote", "author", "the quoted message has no author"),
    ("reaction", "target_author", "the reaction does not say to whose message"),
    ("story_context", "author", "the answer does not say to whose story"),
    ("poll_vote", "target_author", "the vote does not say in whose poll"),
    ("pin_message", "target_author", "it is not said whose message is pinned"),
    ("unpin_message", "target_author", "it is not said whose message is pinned no longer"),
    ("admin_delete", "target_author", "it is not said whose message is deleted"),
)
"""Parts that name a message, the field for its author, and what is wrong where that is empty."""
