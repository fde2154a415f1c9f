"""How much the daemon logs, as set over the REST interfaces."""

from __future__ import annotations

import logging

from sigcli.daemon.routes.refusing import Refused

_LEVELS = ("debug", "info", "warning", "error", "critical")
_SYNONYMS = {"warn": "warning"}


def level_name() -> str:
    """The current level, in lower case."""
    level = logging.getLogger("sigcli").getEffectiveLevel()
    return logging.getLevelName(level).lower()


def set_level(name: str) -> None:
    """Set the level; raises Refused."""
    level = name.strip().lower()
    level = _SYNONYMS.get(level, level)
    if level not in _LEVELS:
        raise Refused(f"the log level must be one of {', '.join(_LEVELS)}")
    logging.getLogger("sigcli").setLevel(level.upper())
