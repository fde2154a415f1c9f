"""Whole processes, measured: wall time, processor time of the process alone, its memory peak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_LAUNCHER = Path(__file__).with_name("launcher.py")


class RunFailed(Exception):
    """A measured command ended with another exit code than 0; the text is the end of its stderr."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took."""

    wall_s: float
    user_s: float
    system_s: float
    peak_kib: int

    @property
    def cpu_s(self) -> float:
        """User and system time."""
        return self.user_s + self.system_s

    @property
    def peak_mib(self) -> float:
        """The largest resident size."""
        return self.peak_kib / 1024


class Launcher:
    """Starts processes from a process that is small (see launcher.py); a context manager."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes what commands write to stderr, and to stdout if nobody wants that."""
        self._stdout, self._stderr = folder / "stdout", folder / "stderr"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCHER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str] = os.environ,
        *,
        stdout: Path | None = None,
        reader: Sequence[str] | None = None,
    ) -> Usage:
        """Run a command to its end; raises RunFailed.

        Its output goes to a file, with a ``reader`` through a pipe into that command and its output to the file.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "stdout": str(stdout or self._stdout),
            "stderr": str(self._stderr),
            "reader": None if reader is None else list(reader),
        }
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        exit_code = answer.pop("exit_code")
        if exit_code != 0:
            end = self._stderr.read_text(errors="replace").strip().splitlines()[-3:]
            raise RunFailed(f"exit code {exit_code}: {' '.join(end)}")
        return Usage(**answer)

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def __enter__(self) -> Launcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
