"""The entry point: answers ``--version`` and the top-level help at once, hands the rest to the command line."""

from __future__ import annotations

import gc
import os
import sys

from sigcli.system import leave_no_core_dump

TYPE_CHECKING = False  # importing typing would double what --version costs beside the interpreter
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.handover.visit import Visit


def run() -> None:
    """Run one command and leave with its exit code."""
    leave_no_core_dump()
    _open_closed_streams()
    from sigcli.cli.standing_in import manner, note_name

    note_name(sys.argv[0])
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        _answer(manner().version_line())
    if (not arguments and not manner().needs_command) or arguments in (
        ["-h"],
        ["--help"],
        ["help"],
    ):
        from sigcli.cli.presentation import width
        from sigcli.cli.top_level_help import top_level_help

        _answer(top_level_help(width()))
    if arguments[:1] == ["--complete"]:
        from sigcli.cli.completing import completions

        _answer(completions("".join(arguments[1:2]), os.environ).removesuffix("\n"))
    # A short run leaves little cyclic garbage, and looking for it would cost a tenth of its time.
    gc.set_threshold(150_000, 10, 10)
    exit_code = _handed_over(arguments)
    if exit_code is not None:
        _leave(exit_code)
    _import_dataclasses()
    _import_addresses()
    from sigcli.cli.app import main
    from sigcli.cli.terminal import escape_what_stdout_lacks

    escape_what_stdout_lacks()
    _leave(main(arguments, _serve))


def _import_dataclasses() -> None:
    """Import them without ``inspect``, of which they make nothing here: it costs as much as ten other modules."""
    from sigcli.leaving_out import left_out

    with left_out("inspect"):
        import dataclasses  # noqa: F401


def _import_addresses() -> None:
    """Import what ``pathlib`` and all networking import, without what is for addresses of IPv6 in brackets alone."""
    from sigcli.leaving_out import left_out

    with left_out("ipaddress"):
        import urllib.parse  # noqa: F401


def _answer(text: str) -> NoReturn:
    """Print text that needs no command, and exit; a reader that is gone is no failure, unwritable output is."""
    exit_code = 0
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        from sigcli.cli.terminal import report, unwritable

        failure = unwritable(error)
        report(failure, as_json=False)
        exit_code = failure.exit_code
    _leave(exit_code)


def _leave(exit_code: int) -> NoReturn:
    # Everything is closed already: tearing down the interpreter would only take time.
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib would be one more import for every command
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(exit_code)


def _handed_over(words: list[str]) -> int | None:
    """Let a running daemon run the command; returns its exit code, or None if no daemon can."""
    from sigcli.cli.handing_over import data_dir_for

    data_dir = data_dir_for(words, os.environ)
    if data_dir is None:
        return None
    from sigcli.store.daemon_place import socket_path

    path = socket_path(data_dir)
    if path is None:
        return None
    from sigcli.daemon.handover.calling import Lost, hand_over

    outcome = hand_over(path, words)
    if not isinstance(outcome, Lost):
        return outcome
    from sigcli.cli.after_loss import AfterLoss
    from sigcli.cli.app import main

    lost = AfterLoss(outcome.id, input_began=outcome.input_began, output_began=outcome.output_began)
    return main(words, None, lost)


def _serve(settings: Settings, options: Mapping[str, object], tell: Callable[[str], None]) -> int:
    """Run the daemon: command line and daemon do not import each other, and this file joins them."""
    from sigcli.daemon.running import serve

    # A daemon runs for long: garbage is collected again, but objects that stay for good are not searched each time.
    gc.set_threshold(5_000, 10, 10)
    return serve(settings, options, tell, _run_for_caller)


def _run_for_caller(words: Sequence[str], visit: Visit) -> int:
    """Run a command line that a caller handed over to this daemon."""
    from sigcli.cli.app import main

    return main(words, None, visit)


def _open_closed_streams() -> None:
    """Open something in place of each standard stream that the caller closed, so that no database gets its descriptor.

    Writing to a closed standard output fails; standard input is empty, standard error is discarded.
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
