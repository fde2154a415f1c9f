"""What a program shows on a terminal of its own, as text: lines as wide as the terminal, escapes written out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal: its size, its kind, and what else the environment says."""

    columns: int = 80
    rows: int = 24
    term: str = "xterm-256color"
    more: dict[str, str] = field(default_factory=dict)

    def shows(self, command: list[str], environment: dict[str, str], folder: Path) -> str:
        """All that a command writes to the terminal until it ends, standard error as well."""
        with self.running(command, environment, folder) as running:
            return running.rest()

    @contextmanager
    def running(
        self,
        command: list[str],
        environment: dict[str, str],
        folder: Path,
        *,
        stdout: int | None = None,
    ) -> Iterator[OnTerminal]:
        """A command on the terminal, as long as the block goes on; ``stdout`` may lead elsewhere."""
        leader, follower = pty.openpty()
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower if stdout is None else stdout,
            stderr=follower,
            cwd=folder,
            env={**environment, "TERM": self.term, **self.more},
            start_new_session=True,
            # Its keys send signals to who is in front of it.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(follower)
        try:
            yield OnTerminal(leader, process)
        finally:
            process.kill()
            process.wait()
            os.close(leader)


class OnTerminal:
    """A command that runs on a terminal: what it has shown, and keys for it."""

    def __init__(self, leader: int, process: subprocess.Popen[bytes]) -> None:
        self._leader = leader
        self._process = process
        self._shown = b""

    def shows(self, text: str) -> None:
        """Waits until it has shown a text; AssertionError if it ends without, or does not within a minute."""
        deadline = time.monotonic() + PATIENCE_S
        while text.encode() not in self._shown:
            assert time.monotonic() < deadline, f"no {text!r} in {self._shown!r}"
            assert self._more(), f"it has ended without {text!r}: {self._shown!r}"

    def has_shown(self, text: str) -> bool:
        """Whether it has shown a text by now."""
        while select.select([self._leader], [], [], 0)[0] and self._more():
            pass
        return text.encode() in self._shown

    def press(self, keys: str) -> None:
        """Type, as a person does: ``\\x03`` is Ctrl-C."""
        os.write(self._leader, keys.encode())

    def rest(self) -> str:
        """All that it has shown when it has ended."""
        deadline = time.monotonic() + PATIENCE_S
        while self._more():
            assert time.monotonic() < deadline, f"still running; it has shown {self._shown!r}"
        return self._shown.decode().replace("\r\n", "\n")

    def exit_code(self) -> int:
        """The exit code, once it has ended."""
        return self._process.wait(PATIENCE_S)

    def _more(self) -> bool:
        """Whether there was something to read before it ended."""
        if not select.select([self._leader], [], [], PATIENCE_S)[0]:
            return True
        try:
            piece = os.read(self._leader, 65536)
        except OSError:  # the last who had the terminal has gone
            return False
        self._shown += piece
        return bool(piece)


def left_on_screen(text: str) -> list[str]:
    """The lines that are there in the end: what ``\\r`` went back over is written over."""
    lines = []
    for written in text.split("\n"):
        line: list[str] = []
        at = 0
        for character in written:
            if character == "\r":
                at = 0
            else:
                line[at : at + 1] = character
                at += 1
        lines.append("".join(line).rstrip())
    return lines


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
