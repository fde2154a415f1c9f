"""Other processes for a test: a script that says where it is and waits to be told to go on."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_PRELUDE = """
import sys
from sigcli.store.database import Database

def say(word):
    print(word, flush=True)

def wait():
    sys.stdin.readline()

arguments = sys.argv[1:]
"""


class Child:
    """A Python process; ``say(word)`` in its script meets ``hear()`` here, ``wait()`` meets ``go()``."""

    def __init__(self, script: str, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PRELUDE + script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def hear(self) -> str:
        """The child's next word; empty when it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        """Let the child go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self, *, reap: bool = True) -> None:
        """SIGKILL; without ``reap`` it is dead, but stays behind as a zombie."""
        self.process.kill()
        if reap:
            self.process.wait()
        else:
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)

    def rest(self) -> list[str]:
        """All words until the child ends, which it must do well."""
        output, _ = self.process.communicate()
        assert self.process.returncode == 0
        return output.split()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
