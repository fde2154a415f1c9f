"""``sigcli sendPinMessage``, ``sendUnpinMessage``."""

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


def send_pin_message(
    ctx: typer.Context,
    target_author: TargetAuthor,
    target_timestamp: TargetTimestamp,
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    pin_duration: Annotated[
        int, typer.Option("-d", "--pin-duration", help="seconds, -1 for ever", min=-1)
    ] = -1,
    story: Story = False,
) -> int:
    """Pin a message to the top of a conversation."""
    from sigcli.client.sending.message_kinds import pin

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda account: pin(account, target_author, target_timestamp, pin_duration, story=story),
    )


def send_unpin_message(
    ctx: typer.Context,
    target_author: TargetAuthor,
    target_timestamp: TargetTimestamp,
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
    notify_self: NotifySelf = False,
    story: Story = False,
) -> int:
    """Take a message from the top of a conversation."""
    from sigcli.client.sending.message_kinds import unpin

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, notify_self, usernames),
        lambda account: unpin(account, target_author, target_timestamp, story=story),
    )


COMMANDS = {"sendPinMessage": send_pin_message, "sendUnpinMessage": send_unpin_message}
