"""``sigcli getAvatar``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.commands.attachments import print_data
from sigcli.cli.opening import opened
from sigcli.errors import UsageError


def get_avatar(
    ctx: typer.Context,
    contact: Annotated[
        str | None,
        typer.Option(
            "-c", "--contact", metavar="RECIPIENT", help="the picture in the address book"
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("-p", "--profile", metavar="RECIPIENT", help="the picture that they show"),
    ] = None,
    group_id: Annotated[
        str | None, typer.Option("-g", "--group-id", "--group", help="a group's picture")
    ] = None,
) -> None:
    """Print a picture in base64; one that is not here is fetched."""
    from sigcli.client.account.people import avatars

    if sum(word is not None for word in (contact, profile, group_id)) != 1:
        raise UsageError("give one of --contact, --profile and --group-id")
    with opened(ctx.obj) as account:
        if contact is not None:
            picture = avatars.contact_avatar(account, contact)
        elif profile is not None:
            picture = avatars.profile_avatar(account, profile)
        else:
            picture = avatars.group_avatar(account, group_id or "")
    print_data(picture, as_json=ctx.obj.json)


COMMANDS = {"getAvatar": get_avatar}
