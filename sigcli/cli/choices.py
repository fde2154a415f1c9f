"""Values that options take."""

from __future__ import annotations

from sigcli.errors import UsageError


def true_or_false(option: str, value: str | None) -> bool | None:
    """A boolean given as a word, as signal-cli takes it; raises UsageError."""
    if value is None:
        return None
    if value.lower() not in ("true", "false"):
        raise UsageError(f"{option} takes true or false")
    return value.lower() == "true"
