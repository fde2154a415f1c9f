"""Runs commands one after the other and measures each: a script of its own, see processes.py.

The kernel counts a process's memory peak from before its exec, so whoever starts it must be smaller than anything it
measures; the benchmarks are not. One JSON object a line in, one out.
"""

import json
import os
import sys
import time
from typing import Any

_KIB_UNITS = 1024 if sys.platform == "darwin" else 1  # ru_maxrss is in bytes there


def _run(request: dict[str, Any]) -> dict[str, Any]:
    arguments, environment = request["arguments"], request["environment"]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    error = os.open(request["stderr"], flags, 0o600)
    reader, reading = None, None
    if request["reader"] is None:
        output = os.open(request["stdout"], flags, 0o600)
    else:
        reading, output = os.pipe()
        sink = os.open(request["stdout"], flags, 0o600)
        actions: list[Any] = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, sink, 1)]
        reader = os.posix_spawnp(
            request["reader"][0], request["reader"], environment, file_actions=actions
        )
        os.close(reading)
        os.close(sink)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, error, 2),
    ]
    begin = time.perf_counter()
    child = os.posix_spawnp(arguments[0], arguments, environment, file_actions=actions)
    os.close(output)
    os.close(error)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    if reader is not None:
        os.waitpid(reader, 0)
    return {
        "exit_code": os.waitstatus_to_exitcode(status),
        "wall_s": wall,
        "user_s": usage.ru_utime,
        "system_s": usage.ru_stime,
        "peak_kib": usage.ru_maxrss // _KIB_UNITS,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)
