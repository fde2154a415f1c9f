"""``sigcli block``, ``unblock`` and ``sendMessageRequestResponse``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import editing
from sigcli.errors import NoRecipients, UsageError

Recipients = Annotated[
    list[str] | None,
    typer.Argument(help="numbers, ACIs, PNI:…, u:usernames, aliases or contact names"),
]
Groups = Annotated[
    list[str] | None, typer.Option("-g", "--group-id", "--group", help="groups, by their ids")
]


def block(ctx: typer.Context, recipients: Recipients = None, group_ids: Groups = None) -> None:
    """Block people and groups: nothing of theirs is printed any more.

    The other own devices block them as well. On the primary device somebody who has the profile key
    loses it: the account gets a new one, which the next receive tells to everybody else.
    """
    _set_blocked(ctx, recipients, group_ids, blocked=True)


def unblock(ctx: typer.Context, recipients: Recipients = None, group_ids: Groups = None) -> None:
    """Unblock people and groups, here and on the other own devices; people are accepted again."""
    _set_blocked(ctx, recipients, group_ids, blocked=False)


def send_message_request_response(
    ctx: typer.Context,
    recipients: Recipients = None,
    group_ids: Groups = None,
    usernames: Annotated[
        list[str] | None, typer.Option("-u", "--username", help="people by their usernames")
    ] = None,
    kind: Annotated[
        str, typer.Option("--type", metavar="accept|delete", help="what to answer")
    ] = "",
) -> None:
    """Accept the message requests of strangers, or delete them.

    Who is accepted learns the profile, and from then on that messages were delivered. The other own
    devices do the same.
    """
    if kind.lower() not in ("accept", "delete"):
        raise UsageError("--type is accept or delete")
    from sigcli.client.people.recipients import as_username

    people = [*(recipients or ()), *map(as_username, usernames or ())]
    if not people and not group_ids:
        raise NoRecipients(hint="name somebody (+number, ACI, PNI:…) or a group with -g")
    from sigcli.client.account.people.request_responses import respond_to_requests

    with editing(ctx.obj) as account:
        respond_to_requests(account, people, group_ids or [], accept=kind.lower() == "accept")


def _set_blocked(
    ctx: typer.Context, recipients: list[str] | None, group_ids: list[str] | None, *, blocked: bool
) -> None:
    if not recipients and not group_ids:
        raise NoRecipients(hint="name somebody (+number, ACI, PNI:…) or a group with -g")
    from sigcli.client.account.people.blocking import set_blocked

    with editing(ctx.obj) as account:
        set_blocked(account, recipients or [], group_ids or [], blocked=blocked)


COMMANDS = {
    "block": block,
    "unblock": unblock,
    "sendMessageRequestResponse": send_message_request_response,
}
