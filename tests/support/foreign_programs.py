"""Programs of others from PyPI and npm, unchanged, each in an environment of its own: their pins are not ours."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import NodeUnavailable, find_node

_INSTALL_TIMEOUT_S = 280


class ProgramUnavailable(Exception):
    """It could not be installed."""


def python_with(*requirements: str) -> Path:
    """The interpreter of an environment that holds these packages; installed once. Raises ProgramUnavailable."""
    name = hashlib.sha256("\n".join((sys.version, *requirements)).encode()).hexdigest()[:16]
    folder = _cache() / name
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _run(sys.executable, "-m", "venv", "--clear", str(folder))
            _run(str(folder / "bin" / "pip"), "install", "-q", *requirements)
            (folder / "installed").touch()
    return folder / "bin" / "python"


def node_with(*packages: str) -> Path:
    """A folder in which these npm packages are installed, without their install scripts; raises ProgramUnavailable."""
    try:
        runtime = find_node()
    except NodeUnavailable as error:
        raise ProgramUnavailable(str(error)) from error
    name = hashlib.sha256("\n".join(("npm", *packages)).encode()).hexdigest()[:16]
    folder = _cache() / name
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            folder.mkdir(exist_ok=True)
            quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
            _run(*runtime.npm, "install", "--prefix", str(folder), *quiet, *packages)
            (folder / "installed").touch()
    return folder


def _cache() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sigcli-tests"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@contextmanager
def needs_program() -> Iterator[None]:
    """Turns ProgramUnavailable into a failure when CI=true, else into a skip."""
    try:
        yield
    except ProgramUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"a program of others is needed: {error}", pytrace=False)
        pytest.skip(f"NOT PROVEN with the unchanged program: {error}")


class Program:
    """A script that runs with such an interpreter and prints a JSON value a line."""

    def __init__(
        self,
        interpreter: Path,
        script: str,
        arguments: Sequence[str],
        *,
        flags: Sequence[str] = ("-u", "-c"),
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``flags``: what the script stands behind; ``environment``: what is set besides."""
        self._process = subprocess.Popen(
            [str(interpreter), *flags, script, *arguments],
            cwd=cwd,
            env=None if environment is None else {**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._complaints: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._complain, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def read(self, timeout_s: float = 60) -> Any:
        """The next value; AssertionError where there is none in time."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError(f"nothing came: {self._story()}") from None
        assert line is not None, f"it has ended: {self._story()}"
        return json.loads(line)

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _complain(self) -> None:
        assert self._process.stderr is not None
        self._complaints.extend(self._process.stderr)

    def _story(self) -> str:
        return "".join(self._complaints)


def _run(*command: str) -> None:
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramUnavailable("installing took too long") from None
    if finished.returncode != 0:
        raise ProgramUnavailable(finished.stdout[-2000:])
