"""What operating systems do differently: the only module that names what Windows lacks. Imports nothing of sigcli.

``fcntl``, ``termios``, ``resource``, ``select.poll``, user ids and pipes that can be waited for are wrapped here, each
with an answer for systems without them. What such a system cannot do at all (Unix sockets, the hand-over to a daemon)
fails with a named error when it is asked for.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # this stands on start-up paths
if TYPE_CHECKING:
    from collections.abc import Sequence

_LOCK_OFFSET = 1 << 30
"""The offset of the byte that is locked on Windows, where a locked byte cannot be read."""
_MAX_WAIT_MS = (1 << 31) - 1
"""The longest wait that the system accepts: 25 days."""


def user_id() -> int | None:
    """The user whose rights the process has; None where users have no numbers."""
    return os.geteuid() if hasattr(os, "geteuid") else None


def leave_no_core_dump() -> None:
    """Keys must not end up in the file of a crashed process, whatever the shell's limit is."""
    try:
        import resource
    except ImportError:  # Windows writes none
        return
    try:  # noqa: SIM105 - contextlib would be one more import for every command
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        pass


def hangup_signals() -> tuple[int, ...]:
    """What tells a process that its terminal is gone; nothing where it is to live on (nohup), or on Windows."""
    import signal

    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return ()
    return (hangup,)


def file_size_limit() -> int | None:
    """The largest file in bytes that this process may write; None if there is no limit."""
    try:
        import resource
    except ImportError:
        return None
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def free_bytes(folder: str) -> int:
    """Bytes that this user can still write to the disk of a folder; raises OSError."""
    if hasattr(os, "statvfs"):
        facts = os.statvfs(folder)
        return facts.f_bavail * facts.f_frsize
    import shutil

    return shutil.disk_usage(folder).free


# --- files ----------------------------------------------------------------------------------------


def try_lock(descriptor: int) -> bool:
    """Take a lock on an open file, until its descriptor is closed; False while another process has it.

    Raises OSError where the file system has no locks.
    """
    try:
        import fcntl
    except ImportError:
        import msvcrt

        os.lseek(descriptor, _LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_record_lock(descriptor: int, *, exclusive: bool) -> bool:
    """Take the kind of lock that Java programs take; False while another process has it. Raises OSError.

    Windows does not have such locks: there it is always granted.
    """
    try:
        import fcntl
    except ImportError:
        return True
    import errno

    try:
        fcntl.lockf(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            return False
        raise
    return True


def read_at(descriptor: int, length: int, place: int) -> bytes:
    """Read at most ``length`` bytes at an offset; other readers of the descriptor must give an offset as well."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, place)
    os.lseek(descriptor, place, os.SEEK_SET)
    return os.read(descriptor, length)


def wait_for_data(descriptor: int) -> None:
    """Make reads of a descriptor wait for data, in case another process made it non-blocking."""
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)


# --- waiting --------------------------------------------------------------------------------------


class Wake:
    """A descriptor to wait for, readable once it was set; ``set`` may be called on any thread and by signals."""

    def __init__(self) -> None:
        self._sockets: Sequence[object] = ()
        if hasattr(os, "set_blocking") and os.name == "posix":
            self._reader, self._writer = os.pipe()
            os.set_blocking(self._reader, False)
            os.set_blocking(self._writer, False)
            return
        import socket  # Windows waits for sockets alone

        reading, writing = self._sockets = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        self._reader, self._writer = reading.fileno(), writing.fileno()

    def fileno(self) -> int:
        return self._reader

    @property
    def signal_descriptor(self) -> int:
        """What ``signal.set_wakeup_fd`` takes."""
        return self._writer

    def set(self) -> None:
        """Make it readable."""
        try:
            if self._sockets:
                self._sockets[1].send(b"x")  # type: ignore[attr-defined]
            else:
                os.write(self._writer, b"x")
        except BlockingIOError:
            return  # it is readable already

    def clear(self) -> None:
        """Make it unreadable."""
        try:
            if self._sockets:
                self._sockets[0].recv(4096)  # type: ignore[attr-defined]
            else:
                os.read(self._reader, 4096)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close it, once nothing waits for it or sets it any more."""
        if self._sockets:
            for one in self._sockets:
                one.close()  # type: ignore[attr-defined]
        else:
            os.close(self._reader)
            os.close(self._writer)


def wait_until(
    timeout_s: float | None, reading: Sequence[int] = (), writing: Sequence[int] = ()
) -> set[int]:
    """The descriptors that can be read from or written to, as soon as there is one; empty if the time ran out."""
    import select

    if not hasattr(select, "poll"):
        found, ready, _ = select.select(reading, writing, [], timeout_s)
        return {*found, *ready}
    poll = select.poll()
    for descriptor in reading:
        poll.register(descriptor, select.POLLIN)
    for descriptor in writing:
        poll.register(descriptor, select.POLLOUT)
    wait_ms = None if timeout_s is None else min(max(0.0, timeout_s) * 1000, _MAX_WAIT_MS)
    return {one for one, _ in poll.poll(wait_ms)}


def has_hung_up(descriptor: int) -> bool:
    """Whether the other side of a pipe or socket has gone; False where that cannot be seen."""
    import select

    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


# --- what a reader has not read yet ---------------------------------------------------------------


def unread_request(descriptor: int) -> int | None:
    """The request that asks for unread bytes on this kind of descriptor; None where there are no unread bytes, or
    the system does not tell.
    """
    try:
        import fcntl
        import termios
    except ImportError:
        return None
    import array
    import stat

    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode):
        request: int = termios.FIONREAD
    elif stat.S_ISSOCK(mode):
        request = termios.TIOCOUTQ
    else:
        return None
    try:
        fcntl.ioctl(descriptor, request, array.array("i", [0]))
    except OSError:
        return None  # this system cannot tell
    return request


def unread_bytes(descriptor: int, request: int | None) -> int:
    """How much of what was written the other side has not read; 0 without a request. Raises OSError."""
    if request is None:
        return 0
    import array
    import fcntl

    count = array.array("i", [0])
    fcntl.ioctl(descriptor, request, count)
    return count[0]
