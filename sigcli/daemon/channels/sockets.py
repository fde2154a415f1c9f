"""Opening sockets: Unix sockets for the user, TCP sockets, and those passed by systemd."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.errors import ChannelUnavailable
from sigcli.system import user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TCP_PORT = 7583
_BACKLOG = 128
_FIRST_INHERITED = 3


def default_path(environ: Mapping[str, str]) -> str:
    """signal-cli's path: ``$XDG_RUNTIME_DIR/signal-cli/socket``."""
    folder = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user_id()}"
    if not os.path.isdir(folder):
        folder = os.path.join("/tmp", f"sigcli-{user_id()}")  # noqa: S108 - ours, or it fails
    return os.path.join(folder, "signal-cli", "socket")


def listen_unix(path: str, group: str | None = None) -> tuple[socket.socket, Callable[[], None]]:
    """A socket that the user (and a group, if given) can connect to, and a function that removes its file before
    closing.

    Call it while there are no other threads: it changes the umask for a moment. A socket without a listener is
    replaced. Raises ChannelUnavailable.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise ChannelUnavailable(
            "this system has no Unix sockets",
            hint="use --http or --rest, which programs reach by TCP",
        )
    path = os.path.abspath(path)
    try:
        _make_folder(os.path.dirname(path), group)
        _remove_stale(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            before = os.umask(0o177)
            try:
                listening.bind(path)
            finally:
                os.umask(before)
            if group is not None:
                _give_to(path, group, 0o660)
            listening.listen(_BACKLOG)
            facts = os.stat(path)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        raise _unusable(path, error) from error

    def remove() -> None:
        with suppress(OSError):
            now = os.stat(path)
            if (now.st_dev, now.st_ino) == (facts.st_dev, facts.st_ino):
                os.unlink(path)

    return listening, remove


def inherited(environ: Mapping[str, str]) -> list[socket.socket]:
    """The stream sockets that systemd passes (``LISTEN_FDS``), listening or connected; see sd_listen_fds(3)."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = environ.get("LISTEN_FDS", "")
    found = []
    for descriptor in range(
        _FIRST_INHERITED, _FIRST_INHERITED + (int(count) if count.isdigit() else 0)
    ):
        os.set_inheritable(descriptor, False)
        with suppress(OSError):
            one = socket.socket(fileno=descriptor)
            one.setblocking(True)
            if one.type == socket.SOCK_STREAM:
                found.append(one)
    return found


def is_listening(one: socket.socket) -> bool:
    """Whether it is a listening socket rather than a connection."""
    return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _make_folder(folder: str, group: str | None) -> None:
    if os.path.isdir(folder):
        return
    parent = os.path.dirname(folder)
    if not os.path.isdir(parent):
        _make_folder(parent, group)
    os.mkdir(folder, 0o700)
    if group is not None:
        _give_to(folder, group, 0o710)


def _give_to(path: str, group: str, mode: int) -> None:
    import shutil

    try:
        shutil.chown(path, group=int(group) if group.isdigit() else group)
        os.chmod(path, mode)
    except LookupError as error:
        raise ChannelUnavailable(f"there is no group {group}") from error


def _remove_stale(path: str) -> None:
    """Remove the socket of a daemon that was killed; raises ChannelUnavailable if anything else is there."""
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(facts.st_mode):
        raise ChannelUnavailable(
            f"{path} is not a socket", hint="remove it, or choose another path"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink(missing_ok=True)
            return
    raise ChannelUnavailable(f"another process is listening on {path}")


def _unusable(path: str, error: OSError) -> ChannelUnavailable:
    reason = (error.strerror or str(error)).lower()
    return ChannelUnavailable(f"cannot listen on {path}: {reason}")
