"""``sigcli send``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened
from sigcli.errors import NoRecipients, NothingToSend, UsageError

if TYPE_CHECKING:
    from sigcli.client.outcomes import SendOutcome, SendResult


def send(
    ctx: typer.Context,
    recipients: Annotated[
        list[str] | None, typer.Argument(help="numbers, ACIs, PNI:…, aliases or contact names")
    ] = None,
    message: Annotated[str | None, typer.Option("-m", "--message", help="the text")] = None,
    message_from_stdin: Annotated[
        bool, typer.Option("--message-from-stdin", help="read the text from stdin")
    ] = False,
    attachments: Annotated[
        list[str] | None,
        typer.Option("-a", "--attachment", "--attachments", help="files or data: URIs"),
    ] = None,
    note_to_self: Annotated[
        bool, typer.Option("--note-to-self", help="send to the own devices")
    ] = False,
    group_ids: Annotated[
        list[str] | None, typer.Option("-g", "--group-id", "--group", help="groups, by their ids")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit 1 unless every recipient got it")
    ] = False,
) -> int:
    """Send a message.

    Prints the message's timestamp, which is its name for later edits, receipts and quotes.
    """
    text = _text(message, message_from_stdin)
    if not recipients and not note_to_self and not group_ids:
        raise NoRecipients
    if not text and not attachments:
        raise NothingToSend
    from sigcli.client.sending import send_message

    with opened(ctx.obj) as account:
        outcome = send_message(
            account,
            recipients=recipients or [],
            text=text,
            attachments=attachments or [],
            note_to_self=note_to_self,
            groups=group_ids or [],
        )
    return report_outcome(outcome, as_json=ctx.obj.json, strict=strict)


def report_outcome(outcome: SendOutcome, *, as_json: bool, strict: bool) -> int:
    """Print what became of a message and give the exit code."""
    error = outcome.failure(strict=strict)
    if as_json:
        terminal.print_json(outcome.as_json())
    else:
        for result in outcome.results:
            if not result.succeeded:
                terminal.warn(failure_line(result))
        if not outcome.results or any(result.succeeded for result in outcome.results):
            terminal.print_line(str(outcome.timestamp_ms))
    if error is None:
        return 0
    terminal.report(error, as_json=as_json)
    return error.exit_code


def failure_line(result: SendResult) -> str:
    """Why one recipient did not get the message, as a sentence."""
    who = result.recipient.identifier or "unknown"
    sentence = {
        "NETWORK_FAILURE": f'network failure for "{who}"',
        "UNREGISTERED_FAILURE": f'unregistered user "{who}"',
        "IDENTITY_FAILURE": f'untrusted identity for "{who}"',
        "INVALID_PRE_KEY_FAILURE": f'the service has no valid prekeys for "{who}"',
        "RATE_LIMIT_FAILURE": f'rate limit failure for "{who}"',
    }[result.type.value]
    if result.retry_after_s is not None:
        sentence += f", retry after {result.retry_after_s} seconds"
    if result.token is not None:
        sentence += (
            f"; solve a captcha and run sigcli submitRateLimitChallenge"
            f" --challenge {result.token} --captcha CAPTCHA"
        )
    if result.error is not None:
        sentence += f" ({result.error.message})"
    return sentence


def _text(message: str | None, from_stdin: bool) -> str | None:
    if not from_stdin:
        return message
    if message is not None:
        raise UsageError("--message and --message-from-stdin exclude each other")
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError("the text on stdin is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


COMMANDS = {"send": send}
