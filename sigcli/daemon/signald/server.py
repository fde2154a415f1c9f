"""The socket: where it is, who may use it, and its connections."""

from __future__ import annotations

import os
import socket
import stat
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.daemon.signald.answering import Answering
from sigcli.daemon.signald.connection import Connection, stream_socket
from sigcli.daemon.signald.linking import LinkSessions
from sigcli.errors import SignaldSocketUnusable
from sigcli.store.private_files import make_private_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.daemon.core import Core

_BACKLOG = 64
_MOST_CONNECTIONS = 256
_FILE_MODE = 0o600


def default_path(environ: Mapping[str, str]) -> str:
    """Where clients look first."""
    folder = environ.get("XDG_RUNTIME_DIR", "")
    return os.path.join(folder if os.path.isabs(folder) else "/var/run", "signald", "signald.sock")


class SignaldServer:
    """Listens from when it is made until ``close``."""

    def __init__(self, core: Core, path: str) -> None:
        """Raises SignaldSocketUnusable, StorageUnwritable."""
        self.path = os.path.abspath(path)
        self._core = core
        self._answering = Answering(core, LinkSessions(core.links))
        self._lock = threading.Lock()
        self._connections: set[Connection] = set()
        self._listening = _listen(self.path)
        status = os.stat(self.path)
        self._identity = (status.st_dev, status.st_ino)
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="sigcli-signald", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End all connections; the socket's file goes, unless another one stands in its place."""
        self._closing = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with suppress(OSError):
            status = os.stat(self.path)
            if (status.st_dev, status.st_ino) == self._identity:
                os.unlink(self.path)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.break_off()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                if self._closing:
                    return
                continue
            with self._lock:
                is_room = len(self._connections) < _MOST_CONNECTIONS
            if not is_room:
                connected.close()
                continue
            threading.Thread(
                target=self._serve, args=(connected,), name="sigcli-signald", daemon=True
            ).start()

    def _serve(self, connected: socket.socket) -> None:
        stream = stream_socket(connected)
        connection = Connection(self._core, self._answering, stream)
        with self._lock:
            self._connections.add(connection)
        try:
            if not self._closing:
                connection.run()
        finally:
            with self._lock:
                self._connections.discard(connection)
            stream.break_off()
            stream.close()


def _listen(path: str) -> socket.socket:
    make_private_folder(os.path.dirname(path))
    _remove_old(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # It is nobody else's from the first moment on; folders that others make meanwhile stay usable.
    former = os.umask(0o077)
    try:
        listening.bind(path)
        os.chmod(path, _FILE_MODE)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        reason = "its path is too long" if "too long" in str(error) else error.strerror
        raise SignaldSocketUnusable(f"signald's socket cannot be made: {reason}") from error
    finally:
        os.umask(former)
    return listening


def _remove_old(path: str) -> None:
    """Make room for the socket; raises SignaldSocketUnusable for another daemon's, and for what is none."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise SignaldSocketUnusable(f"{path} exists and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(path)
        except OSError:
            pass
        else:
            raise SignaldSocketUnusable(f"another program listens at {path}")
    with suppress(OSError):
        os.unlink(path)
