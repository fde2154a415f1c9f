"""The bounds of the protocol: what one peer may make this device keep, or compute before a MAC is known.

Where libsignal has a bound, its name and value are kept (``rust/protocol/src/consts.rs``); registration ids have 14
bits and device ids 7 because the multi-recipient form of sealed sender has no room for more.
"""

from __future__ import annotations

from sigcli.durations import HOUR_MS
from sigcli.errors import LimitExceeded
from sigcli.wire.addresses import MAX_DEVICE_ID
from sigcli.wire.limits import MAX_ATTACHMENTS, MAX_PARTS, MAX_RANGES

__all__ = [
    "CHEAP_WORK",
    "MAX_ARCHIVED_BYTES",
    "MAX_ARCHIVED_STATES",
    "MAX_ATTACHMENTS",
    "MAX_COUNTER",
    "MAX_DEVICE_ID",
    "MAX_EXPIRE_TIMER_VERSION",
    "MAX_FORWARD_JUMPS",
    "MAX_FORWARD_JUMPS_TO_SELF",
    "MAX_MESSAGE_VERSIONS",
    "MAX_PARTS",
    "MAX_RANGES",
    "MAX_RECEIVER_CHAINS",
    "MAX_REGISTRATION_ID",
    "MAX_SENDER_KEY_STATES",
    "MAX_SKIPPED_KEYS",
    "WORK_PERIOD_MS",
    "ChainWork",
    "is_registration_id",
    "work_for_message",
]

MAX_REGISTRATION_ID = 0x3FFF
MAX_COUNTER = 0xFFFFFFFF
"""Counters of messages and chains are stored in 32 bits, that of the message after this one included."""
MAX_FORWARD_JUMPS = 25_000
"""How far a message may run ahead in its chain."""
MAX_FORWARD_JUMPS_TO_SELF = 100_000
"""The same in sessions with oneself; libsignal has no bound, by which a forger could make it hash for hours."""
MAX_SKIPPED_KEYS = 2_000
"""How many keys of missing messages a chain keeps."""
MAX_RECEIVER_CHAINS = 5
"""How many of the sender's ratchet turns can still be read."""
MAX_ARCHIVED_STATES = 40
MAX_ARCHIVED_BYTES = 2 * 1024 * 1024
"""What the archived sessions with one device may take together; full of skipped keys they would take far more."""
MAX_SENDER_KEY_STATES = 5
MAX_EXPIRE_TIMER_VERSION = 0xFFFFFFFF
"""The field has 32 bits."""
MAX_MESSAGE_VERSIONS = 64
"""How many edits of a message are followed; the apps send 10."""

WORK_PERIOD_MS = HOUR_MS
"""Within this, all messages of a sender together may cost the most that one may, and each a little beside."""
CHEAP_WORK = 500
"""What each message may cost, in hashes, however much others of its sender have cost."""

_HASHES_PER_DOUBLE_RATCHET_STEP = 1
_HASHES_PER_SPQR_STEP = 3
_HASHES_PER_STATE = 100
"""What trying a session costs besides its steps: an agreement, its decoding, the MAC."""


def is_registration_id(value: int) -> bool:
    """Whether a device can have this registration id."""
    return 0 <= value <= MAX_REGISTRATION_ID


class ChainWork:
    """How much may still be computed for a message that is not known to be authentic; counts down.

    One is shared by all sessions that are tried for a message and by both of their ratchets. The unit is one HMAC.
    """

    __slots__ = ("done", "left")

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.done = 0

    def covers_new_chain(self, counter: int) -> bool:
        """Whether a session can still be tried to which the message's chain is new."""
        return _HASHES_PER_STATE + counter * _HASHES_PER_DOUBLE_RATCHET_STEP <= self.left

    def take_steps(self, steps: int) -> None:
        """Before walking a chain of the Double Ratchet or of a sender key; raises LimitExceeded."""
        self._take(steps * _HASHES_PER_DOUBLE_RATCHET_STEP)

    def take_spqr_steps(self, steps: int) -> None:
        """Before walking a chain of the post-quantum ratchet; raises LimitExceeded."""
        self._take(steps * _HASHES_PER_SPQR_STEP)

    def take_state(self) -> None:
        """Before trying a session that does not know the message's ratchet key; raises LimitExceeded."""
        self._take(_HASHES_PER_STATE)

    def _take(self, hashes: int) -> None:
        if hashes > self.left:
            raise LimitExceeded("the message asks for more steps of its chains than one may")
        self.left -= hashes
        self.done += hashes


def work_for_message(*, to_self: bool = False, sender_done: int = 0) -> ChainWork:
    """What one message may cost: the farthest jump in both ratchets, and a look at every archived session.

    ``sender_done`` is what other messages of its sender have cost lately (see ``WORK_PERIOD_MS``).
    """
    jump = MAX_FORWARD_JUMPS_TO_SELF if to_self else MAX_FORWARD_JUMPS
    steps = (jump + 1) * (_HASHES_PER_DOUBLE_RATCHET_STEP + _HASHES_PER_SPQR_STEP)
    whole = steps + (MAX_ARCHIVED_STATES + 1) * _HASHES_PER_STATE
    return ChainWork(max(CHEAP_WORK, whole - sender_done))
