"""``sigcli updateProfile``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import editing
from sigcli.errors import UsageError


def update_profile(
    ctx: typer.Context,
    given_name: Annotated[
        str | None, typer.Option("--given-name", "--name", help="first name")
    ] = None,
    family_name: Annotated[str | None, typer.Option("--family-name", help="last name")] = None,
    about: Annotated[str | None, typer.Option("--about", help="a text about the account")] = None,
    about_emoji: Annotated[
        str | None, typer.Option("--about-emoji", help="an emoji before it")
    ] = None,
    mobile_coin_address: Annotated[
        str | None, typer.Option("--mobile-coin-address", help="payment address, base64")
    ] = None,
    avatar: Annotated[str | None, typer.Option("--avatar", help="a picture's file")] = None,
    remove_avatar: Annotated[bool, typer.Option("--remove-avatar", help="show no picture")] = False,
) -> None:
    """Change the profile that others see; what is not named stays as it is."""
    if avatar is not None and remove_avatar:
        raise UsageError("--avatar and --remove-avatar exclude each other")
    from sigcli.client.people.profiles import ProfileChange
    from sigcli.client.people.profiles import update_profile as update

    with editing(ctx.obj) as account:
        update(
            account,
            ProfileChange(
                given_name=given_name,
                family_name=family_name,
                about=about,
                about_emoji=about_emoji,
                mobile_coin_address=mobile_coin_address,
                avatar_path=avatar,
                remove_avatar=remove_avatar,
            ),
        )


COMMANDS = {"updateProfile": update_profile}
