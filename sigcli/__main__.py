"""The entry point: answers ``--version`` and the top-level help at once, hands the rest to the command line."""

from __future__ import annotations

import sys


def run() -> None:
    """Run one command and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from sigcli import __version__

        print(f"sigcli {__version__}")
        return
    if not arguments or arguments in (["-h"], ["--help"], ["help"]):
        from sigcli.cli.command_table import top_level_help

        print(top_level_help())
        return
    from sigcli.cli.app import main

    sys.exit(main(arguments))


if __name__ == "__main__":
    run()
