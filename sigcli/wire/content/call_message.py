"""Call messages; sigcli shows them and cannot take calls."""

from __future__ import annotations

import enum

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.limits import MAX_PARTS
from sigcli.wire.mapping import Codec, Value, data, enumeration, message, messages, number


class CallOfferType(enum.IntEnum):
    """What kind of call is offered."""

    AUDIO_CALL = 0
    VIDEO_CALL = 1


class CallHangupType(enum.IntEnum):
    """Why a call ends, or is not for this device."""

    NORMAL = 0
    ACCEPTED = 1
    DECLINED = 2
    BUSY = 3
    NEED_PERMISSION = 4


class CallOpaqueUrgency(enum.IntEnum):
    """Whether a message of the calling library may wait."""

    DROPPABLE = 0
    HANDLE_IMMEDIATELY = 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallOffer(Value):
    """A call is offered; ``id`` has 64 bits."""

    id: int
    type: CallOfferType | int
    opaque: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallAnswer(Value):
    """A call is answered."""

    id: int
    opaque: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallIceUpdate(Value):
    """Ways to reach the other side of a call."""

    id: int
    opaque: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallBusy(Value):
    """The other side is in a call."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallHangup(Value):
    """A call ends; ``device_id`` is the account's device that took or declined it."""

    id: int
    type: CallHangupType | int
    device_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallOpaque(Value):
    """A message of the calling library."""

    data: bytes | None = None
    urgency: CallOpaqueUrgency | int = CallOpaqueUrgency.DROPPABLE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CallMessage(Value):
    """One of the messages of a call, perhaps for one device only."""

    offer: CallOffer | None = None
    answer: CallAnswer | None = None
    ice_updates: tuple[CallIceUpdate, ...] = ()
    busy: CallBusy | None = None
    hangup: CallHangup | None = None
    destination_device_id: int | None = None
    opaque: CallOpaque | None = None


CALL_OFFER = Codec(
    CallOffer,
    {"id": number("id"), "type": enumeration("type", CallOfferType), "opaque": data("opaque")},
)
CALL_ANSWER = Codec(CallAnswer, {"id": number("id"), "opaque": data("opaque")})
CALL_ICE_UPDATE = Codec(CallIceUpdate, {"id": number("id"), "opaque": data("opaque")})
CALL_BUSY = Codec(CallBusy, {"id": number("id")})
CALL_HANGUP = Codec(
    CallHangup,
    {
        "id": number("id"),
        "type": enumeration("type", CallHangupType),
        "device_id": number("deviceId"),
    },
)
CALL_OPAQUE = Codec(
    CallOpaque, {"data": data("data"), "urgency": enumeration("urgency", CallOpaqueUrgency)}
)
CALL_MESSAGE = Codec(
    CallMessage,
    {
        "offer": message("offer", CALL_OFFER),
        "answer": message("answer", CALL_ANSWER),
        "ice_updates": messages("iceUpdate", CALL_ICE_UPDATE, MAX_PARTS),
        "busy": message("busy", CALL_BUSY),
        "hangup": message("hangup", CALL_HANGUP),
        "destination_device_id": number("destinationDeviceId"),
        "opaque": message("opaque", CALL_OPAQUE),
    },
)
