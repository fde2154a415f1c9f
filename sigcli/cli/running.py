"""From an operation with its parameters to what a terminal shows of it, and the exit code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from sigcli.cli import terminal
from sigcli.cli.standing_in import manner
from sigcli.operations.declaring import RECIPIENTS
from sigcli.operations.table import OPERATIONS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.cli.options import GlobalOptions
    from sigcli.client.base.account import Account
    from sigcli.operations.declaring import Declaration, Operation
    from sigcli.operations.results import Result
    from sigcli.operations.shapes.data import Data

# Functions of this package, as ``module:function``.
_RUN_HERE = {"receive": "receiving:receive"}
"""Operations whose result is not printed at the end."""
_BEFORE_OPENING = {
    "send": "stdin_text:with_text",
    "verify": "pin_input:with_given_pin",
    "finishChangeNumber": "pin_input:with_given_pin",
}
"""Parameters that only a terminal can give, read before the account is opened."""
_WHEN_OPENED = {"setPin": "pin_input:with_asked_pin"}
"""The same, for what is asked only once there is an account."""
_ENDS_LIKE_INTERRUPTED = frozenset({"verify"})
"""SIGTERM ends these as Ctrl-C does, so that no half-made account is left."""
_STOPPABLE = frozenset({"getAttachment"})
"""These end after their current step when asked to."""


def run_declared(name: str, declared: Declaration, options: GlobalOptions) -> int:
    """Run a command and return its exit code; ``main`` reports its errors."""
    entry = OPERATIONS[name]
    run_here: Any = declared
    if not entry.programs:
        return int(run_here.run(options))
    if name in _RUN_HERE:
        return int(_function(_RUN_HERE[name])(declared, options))
    operation: Operation = run_here
    if name in _ENDS_LIKE_INTERRUPTED:
        from sigcli.cli.stopping import end_like_interrupted

        end_like_interrupted()
    if name in _BEFORE_OPENING:
        operation = _function(_BEFORE_OPENING[name])(operation)
    from sigcli.cli.opening import opened, settings

    if entry.needs == SETTINGS:
        result = operation.run(settings(options))
    elif name in _STOPPABLE:
        from sigcli.cli.stopping import StopRequest

        with opened(options) as account, StopRequest() as stop:
            account.stop = stop
            result = operation.run(account)
    else:
        with opened(options) as account:
            if name in _WHEN_OPENED:
                operation = _function(_WHEN_OPENED[name])(operation)
            if manner().stands_in:
                operation = with_international_numbers(operation, account)
            result = operation.run(account)
    if (path := getattr(operation, "output_file", None)) is not None:
        from sigcli.cli.file_output import write

        return write(cast("Data", result), path, as_json=options.json)
    return present(result, as_json=options.json)


def with_international_numbers(operation: Operation, account: Account) -> Operation:
    """The operation with country codes added to people's numbers that lack them."""
    from sigcli.client.people.local_numbers import international_number
    from sigcli.lazy_dataclass import replace

    def read(word: str) -> str:
        if word in account.settings.aliases:
            return word
        return international_number(word, account.number) or word

    changed: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.completes == RECIPIENTS and (given := getattr(operation, parameter.name)):
            changed[parameter.name] = tuple(map(read, given)) if parameter.many else read(given)
    return replace(operation, **changed) if changed else operation  # type: ignore[type-var]


def present(result: Result, *, as_json: bool) -> int:
    """Print a result and return the exit code."""
    from sigcli.cli.render.results import show, tell

    if not as_json:
        show(result)
    elif not result.is_empty:
        terminal.print_json(result.to_json())
    tell(result)
    error = result.failure
    if error is None:
        return 0
    terminal.report(error, as_json=as_json)
    return manner().exit_code(error)


def _function(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"sigcli.cli.{module}"), name)
    return found
