"""Where a PIN comes from: the command line, or stdin or a hidden prompt, so that no process list shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.cli.surroundings import here
from sigcli.errors import UsageError
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from sigcli.operations.change_number import FinishChangeNumber
    from sigcli.operations.pin import SetPin
    from sigcli.operations.registration import Verify

    T = TypeVar("T", Verify, FinishChangeNumber)

STDIN = "-"


def with_given_pin(operation: T) -> T:
    """The operation with its PIN read, if it needs one; raises UsageError."""
    if operation.pin is None:
        return operation
    return replace(operation, pin=given_pin(operation.pin))


def with_asked_pin(operation: SetPin) -> SetPin:
    """The operation with its PIN, which is asked for if it is missing; raises UsageError."""
    return replace(operation, pin=given_pin(operation.pin))


def given_pin(word: str | None) -> str:
    """The PIN of an argument; ``-`` reads a line of stdin, no argument asks on a terminal. Raises UsageError."""
    surroundings = here()
    if word == STDIN or (word is None and not surroundings.stdin.isatty()):
        surroundings.input_begins()
        word = surroundings.stdin.readline().rstrip("\r\n")
    elif word is None:
        from getpass import getpass

        word = getpass("PIN: ")
        if getpass("Repeat it: ") != word:
            raise UsageError(
                "the two PINs differ", hint="nothing was changed: run the command again"
            )
    if not word.strip():
        raise UsageError("no PIN given: give it as an argument, or - to read it from stdin")
    try:
        word.encode()
    except UnicodeEncodeError:
        raise UsageError("the PIN is not valid in the encoding of this terminal") from None
    return word
