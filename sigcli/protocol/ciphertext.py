"""Kinds of encrypted messages, and a message with its kind."""

from __future__ import annotations

import enum
from dataclasses import field

from sigcli.lazy_dataclass import dataclass


class CiphertextMessageType(enum.IntEnum):
    """What a message is encrypted with; numbers of libsignal ``rust/protocol/src/protocol.rs``."""

    WHISPER = 2
    PREKEY = 3
    SENDER_KEY = 7
    PLAINTEXT = 8


@dataclass(frozen=True, slots=True)
class CiphertextMessage:
    """One encrypted message with its kind."""

    type: CiphertextMessageType
    body: bytes = field(repr=False)
