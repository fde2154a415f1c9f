"""A trouble that lasts is met again and again by what keeps trying: how often people are told of it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

AGAIN_S = 3600.0
"""After that time a trouble that is still there, or is back, is news again."""
BACK_S = 30.0
"""One that is back earlier is news if it lasts that long: what comes and goes all the time is told of once."""


class LastingTrouble:
    """Reports a trouble once, again when it changes or after an hour, and its end. Safe from several threads."""

    def __init__(
        self, warn: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` returns seconds."""
        self._warn = warn
        self._clock = clock
        self._lock = threading.Lock()
        self._told_s: dict[str, float] = {}
        """When each trouble was reported last."""
        self._since_s: float | None = None
        """Since when there is trouble, of any kind."""
        self._is_told = False
        """Whether people know of what is the matter now."""

    def met(self, text: str) -> None:
        """It does not work now, for this reason."""
        with self._lock:
            now_s = self._clock()
            if self._since_s is None:
                self._since_s = now_s
            told_s = self._told_s.get(text)
            is_news = told_s is None or now_s - told_s >= AGAIN_S
            if not is_news and (self._is_told or now_s - self._since_s < BACK_S):
                return
            self._told_s = {one: at for one, at in self._told_s.items() if now_s - at < AGAIN_S}
            self._told_s[text] = now_s
            self._is_told = True
        self._warn(text)

    def over(self, text: str | None = None) -> None:
        """It works; ``text`` says so where that is worth a line of its own."""
        if self._since_s is None:
            return
        with self._lock:
            self._since_s = None
            was_told, self._is_told = self._is_told, False
        if was_told and text is not None:
            self._warn(text)
