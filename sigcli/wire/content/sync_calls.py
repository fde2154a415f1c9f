"""What an account's devices tell each other about calls."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.mapping import Codec, Value, data, enumeration, number


class CallEventType(enum.IntEnum):
    """What kind of call it is."""

    UNKNOWN_TYPE = 0
    AUDIO_CALL = 1
    VIDEO_CALL = 2
    GROUP_CALL = 3
    AD_HOC_CALL = 4


class CallEventDirection(enum.IntEnum):
    """Who called."""

    UNKNOWN_DIRECTION = 0
    INCOMING = 1
    OUTGOING = 2


class CallEventKind(enum.IntEnum):
    """What became of a call."""

    UNKNOWN_EVENT = 0
    ACCEPTED = 1
    NOT_ACCEPTED = 2
    DELETE = 3
    OBSERVED = 4


class CallLinkUpdateType(enum.IntEnum):
    """What happened to a call link."""

    UPDATE = 0


class CallLogEventType(enum.IntEnum):
    """What happened to the list of calls."""

    CLEAR = 0
    MARKED_AS_READ = 1
    MARKED_AS_READ_IN_CONVERSATION = 2
    CLEAR_IN_CONVERSATION = 3


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncCallEvent(Value):
    """What became of a call; the conversation is a service id, a group id or a room id in bytes."""

    conversation_id: bytes | None = None
    call_id: int | None = None
    timestamp_ms: int | None = None
    type: CallEventType | int | None = None
    direction: CallEventDirection | int | None = None
    event: CallEventKind | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncCallLinkUpdate(Value):
    """A call link was made or changed."""

    root_key: bytes | None = None
    admin_passkey: bytes | None = None
    type: CallLinkUpdateType | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SyncCallLogEvent(Value):
    """The list of calls was cleared or read, up to a call or a timestamp."""

    type: CallLogEventType | int | None = None
    timestamp_ms: int | None = None
    conversation_id: bytes | None = None
    call_id: int | None = None


SYNC_CALL_EVENT = Codec(
    SyncCallEvent,
    {
        "conversation_id": data("conversationId"),
        "call_id": number("callId"),
        "timestamp_ms": number("timestamp"),
        "type": enumeration("type", CallEventType),
        "direction": enumeration("direction", CallEventDirection),
        "event": enumeration("event", CallEventKind),
    },
)
SYNC_CALL_LINK_UPDATE = Codec(
    SyncCallLinkUpdate,
    {
        "root_key": data("rootKey"),
        "admin_passkey": data("adminPasskey"),
        "type": enumeration("type", CallLinkUpdateType),
    },
)
SYNC_CALL_LOG_EVENT = Codec(
    SyncCallLogEvent,
    {
        "type": enumeration("type", CallLogEventType),
        "timestamp_ms": number("timestamp"),
        "conversation_id": data("conversationId"),
        "call_id": number("callId"),
    },
)
