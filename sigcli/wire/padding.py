"""The padding of content before it is encrypted: 0x80, then zeros.

The size is that of the phone apps: with the terminator, and with one byte left for the padding of the
block cipher, a multiple of 80.
"""

from __future__ import annotations

from sigcli.errors import MalformedMessage

PADDING_MULTIPLE = 80
TERMINATOR = b"\x80"


def pad(content: bytes) -> bytes:
    """Content with its padding: one byte less than a multiple of 80."""
    with_terminator = len(content) + len(TERMINATOR)
    blocks = -(-(with_terminator + 1) // PADDING_MULTIPLE)
    return (content + TERMINATOR).ljust(blocks * PADDING_MULTIPLE - 1, b"\x00")


def unpad(padded: bytes) -> bytes:
    """Content without its padding, however long that is; raises MalformedMessage if it has none."""
    stripped = padded.rstrip(b"\x00")
    if not stripped.endswith(TERMINATOR):
        raise MalformedMessage("the content is not padded")
    return stripped[:-1]
