"""``sigcli sendTyping``."""

from __future__ import annotations

from typing import Annotated

import typer

from sigcli.cli.audience_options import GroupIds, Recipients, ToWhom
from sigcli.cli.opening import opened
from sigcli.cli.outcome_report import report_outcome


def send_typing(
    ctx: typer.Context,
    recipients: Recipients = None,
    group_ids: GroupIds = None,
    stop: Annotated[bool, typer.Option("-s", "--stop", help="no longer typing")] = False,
) -> int:
    """Show people who are online that you type, for 15 seconds or until --stop."""
    to_whom = ToWhom(recipients, group_ids)
    to_whom.require_any()
    from sigcli.client.sending import typing_indicators

    with opened(ctx.obj) as account:
        audience = to_whom.resolve(account)
        outcome = typing_indicators.send_typing(account, audience, stopped=stop)
    return report_outcome(outcome, as_json=ctx.obj.json, strict=False)


COMMANDS = {"sendTyping": send_typing}
