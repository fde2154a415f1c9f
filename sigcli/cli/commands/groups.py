"""``sigcli listGroups``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli import terminal
from sigcli.cli.opening import opened


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


COMMANDS = {"listGroups": list_groups}
