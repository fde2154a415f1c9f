"""``sigcli remoteDelete``, ``sendAdminDelete``."""

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


def remote_delete(
    ctx: typer.Context,
    target_timestamp: Annotated[
        int,
        typer.Option("-t", "--target-timestamp", min=0, help="the timestamp of the own message"),
    ],
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    usernames: Usernames = None,
    note_to_self: NoteToSelf = False,
) -> int:
    """Delete an own message for everybody."""
    from sigcli.client.message_kinds import deletion, forget_deleted

    return send_composed_message(
        ctx.obj,
        ToWhom(recipients, group_ids, note_to_self, usernames=usernames),
        lambda _: deletion(target_timestamp),
        prepare=lambda account, audience: forget_deleted(account, audience, target_timestamp),
    )


def send_admin_delete(
    ctx: typer.Context,
    target_author: TargetAuthor,
    target_timestamp: TargetTimestamp,
    group_ids: GroupIds = None,
    notify_self: NotifySelf = False,
    story: Story = False,
) -> int:
    """Delete somebody's message in a group for everybody, as an administrator."""
    from sigcli.client.message_kinds import admin_deletion

    return send_composed_message(
        ctx.obj,
        ToWhom(group_ids=group_ids, notify_self=notify_self),
        lambda account: admin_deletion(account, target_author, target_timestamp, story=story),
    )


COMMANDS = {"remoteDelete": remote_delete, "sendAdminDelete": send_admin_delete}
