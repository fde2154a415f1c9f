"""Errors are loaded when they are asked for, a file at a time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sigcli import errors

AT_ONCE = """
import sys, threading
import sigcli.errors

asked = {names!r}
barrier = threading.Barrier(len(asked))
missed = []

def ask(name):
    barrier.wait()
    try:
        getattr(sigcli.errors, name)
    except AttributeError:
        missed.append(name)

threads = [threading.Thread(target=ask, args=(name,)) for name in asked]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert missed == [], missed
"""
ONE = """
import json, sys
from sigcli.errors import UsageError
print(json.dumps([name for name in sys.modules if name.startswith("sigcli.errors.")]))
"""


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_error_loads_its_file_and_no_rarer_one() -> None:
    assert set(json.loads(run(ONE))) == {"sigcli.errors.base", "sigcli.errors.user"}


def test_threads_that_ask_at_once_find_them_all() -> None:
    run(AT_ONCE.format(names=[name for name in dir(errors) if name != "annotations"][::4]))


def test_a_name_that_no_error_has_is_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        errors.Nonsense  # type: ignore[attr-defined]  # noqa: B018
