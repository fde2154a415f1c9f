"""What becomes of a message for a group."""

from __future__ import annotations

import enum


class Verdict(enum.Enum):
    """Whether the sender of a message may write to its group."""

    TAKEN = "taken"
    DROPPED = "dropped"
    HELD = "held"
    """Until the group has been fetched."""
