"""``sigcli sendReaction``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.audience_options import (
    GroupIds,
    NoteToSelf,
    NotifySelf,
    Recipients,
    Story,
    TargetAuthor,
    TargetTimestamp,
    ToWhom,
    Usernames,
    send_composed_message,
)


def send_reaction(
    ctx: typer.Context,
    emoji: Annotated[str, typer.Option("-e", "--emoji", help="one emoji")],
    target_author: TargetAuthor,
    target_timestamp: TargetTimestamp,
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    remove: Annotated[bool, typer.Option("-r", "--remove", help="take the reaction back")] = False,
    story: Story = False,
) -> int:
    """React to a message with an emoji."""
    from sigcli.client.sending.message_kinds import reaction

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda account: reaction(
            account, emoji, target_author, target_timestamp, remove=remove, story=story
        ),
    )


COMMANDS = {"sendReaction": send_reaction}
