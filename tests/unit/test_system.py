"""What operating systems do differently: behind one module, and everything can be imported where it is missing."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sigcli.system import (
    Wake,
    file_size_limit,
    free_bytes,
    has_hung_up,
    read_at,
    try_lock,
    unread_bytes,
    unread_request,
    user_id,
    wait_until,
)

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sigcli"
MISSING = {"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "tty"}

IMPORTS_ALL = """
from tests.support.like_windows import take_away
take_away()
import importlib, pkgutil, sigcli
names = [one.name for one in pkgutil.walk_packages(sigcli.__path__, "sigcli.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
PARTS = """
from tests.support.like_windows import take_away
take_away()
import os, sys, threading
from sigcli.system import *
assert user_id() is None and file_size_limit() is None and free_bytes(".") > 0
assert unread_request(1) is None and unread_bytes(1, None) == 0 and not has_hung_up(1)
wake = Wake()
assert wait_until(0, reading=(wake.fileno(),)) == set()
for _ in range(100_000):
    wake.set()  # never waits
threading.Timer(0.01, wake.set).start()
assert wait_until(60, reading=(wake.fileno(),)) == {wake.fileno()}
while wait_until(0, reading=(wake.fileno(),)):
    wake.clear()
wake.close()
one, other = (os.open(sys.argv[1], os.O_RDWR | os.O_CREAT) for _ in range(2))
assert try_lock(one) and not try_lock(other)
os.close(one)
assert try_lock(other) and try_record_lock(other, exclusive=True)
os.write(other, b"some text")
print(read_at(other, 4, (1 << 30) + 5))
"""


def run(program: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_every_module_can_be_imported_without_what_windows_lacks() -> None:
    files = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]
    assert int(run(IMPORTS_ALL)) == len(files)


def test_each_function_has_an_answer_there(tmp_path: Path) -> None:
    assert run(PARTS, str(tmp_path / "lock")) == "b'text'\n"


def test_one_module_alone_names_them() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        if not any(word in text for word in (*MISSING, "getuid", "geteuid")):
            continue
        for node in ast.walk(ast.parse(text)):
            names = (
                {alias.name for alias in node.names}
                if isinstance(node, ast.Import)
                else {node.module}
                if isinstance(node, ast.ImportFrom)
                else set()
            )
            if names & MISSING:
                found.add(path.name)
            if isinstance(node, ast.Attribute) and node.attr in ("getuid", "geteuid"):
                found.add(path.name)
    assert found == {"system.py"}


def test_a_lock_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    one, other = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    try:
        assert try_lock(one)
        assert not try_lock(other)
    finally:
        os.close(one)
    assert try_lock(other)
    os.write(other, b"some text")
    assert read_at(other, 4, 5) == b"text"
    os.close(other)


def test_a_wake_can_be_waited_for_set_and_cleared() -> None:
    wake = Wake()
    assert wait_until(0, reading=(wake.fileno(),)) == set()
    setting = threading.Timer(0.01, wake.set)
    setting.start()
    assert wait_until(60, reading=(wake.fileno(),)) == {wake.fileno()}
    wake.clear()
    assert wait_until(0, reading=(wake.fileno(),)) == set()
    setting.join()
    wake.close()


def test_what_a_reader_has_not_read_is_counted() -> None:
    reader, writer = os.pipe()
    request = unread_request(writer)
    os.write(writer, b"four")
    assert unread_bytes(writer, request) == 4
    assert not has_hung_up(writer)
    os.close(reader)
    assert has_hung_up(writer)
    os.close(writer)


def test_nothing_is_left_unread_in_a_file(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        assert unread_request(file.fileno()) is None
        assert unread_bytes(file.fileno(), None) == 0


def test_limits_and_rights_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_id() == os.geteuid()
    assert free_bytes(str(tmp_path)) > 0
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (4096, 4096))
    assert file_size_limit() == 4096
