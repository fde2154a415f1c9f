"""What the sandbox tells of itself waits for no reader."""

from __future__ import annotations

import os

from sigcli.cli.commands.sandbox import takes_a_line


def test_a_pipe_that_nobody_empties_takes_no_line() -> None:
    reader, writer = os.pipe()
    try:
        assert takes_a_line(writer)
        os.set_blocking(writer, False)
        filled = 0
        while takes_a_line(writer):
            filled += os.write(writer, bytes(4096))
        assert filled > 0
        while filled:
            filled -= len(os.read(reader, filled))
        assert takes_a_line(writer)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_file_takes_lines() -> None:
    with open(os.devnull, "w") as nothing:
        assert takes_a_line(nothing.fileno())
