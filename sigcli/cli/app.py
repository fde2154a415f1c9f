"""From words to a command: find it, load it, give it its words, turn what it raises into an exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.arguments import (
    arrange,
    looks_like_recipient,
    split_at_command,
)
from sigcli.cli.command_names import canonical_command
from sigcli.cli.options import JSON, GlobalOptions, settle
from sigcli.cli.presentation import settle_presentation, width
from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import here, surrounded_by
from sigcli.errors import SigcliError, UnexpectedError, UsageError
from sigcli.lazy_dataclass import replace
from sigcli.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.cli.arguments import Arranged
    from sigcli.cli.options import Serve
    from sigcli.cli.surroundings import Surroundings
    from sigcli.operations.declaring import Declaration

EXIT_SUCCESS = 0
EXIT_INTERRUPTED = 130
_HELP = frozenset({"-h", "--help"})
_NARROWEST = 40
"""Below this many columns, help would be mostly line breaks."""

_FOREIGN = {
    "jsoneventloop": "sigcli receive --json -t -1 prints messages as they come",
    "sendsynccontacts": "did you mean sendContacts?",
    **dict.fromkeys(
        ("startcall", "acceptcall", "rejectcall", "hangupcall", "listcalls"),
        "sigcli does not make calls",
    ),
}
"""What to do instead, by the commands of other programs that sigcli does not have."""


def main(
    words: Sequence[str], serve: Serve | None = None, surroundings: Surroundings | None = None
) -> int:
    """Run one command line and return its exit code.

    ``serve`` starts the daemon; ``surroundings`` default to this process's own. Raises only the exceptions by which the
    surroundings decline the command.
    """
    if surroundings is not None:
        with surrounded_by(surroundings):
            terminal.escape_what_stdout_lacks()
            return _run(words, None)
    return _run(words, serve)


def _run(words: Sequence[str], serve: Serve | None) -> int:
    # Errors in the words themselves are reported before the options are known.
    options = GlobalOptions({"output": JSON} if _asks_for_json(words) else {})
    settle_presentation(quiet=None, colours=None)
    name: str | None = None
    arranged: Arranged | None = None
    try:
        split = split_at_command(list(words))
        options = GlobalOptions({**options.given, **split.options.given})
        if options.get("version"):
            terminal.print_line(manner().version_line())
            return EXIT_SUCCESS
        if split.command is None:
            if manner().needs_command and not options.get("help"):
                raise UsageError("too few arguments: there is no command")
            return _print_top_level_help()
        command = split.command
        if command == "help":
            meant = [word for word in split.rest if word not in _HELP]
            if not meant:
                return _print_top_level_help()
            command, split = meant[0], replace(split, rest=("--help",))
        name = canonical_command(command, OPERATIONS)
        if name is None:
            raise _no_such_command(command)
        from sigcli.cli.declared_commands import declaration_of
        from sigcli.cli.plain_words import shape_of

        declared = declaration_of(name)
        shape = shape_of(declared)
        arranged = arrange(split, shape)
        options = arranged.options
        if options.get("help"):
            here().accept(name, None)
            return _print_help(name, declared, options)
        options = replace(settle(options, here().environ), serve=serve)
        settle_presentation(quiet=options.get("quiet"), colours=options.get("color"))
        if manner().forgets_account(name):
            options = options.without("account")
        here().accept(name, options.settled)
        if arranged.may_be_people:
            from sigcli.cli.known_names import is_person

            arranged = arrange(split, shape, lambda word: is_person(word, options))
        return _invoke(name, declared, options, arranged.words)
    except SigcliError as error:
        how = manner()
        if arranged is not None and arranged.taken_for_files:
            from sigcli.cli.known_names import explain

            explain(error, arranged)
        if how.forgives(error, name, words):
            terminal.warn(error.message)
            return EXIT_SUCCESS
        terminal.report(error, as_json=options.json)
        return how.exit_code(error, name)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return EXIT_SUCCESS
    except Exception as error:
        if options.verbose:
            import traceback

            traceback.print_exc(file=here().stderr)
        terminal.report(UnexpectedError(type(error).__name__), as_json=options.json)
        return UnexpectedError.exit_code


def _asks_for_json(words: Sequence[str]) -> bool:
    """Whether words that may not make sense, or the environment, ask for JSON output."""
    if "--json" in words or "--output=json" in words:
        return True
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-o", "--output")]
    return JSON in given or (not given and here().environ.get("SIGCLI_OUTPUT") == JSON)


def _print_top_level_help() -> int:
    from sigcli.cli.top_level_help import top_level_help

    terminal.print_text(top_level_help(width()))
    return EXIT_SUCCESS


def _print_help(name: str, declared: type[Declaration], options: GlobalOptions) -> int:
    try:
        return _invoke(name, declared, options, ["--help"])
    except BrokenPipeError:
        raise
    except OSError as error:
        raise terminal.unwritable(error) from error


def _invoke(
    name: str, declared: type[Declaration], options: GlobalOptions, arranged: list[str]
) -> int:
    from sigcli.cli.plain_words import read_plain

    given = read_plain(declared, arranged)
    if given is None:
        return _judge_by_typer(name, declared, options, arranged)
    from sigcli.cli.running import run_declared

    try:
        result = run_declared(name, declared(**given), options)
    except EOFError:
        # Input was asked for, and standard input has ended.
        result = EXIT_INTERRUPTED
    here().stdout.flush()
    return result


def _judge_by_typer(
    name: str, declared: type[Declaration], options: GlobalOptions, arranged: list[str]
) -> int:
    from sigcli.leaving_out import left_out

    # They start programs, name the shell and pack files, which neither help nor a usage error does.
    with left_out("subprocess", "platform", "shellingham", "bz2", "lzma", "zlib"):
        import typer

    from sigcli.cli.building import typer_command
    from sigcli.cli.running import run_declared

    def run(value: Declaration) -> int:
        return run_declared(name, value, options)

    usage_error = typer.BadParameter.__base__
    try:
        result = typer_command(name, declared, run).main(
            arranged,
            prog_name=f"{manner().program} {name}",
            standalone_mode=False,
            terminal_width=max(width() - 1, _NARROWEST),
        )
    except typer.Exit as exit_:
        result = exit_.exit_code
    except SystemExit as leaving:
        # The library's own reaction when the reader is gone.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise BrokenPipeError from None
        raise
    except typer.Abort:
        result = EXIT_INTERRUPTED
    except usage_error as error:  # type: ignore[misc]
        raise UsageError(
            _sentence(error.format_message()),
            hint=f"sigcli {name} --help shows what the command takes",
        ) from None
    here().stdout.flush()
    return result if isinstance(result, int) else EXIT_SUCCESS


def _no_such_command(word: str) -> UsageError:
    from difflib import get_close_matches

    hint = _FOREIGN.get(word.replace("-", "").lower())
    if hint is None and looks_like_recipient(word):
        hint = f"the account is named with -a: sigcli -a {word} COMMAND"
    if hint is None:
        near = get_close_matches(word, OPERATIONS, n=1)
        hint = f"did you mean {near[0]}?" if near else None
    return UsageError(f"there is no command {word!r}", hint=hint)


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _discard_stdout() -> None:
    """Keep Python from complaining at exit that the reader of stdout is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), here().stdout.fileno())
