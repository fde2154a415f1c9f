"""The entry point: answers ``--version`` and the top-level help at once, hands the rest to the command line."""

from __future__ import annotations

import gc
import os
import sys


def run() -> None:
    """Run one command and leave with its exit code."""
    _open_closed_streams()
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from sigcli import __version__

        print(f"sigcli {__version__}")
        return
    if not arguments or arguments in (["-h"], ["--help"], ["help"]):
        from sigcli.cli.top_level_help import top_level_help

        print(top_level_help())
        return
    # A short run makes little garbage in cycles, and looking for it costs a tenth of its time.
    gc.set_threshold(150_000, 10, 10)
    from sigcli.cli.app import main

    exit_code = main(arguments)
    # What had to be closed is closed: taking the interpreter apart would only cost time.
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib would be one more import for every command
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(exit_code)


def _open_closed_streams() -> None:
    """Take the places of standard streams that the caller has closed, lest the account's database gets one of them.

    What is written to a closed standard output fails; standard input is empty, standard error goes nowhere.
    """
    for descriptor, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, flags)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r"))


if __name__ == "__main__":
    run()
