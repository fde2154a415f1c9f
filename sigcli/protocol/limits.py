"""The limits of the protocol and of the service: one name for each.

First what a peer may make this device keep, or compute before a MAC is verified. Where libsignal has a limit, its name
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
"""The ids of a client's prekeys begin anywhere, and start again after this."""
MAX_COUNTER = 0xFFFFFFFF
"""Counters of messages and chains are stored in 32 bits, including that of the following message."""
MAX_FORWARD_JUMPS = 25_000
"""How far ahead in its chain a message may be."""
MAX_FORWARD_JUMPS_TO_SELF = 100_000
"""The same in sessions with oneself; libsignal has no limit, so that a forger could make it hash for hours."""
MAX_SKIPPED_KEYS = 2_000
"""How many keys of missing messages a chain keeps."""
MAX_RECEIVER_CHAINS = 5
"""From how many of the sender's ratchet steps messages can still be read."""
MAX_ARCHIVED_STATES = 40
MAX_ARCHIVED_BYTES = 2 * 1024 * 1024
"""The total size of the archived sessions with one device; full of skipped keys they would be far larger."""
MAX_SENDER_KEY_STATES = 5
MAX_UNACKNOWLEDGED_AGE_S = 30 * DAY_S
"""How long a session is used that the recipient never answered."""
MAX_EXPIRE_TIMER_S = 0xFFFFFFFF
MAX_EXPIRE_TIMER_VERSION = 0xFFFFFFFF
"""Both fields have 32 bits."""
MAX_MESSAGE_VERSIONS = 64
"""How many edits of a message are kept track of; the apps send 10."""

# --- What Signal-Server accepts -------------------------------------------------------------------------------------

MAX_KEY_ID = 2**31 - 1
MAX_PREKEYS_AT_ONCE = 100
"""How many one-time prekeys of a kind are uploaded in one request."""
MAX_ENCRYPTED_NAME_BYTES = 225
"""The length of a device's encrypted name."""
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
"""200 stickers and a separate cover."""
MAX_STICKER_BYTES = 301 * 1024
MAX_STICKER_MANIFEST_BYTES = 10 * 1024

# --- Work for one message -------------------------------------------------------------------------------------------

WORK_PERIOD_MS = HOUR_MS
"""In this period all messages of a sender together may cost the most that one may, and each a little more."""
CHEAP_WORK = 500
"""What each message may cost, in hashes, whatever others of its sender have cost."""

_HASHES_PER_DOUBLE_RATCHET_STEP = 1
_HASHES_PER_SPQR_STEP = 3
_HASHES_PER_STATE = 100
"""What trying a session costs besides its steps: a key agreement, decoding, the MAC."""


def is_registration_id(value: int) -> bool:
    """Whether a device can have this registration id."""
    return 0 <= value <= MAX_REGISTRATION_ID


class ChainWork:
    """How much may still be computed for a message that is not authenticated yet; counts down.

    One is shared by all sessions that are tried for a message and by both of their ratchets. The unit is one HMAC.
    """

    __slots__ = ("done", "left")

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.done = 0

    def covers_new_chain(self, counter: int) -> bool:
        """Whether another session can be tried for which the message starts a new chain."""
        return _HASHES_PER_STATE + counter * _HASHES_PER_DOUBLE_RATCHET_STEP <= self.left

    def take_steps(self, steps: int) -> None:
        """Count steps of a Double Ratchet or sender key chain before computing them; raises LimitExceeded."""
        self._take(steps * _HASHES_PER_DOUBLE_RATCHET_STEP)

    def take_spqr_steps(self, steps: int) -> None:
        """Count steps of a post-quantum ratchet chain before computing them; raises LimitExceeded."""
        self._take(steps * _HASHES_PER_SPQR_STEP)

    def take_state(self) -> None:
        """Count a session that does not know the message's ratchet key before trying it; raises LimitExceeded."""
        self._take(_HASHES_PER_STATE)

    def _take(self, hashes: int) -> None:
        if hashes > self.left:
            raise LimitExceeded("the message asks for more chain steps than a message may")
        self.left -= hashes
        self.done += hashes


def work_for_message(*, to_self: bool = False, sender_done: int = 0) -> ChainWork:
    """What one message may cost: the longest jump in both ratchets, and a try of every archived session.

    ``sender_done`` is what other messages of its sender have cost lately (see ``WORK_PERIOD_MS``).
    """
    jump = MAX_FORWARD_JUMPS_TO_SELF if to_self else MAX_FORWARD_JUMPS
    steps = (jump + 1) * (_HASHES_PER_DOUBLE_RATCHET_STEP + _HASHES_PER_SPQR_STEP)
    whole = steps + (MAX_ARCHIVED_STATES + 1) * _HASHES_PER_STATE
    return ChainWork(max(CHEAP_WORK, whole - sender_done))
