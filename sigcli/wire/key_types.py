"""Bytes that are easily confused with each other, as distinct types for the type checker."""

from __future__ import annotations

from typing import NewType

GroupMasterKey = NewType("GroupMasterKey", bytes)
"""The 32 secret bytes from which all keys of a group are derived."""
GroupIdentifier = NewType("GroupIdentifier", bytes)
"""The 32 bytes that identify a group, derived from its master key."""
ProfileKeyBytes = NewType("ProfileKeyBytes", bytes)
"""The 32 secret bytes that encrypt a profile; they also give access to sealed sender."""
StickerPackId = NewType("StickerPackId", bytes)
"""The 16 bytes that identify a sticker pack."""
