"""The audit log: one JSON line for each request that was served or refused. No content, no number, no token."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.store.private_files import FILE_MODE, storage_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Audit:
    """Appends to a file that only the owner can read; safe from several threads."""

    def __init__(
        self, path: Path | str, now_ms: Callable[[], int], warn: Callable[[str], None]
    ) -> None:
        """``warn`` is called when a line cannot be written. Raises StorageUnwritable."""
        self._now_ms = now_ms
        self._lasting = LastingTrouble(warn)
        self._lock = threading.Lock()
        self._is_cut = False
        """Whether the file ends within a line, for which there was no room."""
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
        except OSError as error:
            raise storage_error(error) from error

    def note(self, who: str | None, what: str, result: str, *, account: str | None = None) -> None:
        """Write a line; ``account`` is an ACI, ``result`` "ok" or the code of an error.

        The request is done by then, so a line that cannot be written is only a warning.
        """
        line = {
            "time": self._now_ms(),
            "caller": who,
            "operation": what,
            "account": account,
            "result": result,
        }
        data = json.dumps(line, ensure_ascii=True).encode() + b"\n"
        with self._lock:
            try:
                self._append(data)
            except OSError as error:
                reason = storage_error(error).message
                self._lasting.met(f"the audit log cannot be written: {reason}")
            else:
                self._lasting.over("the audit log is written again")

    def _append(self, line: bytes) -> None:
        """Write all of a line, on a line of its own; raises OSError."""
        rest = b"\n" + line if self._is_cut else line
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
            self._is_cut = bool(rest)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            os.close(self._descriptor)
