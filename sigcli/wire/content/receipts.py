"""Receipts, typing indicators and messages without content."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.limits import MAX_PARTS
from sigcli.wire.mapping import Codec, Value, data, enumeration, number, numbers

if TYPE_CHECKING:
    from sigcli.wire.key_types import GroupIdentifier


class ReceiptType(enum.IntEnum):
    """What happened to the messages named."""

    DELIVERY = 0
    READ = 1
    VIEWED = 2


class TypingAction(enum.IntEnum):
    """Whether typing began or ended."""

    STARTED = 0
    STOPPED = 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReceiptMessage(Value):
    """Messages (by their timestamps) were delivered, read or viewed."""

    type: ReceiptType | int
    timestamps_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TypingMessage(Value):
    """A person started or stopped typing; in a group if there is a group id (32 bytes)."""

    timestamp_ms: int
    action: TypingAction | int
    group_id: GroupIdentifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NullMessage(Value):
    """Nothing but padding: keeps a session or a delivery going."""

    padding: bytes | None = None


RECEIPT_MESSAGE = Codec(
    ReceiptMessage,
    {"type": enumeration("type", ReceiptType), "timestamps_ms": numbers("timestamp", MAX_PARTS)},
)
TYPING_MESSAGE = Codec(
    TypingMessage,
    {
        "timestamp_ms": number("timestamp"),
        "action": enumeration("action", TypingAction),
        "group_id": data("groupId"),
    },
)
NULL_MESSAGE = Codec(NullMessage, {"padding": data("padding")})
