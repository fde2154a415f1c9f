"""Comparing secrets in a time that does not depend on where they differ."""

from __future__ import annotations

import hmac


def equal(a: bytes, b: bytes) -> bool:
    """Whether two byte strings are the same; unequal lengths are simply unequal."""
    return hmac.compare_digest(a, b)
