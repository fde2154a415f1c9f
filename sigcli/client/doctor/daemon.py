"""The daemon of the data directory: whether one runs, and whether commands can use it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from sigcli import __version__
from sigcli.client.doctor.findings import Finding, failed, ok, warning
from sigcli.store.daemon_place import keeper, socket_path

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "daemon"
_TIMEOUT_S = 2.0


def check_daemon(data_dir: Path, version: str = __version__) -> Finding:
    """Whether a daemon takes commands, is of this version and sees the same files."""
    path = socket_path(str(data_dir))
    if path is None:
        return ok(_NAME, "none is running: each command connects by itself")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_TIMEOUT_S)
        try:
            connection.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return warning(
                _NAME,
                "one has ended unexpectedly: each command connects by itself",
                "start it again: sigcli daemon",
            )
        except PermissionError:
            return warning(
                _NAME,
                "the one that is running is another user's: each command connects by itself",
                "run the daemon and the commands as the same user",
            )
        except OSError as error:
            hint = "end it and start it again"
            return failed(_NAME, f"the one that is running does not answer: {error.strerror}", hint)
    found = keeper(str(data_dir))
    if found is None:
        return ok(_NAME, "one is running and runs commands")
    pid, its_version = found
    if its_version != version:
        return warning(
            _NAME,
            f"process {pid} is sigcli {its_version}: it cannot run commands of this version",
            "start it again",
        )
    if not _sees_the_same(pid):
        return warning(
            _NAME,
            f"process {pid} sees different files than this one: it cannot run commands from here",
            "take PrivateTmp, ProtectHome, ProtectSystem and the like out of its unit",
        )
    return ok(_NAME, f"process {pid} runs commands")


def _sees_the_same(pid: int) -> bool:
    """Whether a process has this one's mounts and root; assumed where that cannot be seen."""
    try:
        own = os.readlink("/proc/self/ns/mnt")
        return os.readlink(f"/proc/{pid}/ns/mnt") == own and os.path.samefile(
            f"/proc/{pid}/root", "/"
        )
    except OSError:
        return True
