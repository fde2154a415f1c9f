"""A child process that speaks JSON lines: bytes as {"$hex"}, big integers as {"$big"}."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_LARGEST_SAFE_INTEGER = 2**53 - 1
_STDERR_TAIL = 8000


class ChildFailed(Exception):
    """The child ended or stopped answering; the message carries the end of its stderr."""


class Big(int):
    """An integer that becomes a BigInt in JavaScript whatever its size, as 64-bit protobuf fields need."""


def to_json(value: Any) -> Any:
    """The value with bytes and integers beyond 2**53 in tagged form."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$hex": bytes(value).hex()}
    if isinstance(value, bool) or value is None or isinstance(value, str | float):
        return value
    if isinstance(value, Big):
        return {"$big": str(int(value))}
    if isinstance(value, int):
        return {"$big": str(value)} if abs(value) > _LARGEST_SAFE_INTEGER else value
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in value]
    raise TypeError(f"cannot send {type(value).__name__} as JSON")


def from_json(value: Any) -> Any:
    """The inverse of `to_json`."""
    if isinstance(value, dict):
        if value.keys() == {"$hex"}:
            return bytes.fromhex(value["$hex"])
        if value.keys() == {"$big"}:
            return int(value["$big"])
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return value


class JsonLinesChild:
    """A subprocess read by a thread of its own, line by line, into a callback."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: dict[str, str],
        on_line: Callable[[Any], None],
        on_end: Callable[[], None],
    ) -> None:
        """`on_line` gets each parsed line, `on_end` a call after the last; both on the thread."""
        self._stderr = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        self._on_line = on_line
        self._on_end = on_end
        self._write_lock = threading.Lock()
        self._garbage: list[bytes] = []
        self._reader = threading.Thread(target=self._read, name=f"reader of {command[-1]}")
        self._reader.daemon = True
        self._reader.start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def send(self, message: Any) -> None:
        """Writes one line. Raises ChildFailed if the child no longer reads."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        assert self._process.stdin is not None
        with self._write_lock:
            try:
                self._process.stdin.write(line)
                self._process.stdin.flush()
            except (BrokenPipeError, ValueError) as error:
                raise self.failure("the child no longer reads") from error

    def failure(self, what: str) -> ChildFailed:
        """An error that says what happened and what the child wrote to stderr."""
        status = self._process.poll()
        state = "still running" if status is None else f"exit status {status}"
        garbage = b"\n".join(self._garbage).decode(errors="replace")
        extra = f"\nstdout, not JSON: {garbage}" if garbage else ""
        return ChildFailed(f"{what} ({state})\n{self.stderr_tail()}{extra}")

    def stderr_tail(self) -> str:
        """The last few kilobytes of the child's stderr."""
        if self._stderr.closed:
            return ""
        # The child writes through a shared file offset, so this reads by position.
        descriptor = self._stderr.fileno()
        size = os.fstat(descriptor).st_size
        start = max(0, size - _STDERR_TAIL)
        return os.pread(descriptor, size - start, start).decode(errors="replace")

    def close(self, timeout_s: float = 5) -> None:
        """Ends the child: closes its stdin, then kills it if it does not leave."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._write_lock, contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._stderr.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                self._garbage.append(line.rstrip())
                continue
            self._on_line(message)
        self._process.wait()
        self._on_end()
