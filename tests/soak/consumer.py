"""A program that takes what a daemon receives and keeps a journal of it: to be killed at any moment.

Run as ``python -m tests.soak.consumer socket|events FOLDER JOURNAL``. A line of the journal is an id, a tab and the
text of the message, if it is one. The last id in it is the last that was stored: it continues after that one, and
connects again for as long as it lives.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tests.support.http_events import events
from tests.support.rpc_client import RpcClient

SOCKET, URL, TOKEN = "socket", "url", "token"
"""Files in the folder: the daemon's socket, where its HTTP listens, a token for it."""
_ACKNOWLEDGED_EVERY = 20
_RETRY_S = 0.05
_SILENCE_S = 3600.0
KINDS = ("socket", "events")


def consumer_name(kind: str) -> str:
    """Under which the daemon knows it."""
    return f"soak-{kind}"


class Journal:
    """The file, open for appending."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.last_id = _last_id(path)

    def store(self, id: str, text: str) -> None:
        """One line with one write, which a kill does not divide."""
        os.write(self._descriptor, f"{id}\t{text}\n".encode())
        self.last_id = id


def follow_socket(folder: Path, journal: Journal) -> None:
    """Take notifications and acknowledge them now and then; ends with the connection."""
    with RpcClient(str(folder / SOCKET), timeout_s=_SILENCE_S) as client:
        after = {} if journal.last_id is None else {"after": int(journal.last_id)}
        client.call("subscribeReceive", consumer=consumer_name("socket"), **after)
        since = 0
        while True:
            told = client.notified()
            if "id" not in told:
                continue  # Everybody who is connected is told; that is how `default` takes it.
            journal.store(str(told["id"]), _text(told["result"]))
            since += 1
            if since == _ACKNOWLEDGED_EVERY:
                since = 0
                taken = {"consumer": consumer_name("socket"), "id": told["id"]}
                client.send({"jsonrpc": "2.0", "method": "ackReceive", "params": taken})


def follow_events(folder: Path, journal: Journal) -> None:
    """Take server-sent events; what was taken is said with the next connection."""
    url, token = (folder / URL).read_text(), (folder / TOKEN).read_text()
    with events(url, token, f"?consumer={consumer_name('events')}", journal.last_id) as stream:
        while True:
            id, told = stream.next()
            journal.store(id, _text(told))


def _text(told: dict[str, Any]) -> str:
    return str((told["envelope"].get("dataMessage") or {}).get("message") or "")


def _last_id(path: Path) -> str | None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = file.read().splitlines()
    return lines[-1].partition(b"\t")[0].decode() if lines else None


_FOLLOW: dict[str, Callable[[Path, Journal], None]] = {
    "socket": follow_socket,
    "events": follow_events,
}


def main(kind: str, folder: str, path: str) -> None:
    """Follow, for ever."""
    journal = Journal(Path(path))
    while True:
        try:
            _FOLLOW[kind](Path(folder), journal)
        except (OSError, EOFError, HTTPException, AssertionError) as error:
            # The daemon is gone, or goes; anything else shows as a journal that gets no longer.
            print(f"{kind}: {error!r}", file=sys.stderr, flush=True)
            time.sleep(_RETRY_S)


class ConsumerProcess:
    """Such a process: started, killed and started again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.name = consumer_name(kind)
        self.journal = folder / f"{kind}.journal"
        self._folder = folder
        self._errors = folder / f"{kind}.errors"
        self.start()

    def start(self) -> None:
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.soak.consumer",
                    self.kind,
                    str(self._folder),
                    str(self.journal),
                ],
                stderr=errors,
            )

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def complaints(self) -> str:
        """The end of what it said."""
        return self._errors.read_text()[-1000:]


if __name__ == "__main__":
    main(*sys.argv[1:])
