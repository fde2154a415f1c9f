"""A daemon's log as one JSON object a line, for programs that collect logs: ``time``, ``level``, ``message``."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from sigcli.cli.details import scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable

INFO, WARNING, DETAIL = "info", "warning", "debug"


def line_writer(descriptor: int, level: str, *, scrubs: bool = False) -> Callable[[str], None]:
    """A function that writes one line at this level; safe from several threads, silent if stderr is closed."""

    def write(text: str) -> None:
        now_ms = time.time_ns() // 1_000_000
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_ms // 1000))
        entry = {
            "time": f"{stamp}.{now_ms % 1000:03d}Z",
            "level": level,
            "message": scrubbed(text) if scrubs else text,
        }
        try:
            os.write(descriptor, json.dumps(entry).encode() + b"\n")
        except OSError:
            return

    return write
