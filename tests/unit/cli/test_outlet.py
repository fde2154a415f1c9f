"""Lines on their way out."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sigcli.cli.outlet import Outlet
from sigcli.errors import ReaderGone


def never() -> bool:
    return False


def test_a_line_counts_when_the_reader_took_it() -> None:
    read_end, write_end = os.pipe()
    taken = threading.Event()

    def deliver() -> None:
        assert Outlet(write_end, never).deliver("one")
        taken.set()

    thread = threading.Thread(target=deliver)
    thread.start()
    assert not taken.wait(0.2)
    assert os.read(read_end, 100) == b"one\n"
    assert taken.wait(10)
    thread.join()


def test_a_reader_that_dies_with_a_line_unread_has_not_taken_it() -> None:
    read_end, write_end = os.pipe()
    threading.Timer(0.05, os.close, [read_end]).start()
    with pytest.raises(ReaderGone):
        Outlet(write_end, never).deliver("one")


def test_a_reader_that_is_gone_already() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with pytest.raises(ReaderGone):
        Outlet(write_end, never).deliver("one")


def test_a_request_to_stop_ends_the_wait() -> None:
    _, write_end = os.pipe()
    assert not Outlet(write_end, lambda: True).deliver("one")
    asked = iter([False, True])
    assert not Outlet(write_end, lambda: next(asked, True)).deliver("x" * 1_000_000)


def test_head_takes_exactly_its_lines() -> None:
    with subprocess.Popen(
        ["head", "-n", "5"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as head:
        assert head.stdin is not None
        outlet = Outlet(head.stdin.fileno(), never)
        delivered = 0
        with contextlib.suppress(ReaderGone):
            while outlet.deliver(f"line {delivered}"):
                delivered += 1
        assert head.stdout is not None
        assert len(head.stdout.readlines()) == delivered == 5


def test_lines_larger_than_a_pipe_arrive_whole() -> None:
    code = "import sys; print(len(sys.stdin.readline()))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert Outlet(reader.stdin.fileno(), never).deliver("x" * 1_000_000)
        assert reader.stdout.read().strip() == b"1000001"


def test_a_file_takes_everything_at_once(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        assert Outlet(file.fileno(), never).deliver("é")
    assert (tmp_path / "out").read_bytes() == "é\n".encode()
