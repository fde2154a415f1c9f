"""Starts of the installed command that cost less: forked from an interpreter that has loaded what is not sigcli's.

Most of what a short command costs is the start of the interpreter and the import of the standard library and of the
packages. A process for this, one for each worker, has done so once; for each run it forks itself, and the child takes
arguments, environment, folder and streams of the run and carries out the installed script. All of sigcli is imported
there as ever, and so is what sigcli loads in a way of its own (protobuf, websockets). What a run in the background, or
the first of a verb, costs and loads is never spared: see ``Sigcli.start``.

This file is also that process: it imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import types
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LARGEST_REQUEST = 1 << 20
_LOADED = [
    "ast",
    "calendar",
    "concurrent.futures.thread",
    "csv",
    "dataclasses",
    "datetime",
    "email.parser",
    "encodings.idna",
    "enum",
    "fcntl",
    "fnmatch",
    "hashlib",
    "heapq",
    "hmac",
    "http.client",
    "http.cookiejar",
    "importlib.metadata",
    "inspect",
    "ipaddress",
    "json",
    "logging",
    "mimetypes",
    "pathlib",
    "platform",
    "queue",
    "random",
    "secrets",
    "selectors",
    "shutil",
    "sqlite3",
    "ssl",
    "stringprep",
    "tempfile",
    "textwrap",
    "threading",
    "tomllib",
    "typing",
    "unicodedata",
    "urllib.request",
    "uuid",
    "zipfile",
    "cryptography.x509",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.asymmetric.x25519",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "h11",
    "httpx2",
    "idna",
    "nacl.bindings",
    "truststore",
    "typing_extensions",
]
"""What commands load, without protobuf and websockets, of which sigcli leaves parts out."""


class WarmProcess:
    """A run that was forked; it is used as ``subprocess.Popen`` is."""

    def __init__(self, connection: socket.socket, streams: Sequence[int]) -> None:
        self._connection = connection
        self._answers = b""
        self._returncode: int | None = None
        self.stdin = open(streams[0], "wb")  # noqa: SIM115 - lives as long as the process
        self.stdout = open(streams[1], "rb")  # noqa: SIM115
        self.stderr = open(streams[2], "rb")  # noqa: SIM115
        self.pid = int(self._line(60))

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end and gives the exit code. Raises subprocess.TimeoutExpired."""
        if self._returncode is None:
            self._returncode = int(self._line(timeout))
            self._connection.close()
        return self._returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _line(self, timeout_s: float | None) -> bytes:
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while b"\n" not in self._answers:
            left = None if until is None else max(until - time.monotonic(), 0)
            if not select.select([self._connection], [], [], left)[0]:
                raise subprocess.TimeoutExpired("sigcli", timeout_s or 0)
            received = self._connection.recv(100)
            if not received:
                raise ChildProcessError("the process that is to fork has ended")
            self._answers += received
        line, _, self._answers = self._answers.partition(b"\n")
        return line


class WarmInterpreter:
    """The process that forks. It ends with this one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Starts it; it runs only what has the same language and the like, which an interpreter reads once."""
        self._read_once = _read_once(environment)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"\0sigcli-warm-{os.getpid()}-{os.urandom(8).hex()}")
        listener.listen(64)
        self._address = listener.getsockname()
        with listener:
            self._process = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), str(listener.fileno())],
                env=dict(environment),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
            )

    def suits(self, environment: Mapping[str, str]) -> bool:
        """Whether a run with this environment begins as it would with an interpreter of its own."""
        return _read_once(environment) == self._read_once

    def start(
        self, script: Path, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path
    ) -> WarmProcess:
        """Runs a Python script with arguments in a process of its own."""
        words = [os.fsencode(word).hex() for word in (str(script), *arguments)]
        variables = {
            os.fsencode(name).hex(): os.fsencode(value).hex() for name, value in environment.items()
        }
        request = {"words": words, "env": variables, "cwd": str(cwd), "umask": _umask()}
        data = json.dumps(request).encode() + b"\n"
        ours, theirs = _pipes()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._address)
            socket.send_fds(connection, [data[:1]], theirs)
            connection.sendall(data[1:])
        finally:
            for end in theirs:
                os.close(end)
        return WarmProcess(connection, ours)

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def _read_once(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(("PYTHON", "LC_", "LANG", "COVERAGE")) or name == "TZ"
    }


def _umask() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1], 8) for line in status if line.startswith("Umask:"))


def _pipes() -> tuple[list[int], list[int]]:
    (their_in, our_in), (our_out, their_out), (our_err, their_err) = (os.pipe() for _ in range(3))
    return [our_in, our_out, our_err], [their_in, their_out, their_err]


# --- in the process that forks --------------------------------------------------------------------


def _serve(listener: socket.socket) -> None:
    """Fork for whoever connects, until standard input ends."""
    import gc

    for name in _LOADED:
        importlib.import_module(name)
    gc.freeze()
    woken, wake = socket.socketpair()
    for one in (woken, wake):
        one.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    while True:
        awaited: list[Any] = [listener, woken, 0]
        ready, _, _ = select.select(awaited, [], [])
        if 0 in ready:
            return
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            _tell_ends(running)
        if listener in ready:
            connection, _ = listener.accept()
            request, streams = _request(connection)
            pid = os.fork()
            if pid == 0:
                _run(request, streams)
            for stream in streams:
                os.close(stream)
            running[pid] = connection
            _tell(connection, pid)


def _tell_ends(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as connection:
            _tell(connection, os.waitstatus_to_exitcode(status))


def _tell(connection: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # nobody waits for it any more
        connection.sendall(b"%d\n" % number)


def _request(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    data, streams, _, _ = socket.recv_fds(connection, 1, 3)
    while not data.endswith(b"\n"):
        data += connection.recv(_LARGEST_REQUEST)
    return json.loads(data), streams


def _run(request: dict[str, Any], streams: list[int]) -> NoReturn:
    """Become what the interpreter would be that was started with this script."""
    exit_code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for wanted, stream in enumerate(streams):
            os.dup2(stream, wanted)
        os.closerange(3, 1024)
        os.umask(request["umask"])
        os.chdir(request["cwd"])
        os.environ.clear()
        for name, value in request["env"].items():
            os.environb[bytes.fromhex(name)] = bytes.fromhex(value)
        sys.argv = [os.fsdecode(bytes.fromhex(word)) for word in request["words"]]
        sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding=sys.stderr.encoding, errors="backslashreplace")  # noqa: SIM115
        sys.path[0] = os.path.dirname(sys.argv[0])
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        with open(sys.argv[0], "rb") as script:
            code = compile(script.read(), sys.argv[0], "exec")
        exec(code, main.__dict__)
        exit_code = 0
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        for output in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                output.flush()
        os._exit(exit_code)


if __name__ == "__main__":
    sys.path[0] = os.path.dirname(os.path.abspath(sys.executable))  # not where this file is
    _serve(socket.socket(fileno=int(sys.argv[1])))
