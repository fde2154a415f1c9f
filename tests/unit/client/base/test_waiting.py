"""Waiting that signals end, whichever thread they come to."""

from __future__ import annotations

import subprocess
import sys

_WAITS = """
import os, signal, threading
from pathlib import Path
from sigcli.client.base.waiting import StopFlag, heed_signals, pause

def signal_this_thread():
    while "poll" not in waits_in.read_text():
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

stop = StopFlag()
heed_signals(stop.request, signal.SIGTERM)
waits_in = Path(f"/proc/self/task/{os.getpid()}/wchan")
threading.Thread(target=signal_this_thread, daemon=True).start()
pause(stop, 60)
assert stop.requested()
"""


def test_a_signal_that_another_thread_gets_ends_the_wait() -> None:
    subprocess.run([sys.executable, "-c", _WAITS], timeout=20, check=True)
