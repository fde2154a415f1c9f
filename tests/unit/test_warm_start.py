"""A forked run is what a start of its own is, but for what is loaded already; of that nothing is sigcli's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.warm_start import WarmInterpreter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone has it")

ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
_TELL = """
import gc, os, signal, sys
print(__name__, sys.argv[1:], sorted(os.environ.items()), os.getcwd(), oct(os.umask(0)), sys.path)
print([(s.encoding, s.errors, s.isatty()) for s in (sys.stdin, sys.stdout, sys.stderr)])
print(sorted(os.listdir("/proc/self/fd"))[:3], sys.stdin.read(), file=sys.stderr)
print([signal.getsignal(n) for n in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE)], gc.isenabled())
"""


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmInterpreter]:
    warm = WarmInterpreter(ENVIRONMENT)
    yield warm
    warm.close()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script"


def outcome(
    warm: WarmInterpreter, script: Path, *words: str, stdin: bytes = b""
) -> tuple[object, ...]:
    process = warm.start(script, words, {**ENVIRONMENT, "ÄRGER": "\udcff"}, script.parent)
    with process.stdin, process.stdout, process.stderr:
        process.stdin.write(stdin)
        process.stdin.close()
        return process.stdout.read(), process.stderr.read(), process.wait(60)


def cold(script: Path, *words: str, stdin: bytes = b"") -> tuple[object, ...]:
    finished = subprocess.run(
        [sys.executable, str(script), *words],
        env={**ENVIRONMENT, "ÄRGER": "\udcff"},
        cwd=script.parent,
        input=stdin,
        capture_output=True,
        check=False,
    )
    return finished.stdout, finished.stderr, finished.returncode


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_it_finds_what_an_interpreter_of_its_own_finds(
    warm: WarmInterpreter, script: Path, umask: int
) -> None:
    script.write_text(_TELL)
    before = os.umask(umask)
    try:
        words = ("-m", "grüße", "\udcfe")
        assert outcome(warm, script, *words, stdin=b"in") == cold(script, *words, stdin=b"in")
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("import os; os._exit(4)", 4),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("raise ValueError", 1),
    ],
)
def test_ends_are_told(warm: WarmInterpreter, script: Path, end: str, code: int) -> None:
    script.write_text(end)
    assert (outcome(warm, script)[2], cold(script)[2]) == (code, code)


def test_nothing_of_sigcli_is_loaded_nor_what_it_loads_in_its_own_way(
    warm: WarmInterpreter, script: Path
) -> None:
    script.write_text("import sys; print(*{name.partition('.')[0] for name in sys.modules})")
    loaded = str(outcome(warm, script)[0]).split()
    assert not {"sigcli", "google", "websockets", "asyncio", "tests", "pytest"} & set(loaded)


def test_one_that_runs_on_can_be_killed(warm: WarmInterpreter, script: Path) -> None:
    script.write_text("print('here', flush=True); input()")
    process = warm.start(script, (), ENVIRONMENT, script.parent)
    with process.stdin, process.stdout, process.stderr:
        assert process.stdout.readline() == b"here\n"
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL


def test_what_an_interpreter_reads_once_has_to_be_the_same(warm: WarmInterpreter) -> None:
    assert warm.suits({**ENVIRONMENT, "HOME": "/"})
    for name in ("LC_ALL", "TZ", "PYTHONPATH"):
        assert not warm.suits({**ENVIRONMENT, name: "x"})
