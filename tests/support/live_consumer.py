"""A daemon's core in a process of its own, and one consumer of it on stdin and stdout: to be killed at any moment.

Run as ``python -m tests.support.live_consumer DATA_DIR ENVIRONMENT NAME AFTER``: prints a JSON object for each event;
a line ``taken ID`` on stdin takes it, ``memory`` prints the resident size. Ends at the end of stdin.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


def main(data_dir: str, environment: str, name: str, after: str) -> None:
    from sigcli.client.base.settings import Settings
    from sigcli.daemon.core import Core

    settings = Settings(
        data_dir=Path(data_dir),
        service_environment=environment,
        warn=lambda text: print(text, file=sys.stderr, flush=True),
    )
    core = Core(settings)
    core.start(has_channel=True)
    subscription = core.subscribe(name, core.account(), after=int(after) if after else None)

    def hear() -> None:
        for line in sys.stdin:
            word, _, id = line.strip().partition(" ")
            if word == "taken":
                subscription.taken(int(id))
            elif word == "memory":
                say({"resident_kib": resident_kib()})
        subscription.close()

    threading.Thread(target=hear, daemon=True).start()
    while not subscription.is_closed:
        delivery = subscription.next(60)
        if delivery is None:
            continue
        content = delivery.event.content
        data = None if content is None else content.data_message
        failure = delivery.event.failure
        say(
            {
                "id": delivery.id,
                "text": None if data is None else data.body,
                "failure": None if failure is None else failure.type,
            }
        )
    began = time.monotonic()
    core.close()
    say({"closed_s": time.monotonic() - began})


def say(value: dict[str, Any]) -> None:
    os.write(1, json.dumps(value).encode() + b"\n")


def resident_kib() -> int:
    """This process's resident memory."""
    with open("/proc/self/status", encoding="ascii") as status:
        (line,) = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1])


class LiveConsumer:
    """Such a process, as a test sees it."""

    def __init__(self, data_dir: Path, environment: Path, name: str, after: int | None) -> None:
        words = (str(data_dir), str(environment), name, "" if after is None else str(after))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.live_consumer", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def next(self, timeout_s: float) -> dict[str, Any] | None:
        """The next line; None if none came in time or the process has ended."""
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL; what it had written can still be read."""
        self._process.kill()
        self._end()

    def close(self) -> None:
        """End it in order."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._end()

    def _end(self) -> None:
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                self._lines.put(json.loads(line))
        self._lines.put(None)


if __name__ == "__main__":
    main(*sys.argv[1:])
