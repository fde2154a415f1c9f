"""``sigcli listGroups``, ``updateGroup``, ``joinGroup``, ``quitGroup``."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import editing, opened
from sigcli.errors import UsageError

if TYPE_CHECKING:
    from sigcli.client.base.outcomes import SendOutcome

E = TypeVar("E", bound=Enum)


def list_groups(
    ctx: typer.Context,
    group_ids: Annotated[
        list[str] | None,
        typer.Option("-g", "--group-id", "--group", help="only these, fetched from the service"),
    ] = None,
    detailed: Annotated[
        bool, typer.Option("-d", "--detailed", help="print more in text mode")
    ] = False,
) -> None:
    """List groups; needs neither network nor lock unless groups are named."""
    from sigcli.cli.render.group_list import group_json, group_line
    from sigcli.client.groups.listing import listed_groups

    with opened(ctx.obj) as account:
        directory = account.directory()
        groups = listed_groups(account, group_ids or [])
        if ctx.obj.json:
            terminal.print_json([group_json(group, directory) for group in groups])
            return
        for group in groups:
            terminal.print_line(group_line(group, directory, detailed=detailed))


def update_group(
    ctx: typer.Context,
    group_id: Annotated[
        str | None,
        typer.Option("-g", "--group-id", "--group", help="the group (default: make a new one)"),
    ] = None,
    name: Annotated[str | None, typer.Option("-n", "--name", help="its name")] = None,
    description: Annotated[
        str | None, typer.Option("-d", "--description", help="its description")
    ] = None,
    avatar: Annotated[
        str | None,
        typer.Option("-a", "--avatar", metavar="FILE", help='its picture ("": none)'),
    ] = None,
    members: Annotated[
        list[str] | None, typer.Option("-m", "--member", "--members", help="people to add")
    ] = None,
    remove_members: Annotated[
        list[str] | None,
        typer.Option("-r", "--remove-member", "--remove-members", help="people to remove"),
    ] = None,
    admins: Annotated[
        list[str] | None, typer.Option("--admin", "--admins", help="members who become admins")
    ] = None,
    remove_admins: Annotated[
        list[str] | None,
        typer.Option("--remove-admin", "--remove-admins", help="members who are admins no more"),
    ] = None,
    ban: Annotated[
        list[str] | None, typer.Option("--ban", help="people to remove who may not come back")
    ] = None,
    unban: Annotated[list[str] | None, typer.Option("--unban", help="people who may again")] = None,
    reset_link: Annotated[
        bool, typer.Option("--reset-link", help="make a new link, the old one ends")
    ] = False,
    link: Annotated[
        str | None,
        typer.Option("--link", metavar="enabled|enabled-with-approval|disabled", help="its link"),
    ] = None,
    add_member: Annotated[
        str | None,
        typer.Option(
            "--set-permission-add-member", metavar="every-member|only-admins", help="who may add"
        ),
    ] = None,
    edit_details: Annotated[
        str | None,
        typer.Option(
            "--set-permission-edit-details",
            metavar="every-member|only-admins",
            help="who may change name, description, picture and timer",
        ),
    ] = None,
    send_messages: Annotated[
        str | None,
        typer.Option(
            "--set-permission-send-messages",
            metavar="every-member|only-admins",
            help="who may send",
        ),
    ] = None,
    expiration_s: Annotated[
        int | None,
        typer.Option(
            "-e", "--expiration", metavar="SECONDS", help="messages vanish after that (0: never)"
        ),
    ] = None,
    label_emoji: Annotated[
        str | None, typer.Option("--member-label-emoji", help='the own label\'s emoji ("": none)')
    ] = None,
    label: Annotated[
        str | None, typer.Option("--member-label", help='the own label ("": none)')
    ] = None,
    terminate: Annotated[
        bool, typer.Option("--terminate", help="end the group for everybody")
    ] = False,
) -> None:
    """Make a group, or change one; an invitation to it is accepted.

    Whoever cannot be added at once, because their profile is not known yet, is invited.
    """
    from sigcli.client.account.groups import updating
    from sigcli.client.groups.wishes import GroupWishes, LinkState, Permission

    wishes = GroupWishes(
        title=name,
        description=description,
        avatar_path=avatar,
        timer_s=expiration_s,
        members=tuple(members or ()),
        remove_members=tuple(remove_members or ()),
        admins=tuple(admins or ()),
        remove_admins=tuple(remove_admins or ()),
        ban=tuple(ban or ()),
        unban=tuple(unban or ()),
        reset_link=reset_link,
        link=_choice("--link", LinkState, link),
        add_members=_choice("--set-permission-add-member", Permission, add_member),
        edit_details=_choice("--set-permission-edit-details", Permission, edit_details),
        send_messages=_choice("--set-permission-send-messages", Permission, send_messages),
        label_emoji=label_emoji,
        label_text=label,
        terminate=terminate,
    )
    with editing(ctx.obj) as account:
        if group_id is None:
            done = updating.create_group(account, wishes)
        else:
            done = updating.update_group(account, group_id, wishes)
    extra: dict[str, Any] = {}
    if done.created:
        extra["groupId"] = _id(done.group_id)
        if not ctx.obj.json:
            terminal.print_line(f'Created new group: "{_id(done.group_id)}"')
    _report(done.outcome, extra, as_json=ctx.obj.json)


def join_group(
    ctx: typer.Context,
    uri: Annotated[str, typer.Option("--uri", help="the group's link (https://signal.group/#…)")],
) -> None:
    """Join a group by its link, or ask to where an admin approves."""
    from sigcli.client.account.groups.joining import join_group as join

    with editing(ctx.obj) as account:
        joined = join(account, uri)
    extra: dict[str, Any] = {"groupId": _id(joined.group_id)}
    if joined.only_requested:
        extra["onlyRequested"] = True
    if not ctx.obj.json:
        did = "Requested to join" if joined.only_requested else "Joined"
        terminal.print_line(f'{did} group "{_id(joined.group_id)}"')
    _report(joined.outcome, extra, as_json=ctx.obj.json)


def quit_group(
    ctx: typer.Context,
    group_id: Annotated[str, typer.Option("-g", "--group-id", "--group", help="the group")],
    delete: Annotated[
        bool, typer.Option("--delete", help="forget the group on this computer as well")
    ] = False,
    admins: Annotated[
        list[str] | None,
        typer.Option(
            "--admin", "--admins", help="members who take over, if you are the only admin"
        ),
    ] = None,
) -> None:
    """Leave a group, or decline an invitation to it."""
    from sigcli.client.account.groups.leaving import quit_group as leave

    with editing(ctx.obj) as account:
        done = leave(account, group_id, delete=delete, admins=admins or [])
    _report(done.outcome, {}, as_json=ctx.obj.json)


def _report(outcome: SendOutcome | None, extra: dict[str, Any], *, as_json: bool) -> None:
    """Print how the group's people were told; that somebody was not reached undoes no change."""
    if as_json:
        terminal.print_json({**extra, **(outcome.as_json() if outcome is not None else {})})
        return
    if outcome is None:
        return
    from sigcli.cli.outcome_report import failure_line

    for result in outcome.results:
        if not result.succeeded:
            terminal.warn(failure_line(result))
    terminal.print_line(str(outcome.timestamp_ms))


def _choice(option: str, kind: type[E], word: str | None) -> E | None:
    if word is None:
        return None
    # Both spellings: the daemon's callers write enabledWithApproval.
    folded = word.replace("-", "").replace("_", "").lower()
    for choice in kind:
        if choice.value.replace("-", "") == folded:
            return choice
    raise UsageError(f"{option} takes one of {', '.join(choice.value for choice in kind)}")


def _id(group_id: bytes) -> str:
    from sigcli.client.groups.lookup import format_group_id

    return format_group_id(group_id)


COMMANDS = {
    "listGroups": list_groups,
    "updateGroup": update_group,
    "joinGroup": join_group,
    "quitGroup": quit_group,
}
