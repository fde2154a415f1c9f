"""Polls and pinned messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.render.message_parts import contact_of, print_target
from sigcli.cli.terminal import timestamp_text
from sigcli.operations.shapes.polls_and_pins import FOREVER, pin_duration_s

if TYPE_CHECKING:
    from sigcli.cli.render.lines import Lines
    from sigcli.client.base.events import Directory
    from sigcli.wire.content.polls_and_pins import PinMessage, PollCreate, PollVote


def print_poll_create(lines: Lines, poll: PollCreate) -> None:
    """A question and the answers to choose from."""
    lines.line(f'Poll Create: "{poll.question}" ({"multi" if poll.allow_multiple else "single"})')
    for option in poll.options:
        lines.line(f"- {option}")


def print_poll_vote(lines: Lines, vote: PollVote, directory: Directory) -> None:
    """The answers that a voter has chosen."""
    lines.line(
        f'Poll Vote: "{contact_of(vote.target_author, directory)}"'
        f" ({timestamp_text(vote.target_timestamp_ms)})"
        f" selected {','.join(map(str, vote.option_indexes))} (vote #{vote.vote_count})"
    )


def print_pin_message(lines: Lines, pin: PinMessage, directory: Directory) -> None:
    """A pinned message, and for how long it is pinned."""
    print_target(lines, pin, directory)
    duration_s = pin_duration_s(pin)
    if duration_s == FOREVER:
        lines.line("Duration: forever")
    elif duration_s == 0:
        lines.line("Duration: unspecified")
    else:
        lines.line(f"Duration: {duration_s} seconds")
