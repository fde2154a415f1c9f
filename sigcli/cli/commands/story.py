"""``sigcli sendStory``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome


def send_story(
    ctx: typer.Context,
    attachment: Annotated[
        str, typer.Option("-a", "--attachment", help="a picture or a video: a file or data: URI")
    ],
    group_id: Annotated[
        str | None,
        typer.Option("-g", "--group-id", "--group", help="show it to the members of this group"),
    ] = None,
    no_replies: Annotated[
        bool, typer.Option("--no-replies", help="nobody can answer it or react to it")
    ] = False,
) -> int:
    """Show a picture or a video for a day, as a story.

    Without a group it goes to My Story: to the people whom this account talks to, as the phone has
    it set. Prints the story's timestamp; sigcli remoteDelete --story -t TIMESTAMP deletes it.
    """
    from sigcli.client.account import stories

    with opened(ctx.obj) as account:
        outcome = stories.send_story(
            account, attachment, group_id=group_id, allows_replies=not no_replies
        )
    return report_outcome(outcome, as_json=ctx.obj.json, strict=False)


COMMANDS = {"sendStory": send_story}
