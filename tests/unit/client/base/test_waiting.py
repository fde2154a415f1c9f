"""Waiting that signals end, whichever thread they come to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

_WAITS = """
import signal, sys, threading, time
from sigcli.client.base.waiting import StopFlag, heed_signals, pause

stop = StopFlag()
heed_signals(stop.request, signal.SIGTERM)
# The main thread does not take the signal: the system gives it to the other one.
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("waits", flush=True)
pause(stop, 60)
assert stop.requested()
print("ended", flush=True)
"""


def test_a_signal_that_another_thread_gets_ends_the_wait() -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", _WAITS], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    with waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waits\n"
        waiting.send_signal(signal.SIGTERM)
        try:
            assert waiting.communicate(timeout=10)[0] == "ended\n"
        except subprocess.TimeoutExpired:
            waiting.kill()
            pytest.fail("the wait has not ended")
