"""Which process this is, and whether another one still lives, told apart from its pid's next owner."""

from __future__ import annotations

import os
import sys

from sigcli.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process, unmistakably: the machine's boot and pid namespace, the pid, and when it started."""

    machine: str
    pid: int
    start: str

    @classmethod
    def own(cls) -> ProcessId:
        """This process."""
        pid = os.getpid()
        return cls(this_machine(), pid, _start_of(pid) or "")

    def is_alive(self) -> bool | None:
        """Whether the process still runs; None if that cannot be seen from here."""
        if self.machine != this_machine() or os.name != "posix":
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it runs, as another user
        start = _start_of(self.pid)
        return start is not None and start == self.start


def this_machine() -> str:
    """This boot of this machine, and within it the namespace that pids belong to."""
    if sys.platform == "linux":
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot_id:
                return f"{boot_id.read().strip()} {os.readlink('/proc/self/ns/pid')}"
        except OSError:
            pass
    if os.name == "posix":
        return os.uname().nodename
    return os.environ.get("COMPUTERNAME", "")


def _start_of(pid: int) -> str | None:
    """When a process started, in the system's own notation; None for none or a zombie."""
    if sys.platform != "linux":
        return _start_by_ps(pid)
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            # The name in parentheses may hold anything; the state follows the last one.
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


def _start_by_ps(pid: int) -> str | None:
    if os.name != "posix":
        return ""
    import subprocess

    ps = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    try:
        answer = subprocess.run(ps, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    state, _, start = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()
