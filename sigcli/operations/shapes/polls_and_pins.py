"""Polls and pinned messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.operations.shapes.message_parts import target_json
from sigcli.operations.shapes.people import person_fields

if TYPE_CHECKING:
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.polls_and_pins import PinMessage, PollCreate, PollVote

FOREVER = -1


def poll_create_json(poll: PollCreate) -> dict[str, Any]:
    """``pollCreate``."""
    return {
        "question": poll.question,
        "allowMultiple": poll.allow_multiple,
        "options": list(poll.options),
    }


def poll_vote_json(vote: PollVote, directory: Directory) -> dict[str, Any]:
    """``pollVote``; the author is the poll's."""
    return {
        **person_fields("author", vote.target_author, directory),
        "targetSentTimestamp": vote.target_timestamp_ms,
        "optionIndexes": list(vote.option_indexes),
        "voteCount": vote.vote_count,
    }


def pin_message_json(pin: PinMessage, directory: Directory) -> dict[str, Any]:
    """``pinMessage``."""
    shape = target_json(pin, directory)
    shape["pinDurationSeconds"] = pin_duration_s(pin)
    return shape


def pin_duration_s(pin: PinMessage) -> int:
    """Seconds; FOREVER, or 0 if the sender does not say."""
    return FOREVER if pin.forever else pin.duration_s or 0
