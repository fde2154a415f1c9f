"""No message has more parts than anybody would send: what is beyond is left out before anything looks at it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sigcli.protocol.limits import MAX_ATTACHMENTS, MAX_PARTS
from sigcli.wire.mapping import Value

if TYPE_CHECKING:
    from sigcli.wire.content import Content

_SMALL_BYTES = MAX_ATTACHMENTS * 2
"""A part takes two bytes at least: what is shorter than this has few of everything."""
_OF_PEERS = ("data_message", "edit_message", "story_message", "call_message", "receipt_message")
_FEW = frozenset({"attachments", "previews", "contacts"})


def bounded(content: Content, size: int) -> Content:
    """The content (of ``size`` bytes) without the parts that are too many, itself if there are none.

    What own devices say about the account is as long as it is.
    """
    if size <= _SMALL_BYTES:
        return content
    changes = {}
    for name in _OF_PEERS:
        part = getattr(content, name)
        if part is not None and (cut := _cut(part)) is not part:
            changes[name] = cut
    return replace(content, **changes) if changes else content


def _cut(value: Any) -> Any:
    changes: dict[str, object] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, Value):
            if (cut := _cut(part)) is not part:
                changes[field.name] = cut
        elif isinstance(part, tuple) and part:
            kept = part[: MAX_ATTACHMENTS if field.name in _FEW else MAX_PARTS]
            cuts = tuple(_cut(one) if isinstance(one, Value) else one for one in kept)
            if len(kept) < len(part) or any(a is not b for a, b in zip(cuts, kept, strict=True)):
                changes[field.name] = cuts
    return replace(value, **changes) if changes else value
