"""What a webhook leaves on disk: since when a message has been refused, and the list of those given up.

Both are in ``<data-dir>/webhooks``, readable by the user alone. The list has one JSON object a line: ``{"time",
"webhook", "id", "attempts", "reason", "body"}``, the body as it was posted.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.daemon.json_bytes import json_bytes
from sigcli.store.private_files import FILE_MODE, make_private_folder

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = "webhooks"


class Undelivered:
    """The files of one webhook, for one thread."""

    def __init__(self, data_dir: Path, consumer: str) -> None:
        self._folder = data_dir / _FOLDER
        self._refusal_path = self._folder / f"{consumer}.refused.json"
        self.dead_letters_path = self._folder / f"{consumer}.dead-letters.jsonl"

    def refused_since(self, event_id: str, now_ms: int) -> int:
        """Since when this message has been refused: recorded at the first refusal, kept across restarts.

        Raises OSError, StoreError.
        """
        noted = self._read()
        since_ms = noted.get("since_ms")
        if noted.get("id") == event_id and isinstance(since_ms, int):
            return since_ms
        self._write(
            self._refusal_path,
            json.dumps({"id": event_id, "since_ms": now_ms}).encode(),
            os.O_TRUNC,
        )
        return now_ms

    def taken(self) -> None:
        """Record that nothing is refused any more."""
        # Anything left there is about another message.
        with suppress(OSError):
            self._refusal_path.unlink(missing_ok=True)

    def give_up(self, letter: dict[str, Any]) -> None:
        """Append a message to the list; it is on disk when this returns. Raises OSError, StoreError."""
        self._write(self.dead_letters_path, json_bytes(letter) + b"\n", os.O_APPEND)

    def _read(self) -> dict[str, Any]:
        try:
            noted = json.loads(self._refusal_path.read_bytes())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def _write(self, path: Path, content: bytes, flag: int) -> None:
        make_private_folder(str(self._folder))
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | flag, FILE_MODE
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
