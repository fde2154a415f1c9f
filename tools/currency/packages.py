"""The npm packages that the tests use: as pinned, and in a copy of tests/node as they are now."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.node import OWN_DIRECTORY, NodeRuntime, find_node, mark_as_installed

LIBSIGNAL = "@signalapp/libsignal-client"
MOCK_SERVER = "@signalapp/mock-server"
COMPARED = (LIBSIGNAL, MOCK_SERVER)
_INSTALL_TIMEOUT_S = 900


class InstallationFailed(Exception):
    """npm could not install the packages; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Packages:
    """A folder with tests/node's files and its packages, installed."""

    directory: Path

    def folder(self, package: str) -> Path:
        """Where a package is installed."""
        return self.directory / "node_modules" / package

    def version(self, package: str) -> str:
        """The version that is installed."""
        described = json.loads((self.folder(package) / "package.json").read_text())
        return str(described["version"])


def pinned_packages() -> Packages:
    """Those of the lock file; raises NodeUnavailable."""
    from tests.support.node import node_with_packages

    node_with_packages()
    return Packages(OWN_DIRECTORY)


def other_packages(directory: Path, versions: Mapping[str, str]) -> Packages:
    """A copy of tests/node with these versions (or tags, as ``latest``); raises InstallationFailed, NodeUnavailable."""
    runtime = find_node()
    shutil.copytree(OWN_DIRECTORY, directory, ignore=shutil.ignore_patterns("node_modules"))
    # The lock would hold the versions that it names.
    (directory / "package-lock.json").unlink()
    description = directory / "package.json"
    wanted = json.loads(description.read_text())
    wanted["dependencies"] |= versions
    description.write_text(json.dumps(wanted, indent=2) + "\n")
    _install(runtime, directory)
    mark_as_installed(directory)
    return Packages(directory)


def _install(runtime: NodeRuntime, directory: Path) -> None:
    command = [*runtime.npm, "install", "--ignore-scripts", "--no-audit", "--no-fund"]
    finished = subprocess.run(
        command,
        cwd=directory,
        env=runtime.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_INSTALL_TIMEOUT_S,
        check=False,
    )
    if finished.returncode != 0:
        raise InstallationFailed(finished.stdout)
