"""Warns of consumers that take nothing: what was received is kept for them, and some are never dropped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.errors import SigcliError
from sigcli.store.consumers import backlogs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.live.live_account import LiveAccount

_FIRST_LOOK_S = 10.0
_LOOK_S = 3600.0


class Backlogs:
    """Warns once of each, and again only after it has caught up. For one thread."""

    def __init__(self, first_look_s: float = _FIRST_LOOK_S) -> None:
        self._look_at_s = time.monotonic() + first_look_s
        self._told: set[tuple[LiveAccount, str]] = set()

    def look(self, lives: Iterable[LiveAccount]) -> None:
        """Look, if it is time again."""
        if time.monotonic() < self._look_at_s:
            return
        self._look_at_s = time.monotonic() + _LOOK_S
        told = set()
        for live in lives:
            try:
                with live.opened() as account:
                    found = backlogs(account.database, account.now_ms())
            except SigcliError:
                continue  # an error of the store is reported where the store is needed
            for one in found:
                key = live, one.consumer
                told.add(key)
                if key not in self._told:
                    live.settings.warn(f"{one.message}: {one.hint}")
        self._told = told
