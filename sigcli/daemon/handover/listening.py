"""The daemon's side: a socket for commands of the same user, with a thread for each.

Linux only: elsewhere a thread cannot have its own folder and umask, so nothing listens.
"""

from __future__ import annotations

import array
import ctypes
import os
import shutil
import socket
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from sigcli import __version__
from sigcli.daemon.handover.frame import (
    DECLINED,
    DESCRIPTORS,
    LENGTH_BYTES,
    MAX_BYTES,
    decode_frame,
    peer_of,
)
from sigcli.daemon.handover.visit import INTERRUPTED, Declined, Visit
from sigcli.errors import SigcliError
from sigcli.store.consumers import COMMAND_LINE
from sigcli.store.daemon_place import LOCK, LONGEST, POINTER, note_keeper, own_path
from sigcli.store.private_files import (
    create_private_file,
    make_private_folder,
    unlink_quietly,
)
from sigcli.system import try_lock, user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigcli.daemon.core import Core
    from sigcli.daemon.handover.frame import Frame

    RunWords = Callable[[Sequence[str], Visit], int]
    """Runs a command line as the command does, in a visit's surroundings; returns its exit code."""

AT_ONCE = 64
"""The most commands at once; further callers run theirs themselves."""
_PATIENCE_S = 5.0
"""How long a caller may take to send its frame."""
_CLOSED_WITHIN_S = 0.5
_BACKLOG = 128
_CLONE_FS = 0x200
_INTERRUPTED = "interrupted"
_UCRED_BYTES = 12
_CHUNK = 1 << 16


class HandOver:
    """Runs commands on the accounts of a core, from ``start`` to ``close``."""

    def __init__(self, core: Core, run: RunWords) -> None:
        self._core = core
        self._run = run
        self._data_dir = os.path.abspath(core.settings.data_dir)
        self._listener: socket.socket | None = None
        self._lock: int | None = None
        self._path: str | None = None
        self._short_folder: str | None = None
        self._closing = False
        self._visits: set[Visit] = set()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Listen, unless another daemon of the data directory does; warns if that is impossible."""
        if not hasattr(socket, "SO_PEERCRED"):
            return
        warn = self._core.settings.warn
        try:
            # A daemon may be there before the first account is.
            make_private_folder(self._data_dir)
            self._lock = _locked(os.path.join(self._data_dir, LOCK))
            if self._lock is None:
                warn("another daemon runs the commands of this data directory")
                return
            note_keeper(self._lock, __version__)
            self._listen()
        except OSError as error:
            warn(f"no commands can be handed over: {(error.strerror or str(error)).lower()}")
        except SigcliError as error:
            warn(f"no commands can be handed over: {error.message}")

    def _listen(self) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path = self._place()
            _remove(self._path)
            listener.bind(self._path)
            os.chmod(self._path, 0o600)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
        self._listener = listener
        threading.Thread(target=self._accept, name="sigcli-hand-over", daemon=True).start()

    def close(self) -> None:
        """Accept no more commands, and end those that are running."""
        with self._changed:
            self._closing = True
            visits = list(self._visits)
        if self._listener is not None:
            self._listener.close()
        # On a disk that has become read-only they stay; the next daemon makes its own in their place.
        if self._path is not None:
            unlink_quietly(self._path)
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)
            unlink_quietly(os.path.join(self._data_dir, POINTER))
        for visit in visits:
            visit.break_off()
        deadline = time.monotonic() + _CLOSED_WITHIN_S
        with self._changed:
            self._changed.wait_for(lambda: not self._visits, deadline - time.monotonic())
        if self._lock is not None:
            os.close(self._lock)

    # --- within ------------------------------------------------------------------------------

    def _place(self) -> str:
        """Where to listen; another place, named in a file, if the data directory's path is too long."""
        path = own_path(self._data_dir)
        if path is not None:
            return path
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        usable = runtime and os.path.isdir(runtime) and len(os.fsencode(runtime)) < LONGEST // 2
        self._short_folder = tempfile.mkdtemp(prefix="sigcli-", dir=runtime if usable else "/tmp")  # noqa: S108
        path = os.path.join(self._short_folder, "socket")
        pointer = os.path.join(self._data_dir, POINTER)
        _remove(pointer)
        with os.fdopen(create_private_file(pointer), "wb") as file:
            file.write(os.fsencode(path))
        return path

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None
        while not self._closing:
            try:
                connection, _ = listener.accept()
            except OSError:
                if self._closing or listener.fileno() < 0:
                    return
                time.sleep(0.1)  # no descriptor is free now
                continue
            threading.Thread(
                target=self._receive, args=(connection,), name="sigcli-caller", daemon=True
            ).start()

    def _receive(self, connection: socket.socket) -> None:
        """Read one caller's command, run it, and watch whether the caller stays."""
        descriptors: list[int] = []
        try:
            with connection:
                connection.settimeout(_PATIENCE_S)
                frame = _read_frame(connection, descriptors)
                if frame is None or not _is_compatible(connection, frame):
                    _say(connection, DECLINED)
                    return
                connection.settimeout(None)
                visit = Visit(self._core, frame, tuple(descriptors), connection)
                with self._changed:
                    if self._closing or len(self._visits) >= AT_ONCE:
                        _say(connection, DECLINED)
                        return
                    self._visits.add(visit)
                worker = threading.Thread(
                    target=self._work, args=(visit, frame), name="sigcli-command", daemon=True
                )
                worker.start()
                visit.watch()
                worker.join()
                visit.close()
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _work(self, visit: Visit, frame: Frame) -> None:
        trace = self._core.settings.trace
        began = time.monotonic()
        try:
            try:
                _take_place(frame)
                exit_code = self._run(frame.words, visit)
            except Declined:
                visit.decline()
            else:
                if visit.live is not None:  # otherwise the words made no sense
                    outcome = _INTERRUPTED if exit_code == INTERRUPTED else visit.outcome
                    self._core.note_done(COMMAND_LINE, visit.name, outcome, visit.live)
                visit.finish(exit_code)
                if trace is not None:
                    took_ms = (time.monotonic() - began) * 1000
                    trace(f"handed over: {visit.name}, exit code {exit_code}, {took_ms:.0f} ms")
        finally:
            visit.end()
            with self._changed:
                self._visits.discard(visit)
                self._changed.notify_all()


def _read_frame(connection: socket.socket, descriptors: list[int]) -> Frame | None:
    """The caller's frame, its descriptors added to the list; None if it does not come in time."""
    item = array.array("i")
    space = socket.CMSG_SPACE(DESCRIPTORS * item.itemsize)
    data = b""
    try:
        data, ancillary, flags, _ = connection.recvmsg(
            _CHUNK, space, getattr(socket, "MSG_CMSG_CLOEXEC", 0)
        )
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                item.frombytes(content[: len(content) - len(content) % item.itemsize])
        descriptors += item
        if flags & socket.MSG_CTRUNC or len(descriptors) != DESCRIPTORS:
            return None
        length = int.from_bytes(data[:LENGTH_BYTES], "big")
        if len(data) < LENGTH_BYTES or length > MAX_BYTES:
            return None
        parts, missing = [data[LENGTH_BYTES:]], length + LENGTH_BYTES - len(data)
        while missing > 0:
            more = connection.recv(min(missing, _CHUNK))
            if not more:
                return None
            parts.append(more)
            missing -= len(more)
    except OSError:
        return None
    return decode_frame(b"".join(parts))


def _is_compatible(connection: socket.socket, frame: Frame) -> bool:
    """Whether the caller has the same user and version, and sees the same files."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED_BYTES)
    pid, uid = peer_of(credentials)
    if uid != user_id() or frame.version != __version__:
        return False
    try:
        same_mounts = os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt")
        return same_mounts and os.path.samefile(f"/proc/{pid}/root", "/")
    except OSError:
        return False


def _take_place(frame: Frame) -> None:
    """Give this thread, and those that it starts, the caller's folder and umask; raises Declined."""
    if ctypes.CDLL(None).unshare(_CLONE_FS) != 0:
        raise Declined
    try:
        os.chdir(frame.folder)
    except (OSError, ValueError):
        raise Declined from None
    os.umask(frame.umask)


def _locked(path: str) -> int | None:
    """A lock on a file for as long as its descriptor is open; None if another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not try_lock(descriptor):
        os.close(descriptor)
        return None
    return descriptor


def _say(connection: socket.socket, word: bytes) -> None:
    try:
        connection.sendall(word + b"\n")
    except OSError:
        return


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
