"""What a program shows on a terminal of its own, as text: lines as wide as the terminal, escapes written out."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal: its size, its kind, and what else the environment says."""

    columns: int = 80
    rows: int = 24
    term: str = "xterm-256color"
    more: dict[str, str] = field(default_factory=dict)

    def shows(self, command: list[str], environment: dict[str, str], folder: Path) -> str:
        """All that a command writes to the terminal until it ends, standard error as well."""
        leader, follower = pty.openpty()
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=folder,
            env={**environment, "TERM": self.term, **self.more},
            start_new_session=True,
        )
        os.close(follower)
        try:
            written = _all_of(leader)
        finally:
            process.kill()
            process.wait()
            os.close(leader)
        return written.decode().replace("\r\n", "\n")


SCREENS = {
    "80x24": Screen(),
    "120x40": Screen(120, 40),
    "dumb": Screen(term="dumb"),
    "no-color": Screen(more={"NO_COLOR": "1"}),
}


def written_out(text: str) -> str:
    """Text for a file: what steers the terminal is written as ``\\e`` and ``\\r``."""
    lines = text.replace("\x1b", "\\e").replace("\r", "\\r").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _all_of(descriptor: int) -> bytes:
    written = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the last who had the terminal has gone
            return written
        if not piece:
            return written
        written += piece
    raise AssertionError(f"still running; it has shown {written!r}")
