"""How many parts an incoming message may have: parts beyond are ignored when it is read.

The protocol's own limits are in ``protocol/limits.py``, which exports these as well.
"""

from __future__ import annotations

MAX_ATTACHMENTS = 32
"""Attachments of one message, and also of quotes, previews and shared contacts: as many as the apps send and accept."""
MAX_RANGES = 250
"""Styles and mentions of one text, as in Signal Desktop."""
MAX_PARTS = 1_000
"""Everything else that can be repeated: poll options, messages named in a receipt, connection candidates of a call."""
