"""Polls, and pinned messages."""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.limits import MAX_PARTS
from sigcli.wire.mapping import Codec, Value, aci, flag, number, numbers, text, texts


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PollCreate(Value):
    """A question with the answers to choose from."""

    question: str
    allow_multiple: bool
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PollVote(Value):
    """The answers chosen, by index; ``vote_count`` grows by one with each vote of the same person."""

    target_author: ServiceId | None
    target_timestamp_ms: int
    option_indexes: tuple[int, ...]
    vote_count: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PollTerminate(Value):
    """The author closes a poll."""

    target_timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PinMessage(Value):
    """A message is pinned, for some seconds or (``forever``) until it is unpinned."""

    target_author: ServiceId | None
    target_timestamp_ms: int
    duration_s: int | None = None
    forever: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnpinMessage(Value):
    """A message is no longer pinned."""

    target_author: ServiceId | None
    target_timestamp_ms: int


POLL_CREATE = Codec(
    PollCreate,
    {
        "question": text("question"),
        "allow_multiple": flag("allowMultiple"),
        "options": texts("options", MAX_PARTS),
    },
)
POLL_VOTE = Codec(
    PollVote,
    {
        "target_author": aci("targetAuthorAciBinary"),
        "target_timestamp_ms": number("targetSentTimestamp"),
        "option_indexes": numbers("optionIndexes", MAX_PARTS),
        "vote_count": number("voteCount"),
    },
)
POLL_TERMINATE = Codec(PollTerminate, {"target_timestamp_ms": number("targetSentTimestamp")})
PIN_MESSAGE = Codec(
    PinMessage,
    {
        "target_author": aci("targetAuthorAciBinary"),
        "target_timestamp_ms": number("targetSentTimestamp"),
        "duration_s": number("pinDurationSeconds"),
        "forever": flag("pinDurationForever"),
    },
)
UNPIN_MESSAGE = Codec(
    UnpinMessage,
    {
        "target_author": aci("targetAuthorAciBinary"),
        "target_timestamp_ms": number("targetSentTimestamp"),
    },
)
