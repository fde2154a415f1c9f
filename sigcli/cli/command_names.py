"""The names of commands as they are typed. Imports next to nothing: every command reads it."""

from __future__ import annotations

TYPE_CHECKING = False  # a command that is handed over does not wait for typing to be imported
if TYPE_CHECKING:
    from collections.abc import Container


def canonical_command(name: str, known: Container[str]) -> str | None:
    """The command that a word names, in camelCase or with hyphens; None if no command does."""
    if name in known:
        return name
    head, *tail = name.split("-")
    camel = head + "".join(part[:1].upper() + part[1:] for part in tail)
    return camel if camel in known else None
