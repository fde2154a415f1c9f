"""Commands in processes that are forked from this one: all modules are loaded already, so each costs little.

The process that forks must have no threads and no open database.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import sigcli
from tests.faults.boundaries import Act, watch

_LOOK_S = 0.002
TIMEOUT_S = 120.0
BROKEN = 70
"""The exit code of a child that could not even begin."""


def load_everything() -> None:
    """Import all of the product, once."""
    for module in pkgutil.walk_packages(sigcli.__path__, "sigcli."):
        if not module.name.endswith(("__main__", "testing", "fixtures")):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over; a negative ``exit_code`` is a signal."""

    words: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    cpu_s: float

    @property
    def killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def json_lines(self) -> list[Any]:
        """Its whole lines; what was cut off by a kill is none."""
        return [json.loads(line) for line in self.stdout.split("\n")[:-1] if line]

    @property
    def error_code(self) -> str:
        """The error's name, as JSON output has it; empty where there is none."""
        lines = self.stderr.splitlines()
        if not lines or not lines[-1].startswith("{"):
            return ""
        error = json.loads(lines[-1]).get("error", {})
        return str(error.get("code", ""))

    @property
    def is_unexpected(self) -> bool:
        """Whether it ended in a way that has no name."""
        return self.error_code == "unexpected" or "Traceback" in self.stderr

    def describe(self) -> str:
        words = " ".join(self.words)
        return f"`{words}` ended with {self.exit_code}: {self.stdout[-300:]} {self.stderr[-600:]}"


class Forked:
    """A running child with its output in files."""

    def __init__(self, words: tuple[str, ...], pid: int, output: Path) -> None:
        self.words = words
        self.pid = pid
        self._output = output
        self._ended: Ended | None = None

    def stdout_so_far(self) -> str:
        return _read(self._output, "out")

    def stderr_so_far(self) -> str:
        return _read(self._output, "err")

    def wait_for(self, found: Callable[[], bool], timeout_s: float = TIMEOUT_S) -> bool:
        """Wait until something is so; false if the child ended before. AssertionError after the timeout."""
        deadline = time.monotonic() + timeout_s
        while not found():
            if self.poll() is not None:
                return found()
            assert time.monotonic() < deadline, (self.words, self.stderr_so_far())
            time.sleep(_LOOK_S)
        return True

    def poll(self) -> Ended | None:
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._end(status, usage)
        return self._ended

    def wait(self, timeout_s: float = TIMEOUT_S) -> Ended:
        """Its end. One that takes too long is killed by SIGQUIT, which no boundary does."""
        if self._ended is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                if not select.select([descriptor], [], [], timeout_s)[0]:
                    os.kill(self.pid, signal.SIGQUIT)
            finally:
                os.close(descriptor)
            _, status, usage = os.wait4(self.pid, 0)
            self._end(status, usage)
        assert self._ended is not None
        return self._ended

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _end(self, status: int, usage: Any) -> None:
        self._ended = Ended(
            self.words,
            os.waitstatus_to_exitcode(status),
            self.stdout_so_far(),
            self.stderr_so_far(),
            usage.ru_utime + usage.ru_stime,
        )


def fork_command(
    words: Sequence[str],
    environment: Mapping[str, str],
    home: Path,
    output: Path,
    act: Callable[[], Act | None] = lambda: None,
    prepare: Callable[[], None] = lambda: None,
) -> Forked:
    """Begin the program with these words; ``act`` makes what is called at its boundaries, in the child."""
    pid = os.fork()
    if pid:
        return Forked(tuple(words), pid, output)
    try:
        _become(words, environment, home, output)
        prepare()
        action = act()
        if action is not None:
            watch(action)
        from sigcli.__main__ import run

        run()
    except BaseException as error:
        os.write(2, f"harness: {error!r}\n".encode())
    os._exit(BROKEN)


def fork_function(function: Callable[[], None]) -> int:
    """Begin a child that does one thing; its pid. It ends with 0, or with 1 and a trace on stderr."""
    pid = os.fork()
    if not pid:
        _end_with(function)
    return pid


def _end_with(function: Callable[[], None]) -> NoReturn:
    try:
        function()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def _become(words: Sequence[str], environment: Mapping[str, str], home: Path, output: Path) -> None:
    os.setsid()
    # A harness that runs in a shell's background inherits both as ignored, and would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(home)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    for descriptor, name, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, "out", flags),
        (2, "err", flags),
    ):
        path = name if descriptor == 0 else f"{output}.{name}"
        opened = os.open(path, mode, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    complaints = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = complaints
    sys.argv = ["sigcli", *words]


def _read(output: Path, name: str) -> str:
    try:
        return Path(f"{output}.{name}").read_text(errors="surrogateescape")
    except FileNotFoundError:
        return ""
