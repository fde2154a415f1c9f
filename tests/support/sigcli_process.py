"""The installed command `sigcli`, run as a user runs it: a subprocess with its own data directory."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.support.warm_start import WarmInterpreter, WarmProcess

# What a user's shell hands on; everything else that could change the command's behaviour is left out.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")


def installed_command() -> Path:
    """The `sigcli` of the environment that runs the tests."""
    return Path(sys.executable).parent / "sigcli"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has ended."""

    arguments: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    duration_s: float

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.stdout.splitlines()

    @property
    def json(self) -> Any:
        """Stdout as one JSON document."""
        return json.loads(self.stdout)

    @property
    def json_lines(self) -> list[Any]:
        """Each line of stdout as JSON."""
        return [json.loads(line) for line in self.lines if line]

    @property
    def json_error(self) -> dict[str, Any]:
        """The error object on the last line of stderr."""
        error: dict[str, Any] = json.loads(self.stderr.splitlines()[-1])["error"]
        return error

    def expect(self, exit_code: int) -> Finished:
        """Itself, or an AssertionError that shows everything."""
        assert self.exit_code == exit_code, (
            f"sigcli {' '.join(self.arguments)} ended with {self.exit_code}, not {exit_code}\n"
            f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
        )
        return self


class RunningSigcli:
    """A run in the background. Its output is read all the time, so it never blocks on a full pipe."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        cwd: Path,
        warm: WarmInterpreter | None = None,
    ) -> None:
        """Starts it, or has it forked."""
        self.arguments = tuple(arguments)
        self._started = time.monotonic()
        self._process: subprocess.Popen[bytes] | WarmProcess
        if warm is not None:
            self._process = warm.start(installed_command(), arguments, environment, cwd)
        else:
            self._process = subprocess.Popen(
                [str(installed_command()), *arguments],
                env=environment,
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._has_complained = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def stderr_so_far(self) -> str:
        """What it has written to stderr."""
        return "".join(self._stderr)

    def read_line(self, *, timeout_s: float = 60) -> str:
        """The next line of stdout without its newline. AssertionError at the end or after the timeout."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError(f"no line within {timeout_s} s{self._story()}") from None
        if line is None:
            self._lines.put(None)
            raise AssertionError(f"stdout ended{self._story()}")
        return line

    def read_json(self, *, timeout_s: float = 60) -> Any:
        """The next line of stdout as JSON."""
        return json.loads(self.read_line(timeout_s=timeout_s))

    def wait_for_complaint(self, text: str, *, timeout_s: float = 60) -> None:
        """Waits until stderr has this text. AssertionError after the timeout."""
        with self._has_complained:
            found = self._has_complained.wait_for(lambda: text in self.stderr_so_far, timeout_s)
        assert found, f"no {text!r} within {timeout_s} s{self._story()}"

    def write(self, text: str) -> None:
        """Writes to its stdin."""
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def close_stdin(self) -> None:
        """Ends its stdin."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal, unless it has ended."""
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """SIGINT, as Ctrl-C does."""
        self.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no last words."""
        self.send_signal(signal.SIGKILL)

    def wait(self, *, timeout_s: float = 60) -> Finished:
        """Waits for the end. AssertionError after the timeout, with the process killed."""
        self.close_stdin()
        try:
            exit_code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
            self._close()
            raise AssertionError(f"still running after {timeout_s} s{self._story()}") from None
        self._close()
        return Finished(
            self.arguments,
            exit_code,
            "".join(self._stdout),
            "".join(self._stderr),
            time.monotonic() - self._started,
        )

    def dispose(self) -> None:
        """Kills it if a test left it running, and closes its pipes."""
        if self.running:
            self.kill()
        self._process.wait()
        self.close_stdin()
        self._close()

    def _close(self) -> None:
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _story(self) -> str:
        status = self._process.poll()
        state = "running" if status is None else f"ended with {status}"
        return (
            f": sigcli {' '.join(self.arguments)} ({state})\n"
            f"--- stdout\n{''.join(self._stdout)}\n--- stderr\n{self.stderr_so_far}"
        )

    def _read_stdout(self) -> None:
        for line in _decoded(self._process.stdout):
            self._stdout.append(line)
            self._lines.put(line.removesuffix("\n"))
        self._lines.put(None)

    def _read_stderr(self) -> None:
        for line in _decoded(self._process.stderr):
            with self._has_complained:
                self._stderr.append(line)
                self._has_complained.notify_all()


class Sigcli:
    """The command with one data directory, one home and one service environment.

    `account` (a number or ACI), once set, goes to every run as SIGCLI_ACCOUNT.
    """

    def __init__(self, directory: Path, environment_file: Path | None = None) -> None:
        """`directory` gets the subdirectories `data` and `home`; the latter is the working directory too."""
        self.data_dir = directory / "data"
        self.home = directory / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.account: str | None = None
        self.environment: dict[str, str] = {
            name: os.environ[name] for name in _INHERITED if name in os.environ
        }
        self.environment |= {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / ".local" / "share"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "SIGCLI_DATA_DIR": str(self.data_dir),
        }
        if environment_file is not None:
            self.environment["SIGCLI_SERVICE_ENVIRONMENT"] = str(environment_file)
        self._running: list[RunningSigcli] = []

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        exit_code: int | None = 0,
        timeout_s: float = 60,
        env: dict[str, str] | None = None,
    ) -> Finished:
        """Runs it to its end and expects that exit code (None: any).

        A verb that this test process has run before is forked from a warm interpreter.
        """
        environment = self._environment(env)
        process = self._started(arguments, environment, _warm_for(arguments, environment))
        with contextlib.suppress(BrokenPipeError):
            process.write(stdin)
        finished = process.wait(timeout_s=timeout_s)
        return finished if exit_code is None else finished.expect(exit_code)

    def start(self, *arguments: str, env: dict[str, str] | None = None) -> RunningSigcli:
        """Starts it in the background, as a shell does; what still runs at the end of the test is killed."""
        return self._started(arguments, self._environment(env))

    def _environment(self, more: dict[str, str] | None) -> dict[str, str]:
        environment = {**self.environment, **(more or {})}
        if self.account is not None:
            environment["SIGCLI_ACCOUNT"] = self.account
        return environment

    def _started(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        warm: WarmInterpreter | None = None,
    ) -> RunningSigcli:
        process = RunningSigcli(arguments, environment, self.home, warm)
        self._running.append(process)
        return process

    def dispose(self) -> None:
        """Ends everything that was started."""
        for process in self._running:
            process.dispose()
        self._running.clear()


# --- runs that are forked -------------------------------------------------------------------------

_verbs: set[str] = set()
_warm: list[WarmInterpreter] = []
_warming = threading.Lock()


def _warm_for(arguments: Sequence[str], environment: dict[str, str]) -> WarmInterpreter | None:
    """What to fork a run from, None where it is to start by itself."""
    verb = next((word for word in arguments if not word.startswith("-")), "")
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    with _warming:
        if os.environ.get("SIGCLI_COLD_STARTS") or verb not in _verbs:
            _verbs.add(verb)
            return None
        if limit != resource.RLIM_INFINITY or not sys.platform.startswith("linux"):
            return None
        if not _warm:
            _warm.append(WarmInterpreter(environment))
            atexit.register(_warm[0].close)
        return _warm[0] if _warm[0].suits(environment) else None


def _decoded(stream: IO[bytes] | None) -> Any:
    assert stream is not None
    for line in stream:
        yield line.decode(errors="surrogateescape")
