"""Bytes that are easily taken for one another, named so that the type checker tells them apart."""

from __future__ import annotations

from typing import NewType

GroupMasterKey = NewType("GroupMasterKey", bytes)
"""The 32 secret bytes from which all keys of a group follow."""
GroupIdentifier = NewType("GroupIdentifier", bytes)
"""The 32 bytes that name a group, which follow from its master key."""
ProfileKeyBytes = NewType("ProfileKeyBytes", bytes)
"""The 32 secret bytes that encrypt a profile, and let those who have them send sealed."""
StickerPackId = NewType("StickerPackId", bytes)
"""The 16 bytes that name a sticker pack."""
