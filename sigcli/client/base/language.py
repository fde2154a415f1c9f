"""The user's language, as the environment states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def user_language(environ: Mapping[str, str]) -> str | None:
    """For the message with a code: ``de-AT`` out of ``de_AT.UTF-8``; None if none is set."""
    for name in _VARIABLES:
        value = environ.get(name, "").partition(".")[0].partition("@")[0].replace("_", "-")
        if value and value not in ("C", "POSIX"):
            return value if value.isascii() and value.replace("-", "").isalnum() else None
    return None
