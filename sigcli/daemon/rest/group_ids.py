"""Group ids: outside ``group.`` and base64 of signal-cli's base64 id, inside signal-cli's base64 of 32 bytes."""

from __future__ import annotations

import base64
import binascii

from sigcli.errors import InvalidGroupId
from sigcli.operations.shapes.scalars import base64_text

PREFIX = "group."
_BYTES = 32
_URL_SAFE = str.maketrans("-_", "+/")


def external_id(internal: str) -> str:
    """The id in paths: it contains neither ``/`` nor ``+``."""
    return PREFIX + base64_text(internal.encode())


def internal_id(word: str) -> str:
    """signal-cli's id of a group, from either form, with or without the prefix; raises InvalidGroupId."""
    found = group_id_in(word)
    if found is None:
        raise InvalidGroupId
    return found


def group_id_in(word: str) -> str | None:
    """The same; None if the text is not a group id."""
    text = word.strip().removeprefix(PREFIX)
    inner = _decoded(text)
    if inner is None:
        return None
    if len(inner) == _BYTES:
        return base64_text(inner)
    twice = _decoded(inner.decode("latin-1"))
    return base64_text(twice) if twice is not None and len(twice) == _BYTES else None


def _decoded(text: str) -> bytes | None:
    text = text.translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
