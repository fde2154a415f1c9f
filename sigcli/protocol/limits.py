"""The bounds of the protocol and of the service: one name for each.

First what one peer may make this device keep, or compute before a MAC is known. Where libsignal has a bound, its name
and value are kept (``rust/protocol/src/consts.rs``); registration ids have 14 bits and device ids 7 because the
multi-recipient form of sealed sender has no room for more. Then what Signal-Server accepts.
"""

from __future__ import annotations

from sigcli.durations import DAY_S, HOUR_MS
from sigcli.errors import LimitExceeded
from sigcli.wire.addresses import MAX_DEVICE_ID
from sigcli.wire.limits import MAX_ATTACHMENTS, MAX_PARTS, MAX_RANGES

__all__ = [
    "CHEAP_WORK",
    "MAX_ARCHIVED_BYTES",
    "MAX_ARCHIVED_STATES",
    "MAX_ATTACHMENTS",
    "MAX_ATTACHMENT_BYTES",
    "MAX_COUNTER",
    "MAX_DEVICE_ID",
    "MAX_ENCRYPTED_NAME_BYTES",
    "MAX_EXPIRE_TIMER_S",
    "MAX_EXPIRE_TIMER_VERSION",
    "MAX_FORWARD_JUMPS",
    "MAX_FORWARD_JUMPS_TO_SELF",
    "MAX_GROUP_AVATAR_BYTES",
    "MAX_IDENTITY_CHECKS",
    "MAX_KEY_ID",
    "MAX_MESSAGE_VERSIONS",
    "MAX_PACK_FILES",
    "MAX_PARTS",
    "MAX_PREKEYS_AT_ONCE",
    "MAX_PREKEY_ID",
    "MAX_PROFILE_AVATAR_BYTES",
    "MAX_RANGES",
    "MAX_RECEIVER_CHAINS",
    "MAX_REGISTRATION_ID",
    "MAX_SENDER_KEY_STATES",
    "MAX_SKIPPED_KEYS",
    "MAX_STICKER_BYTES",
    "MAX_STICKER_MANIFEST_BYTES",
    "MAX_UNACKNOWLEDGED_AGE_S",
    "MAX_USERNAME_CANDIDATES",
    "WORK_PERIOD_MS",
    "ChainWork",
    "is_registration_id",
    "work_for_message",
]

MAX_REGISTRATION_ID = 0x3FFF
MAX_PREKEY_ID = 0xFFFFFF
"""Where the ids that a client gives its prekeys wrap round; it begins anywhere."""
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
MAX_UNACKNOWLEDGED_AGE_S = 30 * DAY_S
"""How long a session is used that its recipient has never answered."""
MAX_EXPIRE_TIMER_S = 0xFFFFFFFF
MAX_EXPIRE_TIMER_VERSION = 0xFFFFFFFF
"""Both fields have 32 bits."""
MAX_MESSAGE_VERSIONS = 64
"""How many edits of a message are followed; the apps send 10."""

# --- What Signal-Server accepts -------------------------------------------------------------------------------------

MAX_KEY_ID = 2**31 - 1
MAX_PREKEYS_AT_ONCE = 100
"""How many one-time prekeys of a kind are uploaded in one request."""
MAX_ENCRYPTED_NAME_BYTES = 225
"""Of a device's name."""
MAX_IDENTITY_CHECKS = 1000
"""How many people's identity keys are compared in one request."""
MAX_USERNAME_CANDIDATES = 20
"""How many usernames are offered at once, of which the service reserves one."""
MAX_ATTACHMENT_BYTES = 100 * 1024 * 1024
"""Unless the service's settings say otherwise."""
MAX_PROFILE_AVATAR_BYTES = 10 * 1024 * 1024
MAX_GROUP_AVATAR_BYTES = 3 * 1024 * 1024
"""Encrypted."""
MAX_PACK_FILES = 201
"""200 stickers and a cover of its own."""
MAX_STICKER_BYTES = 301 * 1024
MAX_STICKER_MANIFEST_BYTES = 10 * 1024

# --- Work for one message -------------------------------------------------------------------------------------------

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
            raise LimitExceeded("the message asks for more chain steps than a message may")
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
