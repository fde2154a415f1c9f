"""Texts that are too long for a message's body: the body gets the beginning, an attachment the whole."""

from __future__ import annotations

MAX_BODY_BYTES = 2000
"""In UTF-8; what other clients take in a body."""


def body_of(text: str) -> str:
    """The text, or as much of its beginning as a body holds, no character cut in two."""
    encoded = text.encode()
    if len(encoded) <= MAX_BODY_BYTES:
        return text
    return encoded[:MAX_BODY_BYTES].decode(errors="ignore")


def is_long(text: str) -> bool:
    """Whether the body cannot hold the text."""
    # A character has at most four bytes: most texts need not be encoded for the answer.
    return len(text) * 4 > MAX_BODY_BYTES and len(text.encode()) > MAX_BODY_BYTES
