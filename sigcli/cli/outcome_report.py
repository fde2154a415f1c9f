"""Printing what became of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal

if TYPE_CHECKING:
    from sigcli.client.base.outcomes import SendOutcome, SendResult


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
        "NETWORK_FAILURE": f'Network failure for "{who}"',
        "UNREGISTERED_FAILURE": f'Unregistered user "{who}"',
        "IDENTITY_FAILURE": f'Untrusted Identity for "{who}"',
        "INVALID_PRE_KEY_FAILURE": f'the service has no valid prekeys for "{who}"',
        "RATE_LIMIT_FAILURE": f'Rate limit failure for "{who}"',
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
