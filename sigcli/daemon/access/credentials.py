"""Where a request may carry its token: as a bearer token, in basic authentication, or in the path."""

from __future__ import annotations

import base64
import binascii

_PREFIX = "/t/"


def credentials_in(header: str | None) -> tuple[str, ...]:
    """The possible tokens in an ``Authorization`` header; empty if there are none."""
    kind, _, value = (header or "").partition(" ")
    value = value.strip()
    if kind.lower() == "bearer" and value:
        return (value,)
    if kind.lower() == "basic":
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            return ("",)
        name, _, password = text.partition(":")
        return tuple(word for word in (password, name) if word) or ("",)
    return ("",) if kind else ()


def split_prefix(path: str) -> tuple[str, str] | None:
    """The token and the rest of a path that begins with ``/t/TOKEN/``; None for any other path."""
    if not path.startswith(_PREFIX):
        return None
    token, slash, rest = path[len(_PREFIX) :].partition("/")
    return token, slash + rest or "/"
