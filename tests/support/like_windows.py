"""Takes away from this interpreter what Windows lacks, as far as Python itself can stand it, and gives it msvcrt.

``python -m tests.support.like_windows WORDS`` is the command ``sigcli WORDS`` there.
"""

from __future__ import annotations

import asyncio  # its Unix half wants what goes
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from types import SimpleNamespace

MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "posix_fadvise")
_OS = """chown chroot fchmod fchown fork forkpty getegid geteuid getgid getgroups getpgid getppid getsid getuid killpg
lchown mkfifo mknod nice posix_fadvise posix_fallocate pread preadv pwrite pwritev sched_yield sendfile set_blocking
setegid seteuid setgid setsid setuid statvfs sysconf sync uname wait3 wait4 O_CLOEXEC O_DIRECTORY O_NOCTTY O_NOFOLLOW
O_NONBLOCK ST_RDONLY"""
_SOCKET = "AF_UNIX CMSG_LEN CMSG_SPACE MSG_CMSG_CLOEXEC SCM_RIGHTS SO_PEERCRED SO_REUSEPORT recv_fds send_fds"
_SIGNAL = (
    "SIGALRM SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 pthread_kill pthread_sigmask setitimer"
)
_SELECT = "POLLERR POLLHUP POLLIN POLLOUT epoll poll PIPE_BUF"


def take_away() -> None:
    """From now on they are missing."""
    # What these use is taken from them with the rest, so it stays theirs under names of their own.
    assert asyncio
    assert subprocess
    assert tempfile
    lock, exclusive, statvfs = fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB, os.statvfs

    def locking(descriptor: int, mode: int, length: int) -> None:
        assert (mode, length, os.lseek(descriptor, 0, os.SEEK_CUR)) == (2, 1, 1 << 30)
        try:
            lock(descriptor, exclusive)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None  # as Windows has it

    def disk_usage(path: str) -> SimpleNamespace:
        facts = statvfs(path)
        return SimpleNamespace(free=facts.f_bavail * facts.f_frsize)

    def socketpair() -> tuple[socket.socket, socket.socket]:  # which Python makes of TCP there
        with socket.create_server(("127.0.0.1", 0)) as listening:
            one = socket.create_connection(listening.getsockname())
            return one, listening.accept()[0]

    socket.socketpair = socketpair  # type: ignore[assignment]
    sys.modules["msvcrt"] = SimpleNamespace(locking=locking, LK_NBLCK=2)  # type: ignore[assignment]
    shutil.disk_usage = disk_usage  # type: ignore[assignment]
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, _OS), (socket, _SOCKET), (signal, _SIGNAL), (select, _SELECT)):
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)


if __name__ == "__main__":
    take_away()
    from sigcli.__main__ import run

    sys.argv[0] = "sigcli"
    run()
