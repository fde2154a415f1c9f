"""From words to a command: find it, load it, hand it its words, turn what it raises into an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sigcli.cli import terminal
from sigcli.cli.arguments import (
    CommandShape,
    OptionShape,
    arrange,
    canonical_command,
    looks_like_recipient,
    split_at_command,
)
from sigcli.cli.command_table import COMMANDS, foreign_command_hint, top_level_help
from sigcli.cli.options import JSON, GlobalOptions, with_config, with_environment
from sigcli.errors import SigcliError, UnexpectedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_SUCCESS = 0
EXIT_INTERRUPTED = 130


def main(words: Sequence[str]) -> int:
    """Run one command line and return its exit code; never raises."""
    # What is wrong with the words themselves is reported before their options are known.
    options = GlobalOptions(output=JSON if _asks_for_json(words) else None)
    try:
        split = split_at_command(list(words))
        options = replace(split.options, output=split.options.output or options.output)
        if split.options.version:
            from sigcli import __version__

            terminal.print_line(f"sigcli {__version__}")
            return EXIT_SUCCESS
        if split.command is None:
            terminal.print_text(top_level_help())
            return EXIT_SUCCESS
        name = canonical_command(split.command, dict(COMMANDS))
        if name is None:
            raise _no_such_command(split.command)
        command = load_command(name)
        options, arranged = arrange(split, shape_of(command))
        if options.help:
            return _print_help(name, command, options)
        options = with_config(with_environment(options))
        return _invoke(name, command, options, arranged)
    except SigcliError as error:
        terminal.report(error, as_json=options.json)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return EXIT_SUCCESS
    except Exception as error:
        if options.verbose:
            import traceback

            traceback.print_exc()
        terminal.report(UnexpectedError(type(error).__name__), as_json=options.json)
        return UnexpectedError.exit_code


def _asks_for_json(words: Sequence[str]) -> bool:
    """Whether words that may not make sense ask for JSON output, or the environment does."""
    if "--json" in words or "--output=json" in words:
        return True
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-o", "--output")]
    return JSON in given or (not given and os.environ.get("SIGCLI_OUTPUT") == JSON)


def load_command(name: str) -> Any:
    """Import a command's module and build its Typer command."""
    import typer

    module = importlib.import_module(f"sigcli.cli.commands.{COMMANDS[name].module}")
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, context_settings={"help_option_names": ["-h", "--help"]})(
        module.COMMANDS[name]
    )
    return typer.main.get_command(app)


def shape_of(command: Any) -> CommandShape:
    """What the grammar must know of a Typer command."""
    options: dict[str, OptionShape] = {}
    takes_recipients = False
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            takes_recipients |= parameter.name in ("recipient", "recipients")
            continue
        # A metavar in brackets says that the value may be left out: then it is zero.
        optional = (parameter.metavar or "").startswith("[")
        shape = OptionShape(
            takes_value=not parameter.is_flag,
            greedy=is_greedy(parameter),
            value_if_bare="0" if optional else None,
        )
        for spelling in (*parameter.opts, *parameter.secondary_opts):
            options[spelling] = shape
    return CommandShape(options, takes_recipients)


def is_greedy(parameter: Any) -> bool:
    """Whether an option takes all words that follow it.

    One whose metavar has a colon (a header) is repeated instead: arguments may follow it.
    """
    return bool(parameter.multiple) and ":" not in (parameter.metavar or "")


def _print_help(name: str, command: Any, options: GlobalOptions) -> int:
    try:
        return _invoke(name, command, options, ["--help"])
    except BrokenPipeError:
        raise
    except OSError as error:
        raise terminal.unwritable(error) from error


def _invoke(name: str, command: Any, options: GlobalOptions, arranged: list[str]) -> int:
    import typer

    usage_error = typer.BadParameter.__base__
    try:
        result = command.main(
            arranged, prog_name=f"sigcli {name}", standalone_mode=False, obj=options
        )
    except typer.Exit as exit_:
        result = exit_.exit_code
    except SystemExit as leaving:
        # The library's own answer to a reader that has gone.
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
    sys.stdout.flush()
    return result if isinstance(result, int) else EXIT_SUCCESS


def _no_such_command(word: str) -> UsageError:
    from difflib import get_close_matches

    hint = foreign_command_hint(word)
    if hint is None and looks_like_recipient(word):
        hint = f"the account is named with -a: sigcli -a {word} COMMAND"
    if hint is None:
        near = get_close_matches(word, COMMANDS, n=1)
        hint = f"did you mean {near[0]}?" if near else None
    return UsageError(f"there is no command {word!r}", hint=hint)


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _discard_stdout() -> None:
    """Let nothing complain at exit that the reader of stdout has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
