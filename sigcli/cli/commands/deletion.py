"""``sigcli remoteDelete``, ``sendAdminDelete``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome
from sigcli.errors import UsageError

if TYPE_CHECKING:
    from sigcli.cli.options import GlobalOptions


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
    story: Annotated[
        bool,
        typer.Option("--story", help="it is an own story: for its viewers, or one group's with -g"),
    ] = False,
) -> int:
    """Delete an own message for everybody."""
    to_whom = ToWhom(recipients, group_ids, note_to_self, usernames=usernames)
    if story:
        return _delete_story(ctx.obj, target_timestamp, to_whom)
    from sigcli.client.sending.message_kinds import deletion, forget_deleted

    return send_composed_message(
        ctx.obj,
        to_whom,
        lambda _: deletion(target_timestamp),
        prepare=lambda account, audience: forget_deleted(account, audience, target_timestamp),
    )


def _delete_story(options: GlobalOptions, timestamp_ms: int, to_whom: ToWhom) -> int:
    groups = to_whom.group_ids or []
    if to_whom.people or to_whom.note_to_self or len(groups) > 1:
        raise UsageError("--story goes to everybody who sees the own stories, or to one group")
    from sigcli.client.account.stories import delete_story

    with opened(options) as account:
        outcome = delete_story(account, timestamp_ms, group_id=groups[0] if groups else None)
    return report_outcome(outcome, as_json=options.json, strict=False)


def send_admin_delete(
    ctx: typer.Context,
    target_author: TargetAuthor,
    target_timestamp: TargetTimestamp,
    group_ids: GroupIds = None,
    notify_self: NotifySelf = False,
    story: Story = False,
) -> int:
    """Delete somebody's message in a group for everybody, as an administrator."""
    from sigcli.client.sending.message_kinds import admin_deletion

    return send_composed_message(
        ctx.obj,
        ToWhom(group_ids=group_ids, notify_self=notify_self),
        lambda account: admin_deletion(account, target_author, target_timestamp, story=story),
    )


COMMANDS = {"remoteDelete": remote_delete, "sendAdminDelete": send_admin_delete}
