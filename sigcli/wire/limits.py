"""How many parts a message from outside may have: what is beyond is passed over where it is read.

The protocol's own limits, and these once more, stand in ``protocol/limits.py``.
"""

from __future__ import annotations

MAX_ATTACHMENTS = 32
"""Of one message, and so for quoted ones, previews and shared contacts: as many as the apps send and take."""
MAX_RANGES = 250
"""Styles and mentions of one text, as Signal Desktop has it."""
MAX_PARTS = 1_000
"""Whatever else can be repeated: options of a poll, messages that a receipt names, parts of a call's connection."""
