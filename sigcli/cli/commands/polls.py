"""``sigcli sendPollCreate``, ``sendPollVote``, ``sendPollTerminate``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.audience_options import (
    GroupIds,
    NoteToSelf,
    NotifySelf,
    Recipients,
    ToWhom,
    Usernames,
    send_composed_message,
)

PollTimestamp = Annotated[
    int, typer.Option("--poll-timestamp", min=0, help="the timestamp of the poll's message")
]


def send_poll_create(
    ctx: typer.Context,
    question: Annotated[str, typer.Option("-q", "--question", help="what is asked")],
    options: Annotated[
        list[str], typer.Option("-o", "--option", help="the answers to choose from, 2 to 10")
    ],
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    no_multi: Annotated[
        bool, typer.Option("--no-multi", help="everybody chooses one answer only")
    ] = False,
) -> int:
    """Start a poll."""
    from sigcli.client.sending.message_kinds import poll

    message = poll(question, options, allow_multiple=not no_multi)
    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda _: message,
    )


def send_poll_vote(
    ctx: typer.Context,
    poll_timestamp: PollTimestamp,
    vote_count: Annotated[
        int,
        typer.Option("--vote-count", min=1, help="how often you have voted, this vote included"),
    ],
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    poll_author: Annotated[
        str | None, typer.Option("--poll-author", help="who started the poll; you, if left out")
    ] = None,
    option_indexes: Annotated[
        list[int] | None,
        typer.Option("-o", "--option", min=0, help="the answers chosen, from 0; none: no more"),
    ] = None,
) -> int:
    """Vote in a poll; each vote replaces the one before."""
    from sigcli.client.sending.message_kinds import poll_vote

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda account: poll_vote(
            account, poll_author, poll_timestamp, option_indexes or [], vote_count
        ),
    )


def send_poll_terminate(
    ctx: typer.Context,
    poll_timestamp: PollTimestamp,
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
) -> int:
    """End an own poll."""
    from sigcli.client.sending.message_kinds import poll_end

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda _: poll_end(poll_timestamp),
    )


COMMANDS = {
    "sendPollCreate": send_poll_create,
    "sendPollVote": send_poll_vote,
    "sendPollTerminate": send_poll_terminate,
}
