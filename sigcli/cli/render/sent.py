"""The outcome of sending a message or changing a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.presentation import is_quiet
from sigcli.cli.standing_in import manner

if TYPE_CHECKING:
    from sigcli.client.base.events import Person
    from sigcli.client.base.outcomes import SendOutcome, SendResult
    from sigcli.operations.shapes.group_results import GroupChanged
    from sigcli.operations.shapes.sent import Sent


def show_sent(sent: Sent) -> None:
    """The message's timestamp, unless it reached nobody, and a warning for each recipient who did not get it.

    When standing in for signal-cli all of it goes to stdout, the timestamp in any case. A quiet run prints no
    timestamp.
    """
    outcome = sent.outcome
    _tell_failures(outcome)
    reached = not outcome.results or any(result.succeeded for result in outcome.results)
    if reached or manner().failures_on_stdout:
        _print_timestamp(outcome)


def show_group_changed(changed: GroupChanged) -> None:
    """The group if it is new, and the outcome of telling its members."""
    if changed.created:
        terminal.print_line(f'Created new group: "{changed.group_id_base64}"')
    if changed.joined:
        did = "Requested to join" if changed.only_requested else "Joined"
        terminal.print_line(f'{did} group "{changed.group_id_base64}"')
    if changed.outcome is not None:
        _tell_failures(changed.outcome)
        _print_timestamp(changed.outcome)


def tell_invited(changed: GroupChanged) -> None:
    """Name those who were only invited: they become members when they accept."""
    for person in changed.invited:
        terminal.warn(
            f"{_label(person)} is only invited so far, and becomes a member by accepting:"
            " their profile is not known here yet"
        )


def _label(person: Person) -> str:
    identifier = person.identifier or "someone"
    return f"{person.name} ({identifier})" if person.name else identifier


def _print_timestamp(outcome: SendOutcome) -> None:
    if not is_quiet():
        terminal.print_line(str(outcome.timestamp_ms))


def _tell_failures(outcome: SendOutcome) -> None:
    failed = [result for result in outcome.results if not result.succeeded]
    if not manner().failures_on_stdout:
        for result in failed:
            terminal.warn(failure_line(result))
    elif failed:
        terminal.print_line("Failed to send (some) messages:")
        for result in failed:
            terminal.print_line(f"{_named(result)}: {failure_line(result)}")


def _named(result: SendResult) -> str:
    """Whom signal-cli names before a failure: the group, or else the recipient."""
    if result.group_id is not None:
        from sigcli.operations.shapes.scalars import base64_text

        return base64_text(result.group_id)
    return result.recipient.identifier or "unknown"


def failure_line(result: SendResult) -> str:
    """Why one recipient did not get the message, as a sentence."""
    who = result.recipient.identifier or "unknown"
    if result.is_unknown:
        return f'it is not known whether "{who}" has got the message: the daemon ended meanwhile'
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
            f"; solve a captcha and run {manner().program} submitRateLimitChallenge"
            f" --challenge {result.token} --captcha CAPTCHA"
        )
    if result.error is not None:
        sentence += f" ({result.error.message})"
    return sentence
